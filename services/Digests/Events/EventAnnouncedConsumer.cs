using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Events;

/// <summary>Files an event for the digests until it begins.</summary>
public sealed class EventAnnouncedConsumer(DigestsDb db) : IConsumer<EventAnnounced>
{
    public Task Consume(ConsumeContext<EventAnnounced> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var announced = context.Message;
        return db.FileAsync(announced.EventId, announced.Version, announced.Event, announced.ReleasedAt, cancelled: false, context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventAnnouncedConsumer, EventAnnounced, DigestsDb>("alerts.digests.event-announced");
}
