using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Posts;

/// <summary>
/// Forgets posts that were filed three months ago, that every reader's cursor has passed, and that no reader can still turn out to be owed; and the editions, cuts, events and
/// introductions of that time.
/// </summary>
public sealed class PurgeFiledPosts(DigestsDb db, TimeProvider clock) : IJob
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>What was withdrawn or corrected before it was published waits so long: such rows are few and small, and without one a post that comes late goes out although it was taken back.</summary>
    private static readonly TimeSpan KeptBefore = TimeSpan.FromDays(3_650);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Readers who are due at no time were drained when they gave up their last digest; posts older than that are none of theirs any more.
        var reading = db.Readers.Where(r => r.DueAt != null);
        var daily = await reading.MinAsync(r => (long?)r.DailyCursor, cancellationToken) ?? long.MaxValue;
        var weekly = await reading.MinAsync(r => (long?)r.WeeklyCursor, cancellationToken) ?? long.MaxValue;
        var passed = Math.Min(daily, weekly);

        // Whoever isn't known yet has changed since the audience was last read, and may be owed what was published from then on.
        var read = await db.SweepPlace.Select(p => p.Revision).SingleAsync(cancellationToken);
        var before = clock.GetUtcNow() - Kept;
        var longBefore = clock.GetUtcNow() - KeptBefore;
        await db.Posts.Where(p => p.FiledAt < before && p.Seq <= passed && p.Revision <= read).ExecuteDeleteAsync(cancellationToken);
        await db.Posts.Where(p => p.FiledAt < longBefore && p.Seq == null).ExecuteDeleteAsync(cancellationToken);
        await db.CutRequests.Where(r => r.RequestedAt < before).ExecuteDeleteAsync(cancellationToken);
        await db.Editions.Where(e => e.CutAt < before).ExecuteDeleteAsync(cancellationToken);
        await db.Cuts.Where(c => c.FinishedAt < before).ExecuteDeleteAsync(cancellationToken);
        await db.Events.Where(e => e.EndsAt < before).ExecuteDeleteAsync(cancellationToken);
        await db.Introductions.Where(i => i.Until < before).ExecuteDeleteAsync(cancellationToken);
    }
}
