using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Posts;

/// <summary>Forgets posts that were filed a month ago and that every reader's cursor has passed.</summary>
public sealed class PurgeFiledPosts(DigestsDb db, TimeProvider clock) : IJob
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Readers who are due at no time were drained when they gave up their last digest; posts older than that are none of theirs any more.
        var reading = db.Readers.Where(r => r.DueAt != null);
        var daily = await reading.MinAsync(r => (long?)r.DailyCursor, cancellationToken) ?? long.MaxValue;
        var weekly = await reading.MinAsync(r => (long?)r.WeeklyCursor, cancellationToken) ?? long.MaxValue;
        var passed = Math.Min(daily, weekly);
        var before = clock.GetUtcNow() - Kept;
        await db.Posts.Where(p => p.FiledAt < before && (p.Seq == null || p.Seq <= passed)).ExecuteDeleteAsync(cancellationToken);
        await db.CutRequests.Where(r => r.RequestedAt < before).ExecuteDeleteAsync(cancellationToken);
    }
}
