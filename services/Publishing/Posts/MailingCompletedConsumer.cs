using Alerts.Contracts;
using Alerts.Publishing.Events;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Posts;

/// <summary>Notes how many readers were sent it, when the mailing is about a post or an event of ours.</summary>
public sealed class MailingCompletedConsumer(PublishingDb db, TimeProvider clock) : IConsumer<MailingCompleted>
{
    public async Task Consume(ConsumeContext<MailingCompleted> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var completed = context.Message;
        if (PostOf(completed.Cause) is { } postId && !await db.PostDeliveries.AnyAsync(d => d.MailingId == completed.MailingId, context.CancellationToken))
        {
            db.PostDeliveries.Add(new PostDelivery
            {
                MailingId = completed.MailingId,
                PostId = postId,
                Recipients = completed.Recipients,
                Accepted = completed.Counts.GetValueOrDefault("accepted"),
                FirstAt = completed.FirstAt,
                LastAt = completed.LastAt,
            });
            await db.SaveChangesAsync(context.CancellationToken);
        }
        else if (EventOf(completed.Cause) is var (eventId, kind) && !await db.EventDeliveries.AnyAsync(d => d.MailingId == completed.MailingId, context.CancellationToken))
        {
            db.EventDeliveries.Add(new EventDelivery
            {
                MailingId = completed.MailingId,
                EventId = eventId,
                Kind = kind,
                Recipients = completed.Recipients,
                Accepted = completed.Counts.GetValueOrDefault("accepted"),
                Expired = completed.Counts.GetValueOrDefault("expired"),
                Cancelled = completed.Counts.GetValueOrDefault("cancelled"),
                CompletedAt = clock.GetUtcNow(),
                LastAt = completed.LastAt,
            });
            await db.SaveChangesAsync(context.CancellationToken);
        }
    }

    /// <summary>The event in a cause such as <c>event/{id}/{version}/announced</c> or <c>event/{id}/reminder/{offset}/{start}</c>, and which kind of news it is.</summary>
    internal static (Guid EventId, string Kind)? EventOf(string cause) => cause.Split('/') switch
    {
        ["event", var id, "reminder", ..] when Guid.TryParse(id, out var eventId) => (eventId, "reminder"),
        ["event", var id, _, var kind and ("announced" or "changed" or "cancelled"), ..] when Guid.TryParse(id, out var eventId) => (eventId, kind),
        _ => null,
    };

    /// <summary>The post in a cause such as <c>post/{id}/{version}/immediate</c>.</summary>
    internal static Guid? PostOf(string cause) =>
        cause.Split('/') is ["post", var id, _, ..] && Guid.TryParse(id, out var postId) ? postId : null;

    internal sealed class Definition() : TakingDefinition<MailingCompletedConsumer, MailingCompleted, PublishingDb>("alerts.publishing.mailing-completed");
}
