using Alerts.Digests.Readers;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Digests.Cuts;

/// <summary>
/// Follows the audience, then cuts the digests that are due or were asked for. Each step is a short transaction of its own: killed anywhere, the next sweep goes on where it
/// stood. Of several processes one follows, begins and ends cuts at a time, see <see cref="SweepPlace"/>; through a cut's readers they go side by side, see <see cref="Stretch"/>.
/// </summary>
/// <remarks>While a cut is under way nobody follows the audience: only one hand at a time changes a reader's row.</remarks>
public sealed partial class CutDueDigests(
    IServiceScopeFactory scopes, FollowAudience audience, CutStretches stretches, DigestMetrics metrics, TimeProvider clock, ILogger<CutDueDigests> logger) : IJob
{
    private const int SealedAtOnce = 200;
    private const int RescheduledAtOnce = 500;

    /// <summary>A digest that is due later than this was put there by a clock that has been set back since: also where zones skip a date it can't be.</summary>
    private static readonly TimeSpan LongestToDaily = TimeSpan.FromDays(3);

    private static readonly TimeSpan LongestToWeekly = TimeSpan.FromDays(10);

    private readonly Guid holder = Guid.NewGuid();

    private delegate Task<bool> Step(DigestsDb db, SweepPlace place, DateTimeOffset now, CancellationToken cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await FinishCutAsync(cancellationToken))
            {
                return;
            }

            await NoticeClockAsync(cancellationToken);

            // Who is asked for by a request was subscribed before it: so requests first, then the audience.
            var requests = new List<Guid>();
            await StepAsync((db, _, _, stop) => FindRequestsAsync(db, requests, stop), cancellationToken);
            await RepeatAsync(audience.StepAsync, cancellationToken);
            await StepAsync(FindStragglersAsync, cancellationToken);
            while (await StepAsync((db, _, now, stop) => StartCutAsync(db, requests, now, stop), cancellationToken) && await FinishCutAsync(cancellationToken))
            {
            }
        }
        catch (DbUpdateConcurrencyException)
        {
            LogOther();
        }
        finally
        {
            await LeaveAsync();
        }
    }

    private async Task RepeatAsync(Step step, CancellationToken cancellationToken)
    {
        while (await StepAsync(step, cancellationToken))
        {
        }
    }

    /// <summary>A step reads the place first and saves it last, so that of two who take the same step one saves nothing.</summary>
    private async Task<bool> StepAsync(Step step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DigestsDb>();
        var now = clock.GetUtcNow();
        var place = await db.SweepPlace.SingleAsync(cancellationToken);
        if (!place.TakeTurn(holder, now))
        {
            throw new DbUpdateConcurrencyException("Another process is sweeping.");
        }

        var more = await step(db, place, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return more;
    }

    /// <summary>Lets another process sweep at once rather than after the lease.</summary>
    private async Task LeaveAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DigestsDb>();
        await db.SweepPlace.Where(p => p.Holder == holder).ExecuteUpdateAsync(set => set.SetProperty(p => p.HeldUntil, (DateTimeOffset?)null), CancellationToken.None);
    }

    /// <summary>Cuts what is left of the cut under way, together with whoever else is at it, and ends it. False when others are still at it.</summary>
    private async Task<bool> FinishCutAsync(CancellationToken cancellationToken)
    {
        while (await UnderWayAsync(cancellationToken) is { } cut)
        {
            if (!await stretches.TakeAllAsync(cut, cancellationToken))
            {
                return false;
            }

            await RepeatAsync((db, _, now, stop) => SealAsync(db, cut, now, stop), cancellationToken);
        }

        return true;
    }

    private async Task<Cut?> UnderWayAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<DigestsDb>().Cuts.AsNoTracking().OrderBy(c => c.Id).FirstOrDefaultAsync(c => c.FinishedAt == null, cancellationToken);
    }

    /// <summary>When the clock was set back, digests that were due by the clock before would be due in the far future: they are due again at their readers' next hours.</summary>
    private async Task NoticeClockAsync(CancellationToken cancellationToken)
    {
        var after = Guid.Empty;
        await RepeatAsync(
            async (db, place, now, stop) =>
            {
                if (place.SweptAt > now)
                {
                    var (daily, weekly) = (now + LongestToDaily, now + LongestToWeekly);
                    var readers = await db.Readers.Where(r => r.SubscriberId > after && (r.DailyDueAt > daily || r.WeeklyDueAt > weekly))
                        .OrderBy(r => r.SubscriberId).Take(RescheduledAtOnce).ToListAsync(stop);
                    readers.ForEach(reader => reader.Reschedule(now));
                    if (readers.Count == RescheduledAtOnce)
                    {
                        after = readers[^1].SubscriberId;
                        return true;
                    }
                }

                place.SweptAt = now;
                return false;
            },
            cancellationToken);
    }

    private static async Task<bool> FindRequestsAsync(DigestsDb db, List<Guid> requests, CancellationToken cancellationToken)
    {
        requests.AddRange((await CutRequests.ReadyAsync(db, cancellationToken)).Select(request => request.Id));
        return false;
    }

    /// <summary>
    /// A post may come late: a reader who gave up her last digest after its release has been drained since and is due at no time. Whoever changed after the revision of such
    /// a post is looked at once more, though not before the end of her pause.
    /// </summary>
    private static async Task<bool> FindStragglersAsync(DigestsDb db, SweepPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = await LastSeqAsync(db, cancellationToken);
        var seen = place.StragglersSeq;
        if (await db.Posts.Where(p => p.Seq > seen && p.Seq <= last).MinAsync(p => (long?)p.Revision, cancellationToken) is { } earliest)
        {
            await db.Readers.Where(r => r.DueAt == null && r.Revision > earliest).ExecuteUpdateAsync(
                set => set.SetProperty(r => r.DailyDueAt, r => r.PausedUntil > now ? r.PausedUntil : now).SetProperty(r => r.DueAt, r => r.PausedUntil > now ? r.PausedUntil : now),
                cancellationToken);
        }

        place.StragglersSeq = last;
        return false;
    }

    /// <summary>False when nobody asked and nothing is due.</summary>
    private async Task<bool> StartCutAsync(DigestsDb db, List<Guid> requests, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var asked = await db.CutRequests.Where(r => requests.Contains(r.Id) && r.CutId == null).ToListAsync(cancellationToken);
        var serves = asked.Aggregate(Served.None, (all, request) => all | request.Serves);
        DateTimeOffset? due = null;
        if (asked.Count == 0)
        {
            serves = Served.Both & ~await HeldAsync(db, cancellationToken);
            due = await FirstDueAsync(db, serves, cancellationToken);
            if (due is null || due > now)
            {
                return false;
            }
        }

        var cut = new Cut
        {
            Id = Guid.CreateVersion7(now),
            Cause = asked.Count > 0 ? CutCause.Now : CutCause.Scheduled,
            Serves = serves,
            DueAt = due,
            StartedAt = now,
            UpToSeq = await LastSeqAsync(db, cancellationToken),
        };
        db.Cuts.Add(cut);
        await stretches.DivideAsync(db, cut, cancellationToken);
        asked.ForEach(request => request.CutId = cut.Id);
        return true;
    }

    /// <summary>The digests that editors hold.</summary>
    internal static async Task<Served> HeldAsync(DigestsDb db, CancellationToken cancellationToken) =>
        (await db.Holds.Select(h => h.Digest).ToListAsync(cancellationToken)).Aggregate(Served.None, (all, digest) => all | digest);

    /// <summary>When the first of these digests is due, or was. Null when none will be.</summary>
    internal static async Task<DateTimeOffset?> FirstDueAsync(DigestsDb db, Served serves, CancellationToken cancellationToken) => serves switch
    {
        Served.Both => await db.Readers.MinAsync(r => r.DueAt, cancellationToken),
        Served.Daily => await db.Readers.MinAsync(r => r.DailyDueAt, cancellationToken),
        Served.Weekly => await db.Readers.MinAsync(r => r.WeeklyDueAt, cancellationToken),
        _ => null,
    };

    /// <summary>Closes the books of some editions of a cut whose stretches are done, and after the last of them the cut's. False then.</summary>
    private async Task<bool> SealAsync(DigestsDb db, Cut under, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unsealed = await db.Mailings.Where(m => m.SealedAt == null && !m.FansOut && m.Cause.StartsWith(under.Prefix)).OrderBy(m => m.Id).Take(SealedAtOnce).ToListAsync(cancellationToken);
        await OutgoingMailing.SealAsync(db, unsealed, now, cancellationToken);
        if (unsealed.Count > 0)
        {
            return true;
        }

        if (await db.Cuts.FirstOrDefaultAsync(c => c.Id == under.Id && c.FinishedAt == null, cancellationToken) is not { } cut)
        {
            return false;
        }

        cut.FinishedAt = now;
        foreach (var request in await db.CutRequests.Where(r => r.CutId == cut.Id).ToListAsync(cancellationToken))
        {
            (request.DoneAt, request.Editions, request.Readers) = (now, cut.Editions, cut.Readers);
        }

        db.Stretches.RemoveRange(await db.Stretches.Where(s => s.CutId == cut.Id).ToListAsync(cancellationToken));
        metrics.Cut(cut);
        LogCut(cut.Cause, cut.Editions, cut.Readers, (now - cut.StartedAt).TotalSeconds);
        return false;
    }

    private static Task<long> LastSeqAsync(DigestsDb db, CancellationToken cancellationToken) => db.FilingCounter.Select(c => c.Last).SingleAsync(cancellationToken);

    [LoggerMessage(LogLevel.Information, "Cut {Editions} digests for {Readers} readers ({Cause}) in {Seconds:0.0} s")]
    private partial void LogCut(CutCause cause, int editions, long readers, double seconds);

    [LoggerMessage(LogLevel.Debug, "Another process is cutting digests")]
    private partial void LogOther();
}
