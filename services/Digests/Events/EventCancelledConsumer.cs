using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Events;

/// <summary>Digests list a cancelled event no more.</summary>
public sealed class EventCancelledConsumer(DigestsDb db) : IConsumer<EventCancelled>
{
    public Task Consume(ConsumeContext<EventCancelled> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var cancelled = context.Message;
        return db.FileAsync(cancelled.EventId, cancelled.Version, cancelled.Event, cancelled.ReleasedAt, cancelled: true, context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventCancelledConsumer, EventCancelled, DigestsDb>("alerts.digests.event-cancelled");
}
