using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Notices.Events;

/// <summary>Tells the changes that have waited long enough, and sends the reminders that are due: an event at a time, each in a transaction of its own.</summary>
internal sealed partial class SendDueNotices(IServiceScopeFactory scopes, TimeProvider clock, ILogger<SendDueNotices> logger) : IJob
{
    private const int AtOnce = 1_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        List<Guid> due;
        await using (var scope = scopes.CreateAsyncScope())
        {
            due = await DueAsync(scope.ServiceProvider.GetRequiredService<NoticesDb>(), clock.GetUtcNow(), cancellationToken);
        }

        foreach (var id in due)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await SendAsync(
                    scope.ServiceProvider.GetRequiredService<NoticesDb>(), scope.ServiceProvider.GetRequiredService<EventNotices>(), id, clock.GetUtcNow(), cancellationToken);
            }
            catch (DbUpdateException exception)
            {
                // Another process or a message was quicker: the next run sees what is left.
                LogOvertaken(id, exception);
            }
        }
    }

    internal static async Task<List<Guid>> DueAsync(NoticesDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = await db.Events.Where(e => e.DueAt <= now).OrderBy(e => e.DueAt).Select(e => e.EventId).Take(AtOnce).ToListAsync(cancellationToken);
        var reminders = await db.Reminders.Where(r => r.SettledAt == null && r.DueAt <= now).Select(r => r.EventId).Distinct().OrderBy(id => id).Take(AtOnce).ToListAsync(cancellationToken);
        return [.. changed.Union(reminders)];
    }

    internal static async Task SendAsync(NoticesDb db, EventNotices notices, Guid eventId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var noticed = await notices.FindAsync(eventId, cancellationToken);
        if (noticed.HasNews && await db.Reminders.AnyAsync(r => r.EventId == eventId && r.SettledAt == null && r.DueAt <= now, cancellationToken))
        {
            // The reminder would tell it, and the news after it.
            noticed.Hurry(now);
        }

        await notices.TellAsync(noticed, now, cancellationToken);
        await notices.RemindAsync(noticed, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Debug, "What is due about event {EventId} was dealt with elsewhere")]
    private partial void LogOvertaken(Guid eventId, Exception exception);
}
