using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Posts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Posts;

/// <summary>Calls off what hasn't been handed over of a withdrawn post's mailing, and remembers a withdrawal that came before the publication.</summary>
public sealed class PostWithdrawnConsumer(NoticesDb db, TimeProvider clock) : IConsumer<PostWithdrawn>
{
    /// <summary>Older ones have gone out long since.</summary>
    private const int MostCorrections = 50;

    public async Task Consume(ConsumeContext<PostWithdrawn> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var post = await db.Posts.FindAsync([context.Message.PostId], context.CancellationToken);
        if (post?.Withdrawn == true)
        {
            return;
        }

        if (post is null)
        {
            post = new NoticedPost { PostId = context.Message.PostId };
            db.Posts.Add(post);
        }

        post.Withdraw(context.Message.Version);
        List<Guid> ids = [post.MailingId ?? Guid.Empty, .. CorrectionsOf(context.Message)];
        foreach (var mailing in await db.Mailings.Where(m => ids.Contains(m.Id) && m.CompletedAt == null && m.CancelledAt == null).ToListAsync(context.CancellationToken))
        {
            // The fan-out stops now; Delivery when it hears of it.
            var now = clock.GetUtcNow();
            mailing.Cancelled(now);
            db.Enqueue(new MailingCancelled { MailingId = mailing.Id, By = "notices", Why = "the post was withdrawn", CancelledAt = now }, now);
        }

        await db.SaveChangesAsync(context.CancellationToken);
    }

    /// <summary>The mailings about its latest corrections, whether or not there were any.</summary>
    private static IEnumerable<Guid> CorrectionsOf(PostWithdrawn post) =>
        Enumerable.Range(Math.Max(2, post.Version - MostCorrections + 1), Math.Clamp(post.Version - 1, 0, MostCorrections)).Select(version => MailingId.Of(PostMail.CorrectionCause(post.PostId, version)));

    internal sealed class Definition() : TakingDefinition<PostWithdrawnConsumer, PostWithdrawn, NoticesDb>("alerts.notices.post-withdrawn");
}
