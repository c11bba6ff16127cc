using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.ServiceDefaults.Jobs;

/// <summary>
/// Forgets what was taken long ago. A second copy of a message lies in a queue no longer than its first copy did and is handled soon after it, so a week is plenty;
/// later ones meet the unique indexes of the consumers' own rows.
/// </summary>
public sealed class PurgeTakenMessages<TDb>(TDb db, TimeProvider clock) : IJob where TDb : AlertsDbContext
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - Kept;
        return db.TakenMessages.Where(m => m.TakenAt < before).ExecuteDeleteAsync(cancellationToken);
    }
}
