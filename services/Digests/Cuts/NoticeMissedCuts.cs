using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Alerts.Digests.Cuts;

/// <summary>
/// Compares what should have been cut with what was: a digest that has been due for a quarter of an hour, that nobody holds and no cut is at, means that a run never
/// started. It is said in the log, in metrics and on the page of digests; the next sweep makes it up.
/// </summary>
public sealed partial class NoticeMissedCuts(DigestsDb db, DigestMetrics metrics, TimeProvider clock, ILogger<NoticeMissedCuts> logger) : IJob
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var overdue = await OverdueAsync(db, clock.GetUtcNow(), cancellationToken);
        metrics.Overdue(overdue);
        if (overdue > Cut.Late)
        {
            LogMissed(overdue.TotalMinutes);
        }
    }

    /// <summary>For how long the first digest has been due that is neither held nor being cut; zero when there is none.</summary>
    internal static async Task<TimeSpan> OverdueAsync(DigestsDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.Cuts.AnyAsync(c => c.FinishedAt == null, cancellationToken))
        {
            return TimeSpan.Zero;
        }

        var due = await CutDueDigests.FirstDueAsync(db, Served.Both & ~await CutDueDigests.HeldAsync(db, cancellationToken), cancellationToken);
        return due < now ? now - due.Value : TimeSpan.Zero;
    }

    [LoggerMessage(LogLevel.Warning, "Digests have been due for {Minutes:0} minutes and no run has cut them: is a process of Digests running?")]
    private partial void LogMissed(double minutes);
}
