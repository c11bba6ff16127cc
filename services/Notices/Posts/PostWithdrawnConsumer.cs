using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Notices.Posts;

/// <summary>Calls off what hasn't been handed over of a withdrawn post's mailing, and remembers a withdrawal that came before the publication.</summary>
public sealed class PostWithdrawnConsumer(NoticesDb db, TimeProvider clock) : IConsumer<PostWithdrawn>
{
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
        if (await db.Mailings.FindAsync([post.MailingId ?? Guid.Empty], context.CancellationToken) is { CompletedAt: null, CancelledAt: null } mailing)
        {
            // The fan-out stops now; Delivery when it hears of it.
            var now = clock.GetUtcNow();
            mailing.Cancelled(now);
            db.Enqueue(new MailingCancelled { MailingId = mailing.Id, By = "notices", Why = "the post was withdrawn", CancelledAt = now }, now);
        }

        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostWithdrawnConsumer, PostWithdrawn, NoticesDb>("alerts.notices.post-withdrawn");
}
