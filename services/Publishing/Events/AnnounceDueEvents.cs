using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Alerts.Publishing.Events;

/// <summary>Announces the scheduled events whose time has come, the earliest first, each in a transaction of its own. One that began meanwhile becomes a draft again.</summary>
internal sealed partial class AnnounceDueEvents(PublishingDb db, EventEditing editing, TimeProvider clock, ILogger<AnnounceDueEvents> logger) : IJob
{
    /// <summary>In one run; the next one goes on.</summary>
    private const int AtOnce = 200;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.Events.Where(e => e.State == EventState.Scheduled && e.PublishAt <= now)
            .OrderBy(e => e.PublishAt).ThenBy(e => e.Id).Select(e => e.Id).Take(AtOnce).ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            // One that another process or an editor changed meanwhile is left to the next run, which finds it announced, or not due any more.
            db.ChangeTracker.Clear();
            if (await db.Events.FindAsync([id], cancellationToken) is not { State: EventState.Scheduled } each || each.PublishAt > now)
            {
                continue;
            }

            try
            {
                if (each.StartsAt <= now)
                {
                    each.Miss(now);
                    await db.SaveChangesAsync(cancellationToken);
                    LogMissed(id);
                }
                else
                {
                    await editing.AnnounceAsync(each, cancellationToken);
                }
            }
            catch (DbUpdateException exception)
            {
                LogFailed(exception, id);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Could not announce the event {EventId}; trying again in a few seconds")]
    private partial void LogFailed(Exception exception, Guid eventId);

    [LoggerMessage(LogLevel.Warning, "The event {EventId} had begun when it was to be announced, so it is a draft again")]
    private partial void LogMissed(Guid eventId);
}
