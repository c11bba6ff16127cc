using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Events;

/// <summary>Digests list an event as it is now.</summary>
public sealed class EventChangedConsumer(DigestsDb db) : IConsumer<EventChanged>
{
    public Task Consume(ConsumeContext<EventChanged> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var changed = context.Message;
        return db.FileAsync(changed.EventId, changed.Version, changed.Event, changed.ReleasedAt, cancelled: false, context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventChangedConsumer, EventChanged, DigestsDb>("alerts.digests.event-changed");
}
