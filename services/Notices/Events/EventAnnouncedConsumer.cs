using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Notices.Events;

/// <summary>Owes an announced event to everyone on its lists in its regions, at once.</summary>
public sealed class EventAnnouncedConsumer(NoticesDb db, EventNotices notices, TimeProvider clock) : IConsumer<EventAnnounced>
{
    public async Task Consume(ConsumeContext<EventAnnounced> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var now = clock.GetUtcNow();
        var noticed = await notices.FindAsync(context.Message.EventId, context.CancellationToken);
        noticed.Hear(context.Message, now);
        await notices.TellAsync(noticed, now, context.CancellationToken);
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventAnnouncedConsumer, EventAnnounced, NoticesDb>("alerts.notices.event-announced");
}
