using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Events;

/// <summary>Forgets events, and who came, a while after they ended.</summary>
internal sealed class ForgetEvents(NoticesDb db, TimeProvider clock) : IJob
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - Kept;
        foreach (var id in await db.Events.Where(e => e.EndsAt < before).OrderBy(e => e.EndsAt).Select(e => e.EventId).Take(1_000).ToListAsync(cancellationToken))
        {
            await db.Answers.Where(a => a.EventId == id).ExecuteDeleteAsync(cancellationToken);
            await db.AnswerCounts.Where(a => a.EventId == id).ExecuteDeleteAsync(cancellationToken);
            await db.Reminders.Where(r => r.EventId == id).ExecuteDeleteAsync(cancellationToken);
            await db.Events.Where(e => e.EventId == id).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
