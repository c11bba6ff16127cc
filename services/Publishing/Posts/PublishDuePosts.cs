using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Alerts.Publishing.Posts;

/// <summary>Publishes the scheduled posts whose time has come, the earliest first, each in a transaction of its own.</summary>
internal sealed partial class PublishDuePosts(PublishingDb db, PostEditing editing, TimeProvider clock, ILogger<PublishDuePosts> logger) : IJob
{
    /// <summary>In one run; the next one goes on.</summary>
    private const int AtOnce = 200;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.Posts.Where(p => p.State == PostState.Scheduled && p.PublishAt <= now)
            .OrderBy(p => p.PublishAt).ThenBy(p => p.Id).Select(p => p.Id).Take(AtOnce).ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            // One that another process or an editor changed meanwhile is left to the next run, which finds it published, or not due any more.
            db.ChangeTracker.Clear();
            if (await db.Posts.FindAsync([id], cancellationToken) is not { State: PostState.Scheduled } post || post.PublishAt > now)
            {
                continue;
            }

            try
            {
                await editing.PublishAsync(post, cancellationToken);
            }
            catch (DbUpdateException exception)
            {
                LogFailed(exception, id);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Could not publish the post {PostId}; trying again in a few seconds")]
    private partial void LogFailed(Exception exception, Guid postId);
}
