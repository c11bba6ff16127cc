using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Posts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Notices.Posts;

/// <summary>Owes a published post to its immediate readers, or to all its readers when it is urgent. A post of a backlog is left to Digests.</summary>
public sealed class PostPublishedConsumer(NoticesDb db, PostMail mail, TimeProvider clock) : IConsumer<PostPublished>
{
    public async Task Consume(ConsumeContext<PostPublished> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var published = context.Message;
        var post = await db.Posts.FindAsync([published.PostId], context.CancellationToken);
        if (post?.SettledAt is not null)
        {
            return;
        }

        if (post is null)
        {
            post = new NoticedPost { PostId = published.PostId };
            db.Posts.Add(post);
        }

        var now = clock.GetUtcNow();
        if (post.Withdrawn || published.BacklogId is not null)
        {
            post.Settle(published.Version, null, now);
        }
        else
        {
            var prepared = await mail.ComposeAsync(published, post.Correction, now, context.CancellationToken);
            OutgoingMailing.Prepare(db, prepared, published.AudienceRevision, fansOut: true, published.Urgent ? null : Frequency.Immediate);
            post.Settle(published.Version, prepared.MailingId, now);
        }

        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostPublishedConsumer, PostPublished, NoticesDb>("alerts.notices.post-published");
}
