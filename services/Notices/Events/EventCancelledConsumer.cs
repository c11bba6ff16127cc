using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Notices.Events;

/// <summary>Owes a cancellation to those who were told of the event, at once.</summary>
public sealed class EventCancelledConsumer(NoticesDb db, EventNotices notices, TimeProvider clock) : IConsumer<EventCancelled>
{
    public async Task Consume(ConsumeContext<EventCancelled> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var now = clock.GetUtcNow();
        var noticed = await notices.FindAsync(context.Message.EventId, context.CancellationToken);
        noticed.Hear(context.Message, now);
        await notices.TellAsync(noticed, now, context.CancellationToken);
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventCancelledConsumer, EventCancelled, NoticesDb>("alerts.notices.event-cancelled");
}
