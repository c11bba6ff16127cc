using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Posts;

/// <summary>Notes how many readers a post was sent to, when the mailing is about a post of ours.</summary>
public sealed class MailingCompletedConsumer(PublishingDb db) : IConsumer<MailingCompleted>
{
    public async Task Consume(ConsumeContext<MailingCompleted> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var completed = context.Message;
        if (PostOf(completed.Cause) is not { } postId || await db.PostDeliveries.AnyAsync(d => d.MailingId == completed.MailingId, context.CancellationToken))
        {
            return;
        }

        db.PostDeliveries.Add(new PostDelivery
        {
            MailingId = completed.MailingId,
            PostId = postId,
            Recipients = completed.Recipients,
            Accepted = completed.Counts.GetValueOrDefault("accepted"),
            LastAt = completed.LastAt,
        });
        await db.SaveChangesAsync(context.CancellationToken);
    }

    /// <summary>The post in a cause such as <c>post/{id}/{version}/immediate</c>.</summary>
    internal static Guid? PostOf(string cause) =>
        cause.Split('/') is ["post", var id, _, ..] && Guid.TryParse(id, out var postId) ? postId : null;

    internal sealed class Definition() : TakingDefinition<MailingCompletedConsumer, MailingCompleted, PublishingDb>("alerts.publishing.mailing-completed");
}
