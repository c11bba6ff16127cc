using Alerts.Digests.Readers;
using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Digests.Cuts;

/// <summary>
/// Follows the audience, then cuts the digests that are due or were asked for. Each step is a short transaction of its own: killed anywhere, the next sweep goes on with
/// the same cut at the reader where it stood. Of several processes one sweeps at a time, see <see cref="SweepPlace"/>.
/// </summary>
public sealed partial class CutDueDigests(IServiceScopeFactory scopes, FollowAudience audience, CutStretch stretch, TimeProvider clock, ILogger<CutDueDigests> logger) : IJob
{
    private const int SealedAtOnce = 50;

    private readonly Guid holder = Guid.NewGuid();

    private delegate Task<bool> Step(DigestsDb db, SweepPlace place, DateTimeOffset now, CancellationToken cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StepAsync((_, _, _, _) => Task.FromResult(false), cancellationToken);
            await RepeatAsync(ContinueCutAsync, cancellationToken);

            // Who is asked for by a request was subscribed before it: so requests first, then the audience.
            var requests = new List<Guid>();
            await StepAsync((db, _, _, stop) => FindRequestsAsync(db, requests, stop), cancellationToken);
            await RepeatAsync(audience.StepAsync, cancellationToken);
            await StepAsync(FindStragglersAsync, cancellationToken);
            while (await StepAsync((db, _, now, stop) => StartCutAsync(db, requests, now, stop), cancellationToken))
            {
                await RepeatAsync(ContinueCutAsync, cancellationToken);
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

    private static async Task<bool> FindRequestsAsync(DigestsDb db, List<Guid> requests, CancellationToken cancellationToken)
    {
        requests.AddRange((await CutRequests.ReadyAsync(db, cancellationToken)).Select(request => request.Id));
        return false;
    }

    /// <summary>
    /// A post may come late: a reader who gave up her last digest after its release has been drained since and is due at no time. Whoever changed after the revision of such
    /// a post is looked at once more.
    /// </summary>
    private static async Task<bool> FindStragglersAsync(DigestsDb db, SweepPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = await LastSeqAsync(db, cancellationToken);
        var seen = place.StragglersSeq;
        if (await db.Posts.Where(p => p.Seq > seen && p.Seq <= last).MinAsync(p => (long?)p.Revision, cancellationToken) is { } earliest)
        {
            await db.Readers.Where(r => r.DueAt == null && r.Revision > earliest)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.DailyDueAt, now).SetProperty(r => r.DueAt, now), cancellationToken);
        }

        place.StragglersSeq = last;
        return false;
    }

    /// <summary>False when nobody asked and nothing is due.</summary>
    private static async Task<bool> StartCutAsync(DigestsDb db, List<Guid> requests, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var asked = await db.CutRequests.Where(r => requests.Contains(r.Id) && r.CutId == null).ToListAsync(cancellationToken);
        if (asked.Count == 0 && !await db.Readers.AnyAsync(r => r.DueAt <= now, cancellationToken))
        {
            return false;
        }

        var cut = new Cut
        {
            Id = Guid.CreateVersion7(now),
            Cause = asked.Count > 0 ? CutCause.Now : CutCause.Scheduled,
            StartedAt = now,
            UpToSeq = await LastSeqAsync(db, cancellationToken),
        };
        db.Cuts.Add(cut);
        asked.ForEach(request => request.CutId = cut.Id);
        return true;
    }

    /// <summary>The next stretch of the unfinished cut; after the last, its editions are sealed. False when no cut is unfinished.</summary>
    private async Task<bool> ContinueCutAsync(DigestsDb db, SweepPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.Cuts.OrderBy(c => c.Id).FirstOrDefaultAsync(c => c.FinishedAt == null, cancellationToken) is not { } cut)
        {
            return false;
        }

        if (await stretch.TakeAsync(db, cut, () => place.RenewAsync(db, clock.GetUtcNow(), cancellationToken), now, cancellationToken))
        {
            return true;
        }

        var unsealed = await db.Mailings.Where(m => m.SealedAt == null && !m.FansOut && m.Cause.StartsWith(cut.Prefix)).OrderBy(m => m.Id).Take(SealedAtOnce).ToListAsync(cancellationToken);
        foreach (var edition in unsealed)
        {
            await edition.SealAsync(db, now, cancellationToken);
        }

        if (unsealed.Count == 0)
        {
            await FinishAsync(db, cut, now, cancellationToken);
        }

        return true;
    }

    private async Task FinishAsync(DigestsDb db, Cut cut, DateTimeOffset now, CancellationToken cancellationToken)
    {
        cut.FinishedAt = now;
        foreach (var request in await db.CutRequests.Where(r => r.CutId == cut.Id).ToListAsync(cancellationToken))
        {
            (request.DoneAt, request.Editions, request.Readers) = (now, cut.Editions, cut.Readers);
        }

        if (cut is { Cause: CutCause.Scheduled, Editions: 0 })
        {
            // Readers were due, nothing was owed: not worth a line.
            db.Cuts.Remove(cut);
        }
        else
        {
            LogCut(cut.Cause, cut.Editions, cut.Readers);
        }
    }

    private static Task<long> LastSeqAsync(DigestsDb db, CancellationToken cancellationToken) => db.FilingCounter.Select(c => c.Last).SingleAsync(cancellationToken);

    [LoggerMessage(LogLevel.Information, "Cut {Editions} digests for {Readers} readers ({Cause})")]
    private partial void LogCut(CutCause cause, int editions, long readers);

    [LoggerMessage(LogLevel.Debug, "Another process is cutting digests")]
    private partial void LogOther();
}
