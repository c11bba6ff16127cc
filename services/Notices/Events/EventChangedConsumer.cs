using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Alerts.Notices.Events;

/// <summary>Keeps a change for a while, so that another one that follows goes in the same mail; see <see cref="NoticeOptions.ChangeWait"/>.</summary>
public sealed class EventChangedConsumer(NoticesDb db, EventNotices notices, IOptions<NoticeOptions> options, TimeProvider clock) : IConsumer<EventChanged>
{
    public async Task Consume(ConsumeContext<EventChanged> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var now = clock.GetUtcNow();
        var noticed = await notices.FindAsync(context.Message.EventId, context.CancellationToken);
        noticed.Hear(context.Message, now, options.Value.ChangeWait);
        await notices.TellAsync(noticed, now, context.CancellationToken);
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<EventChangedConsumer, EventChanged, NoticesDb>("alerts.notices.event-changed");
}
