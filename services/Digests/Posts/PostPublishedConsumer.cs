using Alerts.Contracts;
using Alerts.Digests.Backlogs;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Posts;

/// <summary>Files a published post for the next digests; with the last post of a backlog, the backlog's digest goes out.</summary>
public sealed class PostPublishedConsumer(DigestsDb db, BacklogDigest backlogDigest, TimeProvider clock) : IConsumer<PostPublished>
{
    public async Task Consume(ConsumeContext<PostPublished> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var published = context.Message;
        var now = clock.GetUtcNow();
        await using var transaction = await db.BeginFilingAsync(context.CancellationToken);
        var post = await db.FindOrFileAsync(published.PostId, now, context.CancellationToken);
        if (post.ReleasedAt is not null)
        {
            return;
        }

        post.Publish(published, await db.NextSeqAsync(context.CancellationToken));
        await db.SaveChangesAsync(context.CancellationToken);
        if (published.BacklogId is { } backlogId && await db.Backlogs.FindAsync([backlogId], context.CancellationToken) is { } backlog)
        {
            await backlogDigest.PrepareIfCompleteAsync(db, backlog, now, context.CancellationToken);
            await db.SaveChangesAsync(context.CancellationToken);
        }

        await transaction.CommitAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostPublishedConsumer, PostPublished, DigestsDb>("alerts.digests.post-published")
    {
        /// <summary>Each would wait for the other's lock.</summary>
        protected override int ConcurrentMessages => 1;
    }
}
