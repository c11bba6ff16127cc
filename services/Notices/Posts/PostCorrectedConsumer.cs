using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Posts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Notices.Posts;

/// <summary>
/// Keeps the text of a correction that came before the publication. Of a post already under way those who have it at once get a mail only where the editor asked for one:
/// the same readers, as of the same revision.
/// </summary>
public sealed class PostCorrectedConsumer(NoticesDb db, PostMail mail, TimeProvider clock) : IConsumer<PostCorrected>
{
    public async Task Consume(ConsumeContext<PostCorrected> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var post = await db.Posts.FindAsync([context.Message.PostId], context.CancellationToken);
        if (post is null)
        {
            post = new NoticedPost { PostId = context.Message.PostId };
            db.Posts.Add(post);
        }

        post.Corrected(context.Message);
        if (context.Message.Mail && !post.Withdrawn && await db.Mailings.FindAsync([post.MailingId ?? Guid.Empty], context.CancellationToken) is { CancelledAt: null } told)
        {
            var prepared = await mail.ComposeCorrectionAsync(context.Message, told.Lists, told.Priority == MailingPriority.Urgent, clock.GetUtcNow(), context.CancellationToken);
            if (await db.Mailings.FindAsync([prepared.MailingId], context.CancellationToken) is null)
            {
                OutgoingMailing.Prepare(db, prepared, told.Revision, fansOut: true, told.Frequency);
            }
        }

        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostCorrectedConsumer, PostCorrected, NoticesDb>("alerts.notices.post-corrected");
}
