using System.Diagnostics;
using Alerts.Contracts;
using Alerts.Digests.Editions;
using Alerts.Digests.Events;
using Alerts.Digests.Readers;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Digests.Cuts;

/// <summary>
/// Goes through the readers of a cut, stretch by stretch, page by page: what they are owed becomes batches of editions, and their cursors move on. Any number of processes
/// may do it side by side. Stretches are long so that batches are full where there are many editions; of a reader only her id, edition and next hours are kept until then.
/// </summary>
public sealed class CutStretches(IServiceScopeFactory scopes, IAudience audience, EditionMail mail, TimeProvider clock)
{
    private const int UpdatedAtOnce = 5_000;
    private const int MostIntroductions = 100;
    private const int PreparedAtOnce = 20;
    private const int EditionsSavedAtOnce = 200;

    private bool atWork;

    /// <summary>How many readers are looked at together; at most 500, see <see cref="IAudience.HeldAsync"/>.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How many readers a stretch has at most. See <see cref="StretchReaders"/> for what they take.</summary>
    public int Length { get; init; } = 200_000;

    /// <summary>Of how many readers the batches are saved together.</summary>
    public int ReadersSavedAtOnce { get; init; } = 10_000;

    /// <summary>How many stretches this process cuts side by side.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Divides the readers of a cut that begins. The caller saves.</summary>
    public async Task DivideAsync(DigestsDb db, Cut cut, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(cut);

        var (after, number) = (Guid.Empty, 0);
        while (true)
        {
            var rest = Concerned(db, cut).Where(r => r.SubscriberId > after).OrderBy(r => r.SubscriberId).Select(r => (Guid?)r.SubscriberId);
            var last = await rest.Skip(Length - 1).FirstOrDefaultAsync(cancellationToken);
            var upTo = last ?? await rest.OrderByDescending(id => id).FirstOrDefaultAsync(cancellationToken);
            if (upTo is not { } end)
            {
                return;
            }

            db.Stretches.Add(new Stretch { CutId = cut.Id, Number = ++number, After = after, UpTo = end });
            if (last is null)
            {
                return;
            }

            after = end;
        }
    }

    /// <summary>
    /// Cuts the stretches nobody else is at. True when all are done. The sweep that comes every few seconds finds a long cut under way in its own process: it has no hands to
    /// add, and returns at once.
    /// </summary>
    public async Task<bool> TakeAllAsync(Cut cut, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cut);

        if (Interlocked.Exchange(ref atWork, true))
        {
            return false;
        }

        try
        {
            var workers = Enumerable.Range(0, Workers).Select(_ => Workers == 1 ? WorkAsync(cut, cancellationToken) : Task.Run(() => WorkAsync(cut, cancellationToken), cancellationToken));
            await Task.WhenAll(workers);
        }
        finally
        {
            Volatile.Write(ref atWork, false);
        }

        await using var scope = scopes.CreateAsyncScope();
        return !await scope.ServiceProvider.GetRequiredService<DigestsDb>().Stretches.AnyAsync(s => s.CutId == cut.Id && s.DoneAt == null, cancellationToken);
    }

    private async Task WorkAsync(Cut cut, CancellationToken cancellationToken)
    {
        var readers = new StretchReaders();
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<DigestsDb>();
            if (await Stretch.TakeAsync(db, cut.Id, clock.GetUtcNow(), cancellationToken) is not { } stretch)
            {
                return;
            }

            await CutAsync(db, cut, stretch, readers, cancellationToken);
        }
    }

    /// <param name="readers">Used again: what it held of an earlier stretch goes.</param>
    private async Task CutAsync(DigestsDb db, Cut cut, Stretch stretch, StretchReaders readers, CancellationToken cancellationToken)
    {
        readers.Clear();
        var began = clock.GetUtcNow();
        var owed = new StretchOwed(
            cut,
            await CutPosts.ReadAsync(db, stretch.Of(Concerned(db, cut)), cut.UpToSeq, cancellationToken),
            await Upcoming.ReadAsync(db, audience, began, cancellationToken),
            await db.Introductions.AsNoTracking().Where(i => i.From <= began && i.Until > began).OrderBy(i => i.Id).Take(MostIntroductions).ToListAsync(cancellationToken));
        Func<string, int, DayOfWeek?, DateTimeOffset> nextDue = owed.NextDue;
        var (after, renewed) = (stretch.After, Stopwatch.GetTimestamp());
        while (true)
        {
            var from = after;
            var page = await stretch.Of(Concerned(db, cut)).AsNoTracking().Where(r => r.SubscriberId > from).OrderBy(r => r.SubscriberId).Take(PageSize).ToListAsync(cancellationToken);
            await GatherAsync(page.ConvertAll(reader => ReaderTurn.Of(reader, cut, nextDue)), owed, readers, cancellationToken);
            if (page.Count < PageSize)
            {
                break;
            }

            after = page[^1].SubscriberId;
            if (Stopwatch.GetElapsedTime(renewed) > TimeSpan.FromSeconds(5))
            {
                renewed = Stopwatch.GetTimestamp();
                await stretch.RenewAsync(db, clock.GetUtcNow(), cancellationToken);
            }
        }

        await SaveAsync(db, cut, stretch, owed.Editions, readers, cancellationToken);
    }

    /// <summary>The readers of a cut: those who are due, or all who aren't up to date.</summary>
    private static IQueryable<Reader> Concerned(DigestsDb db, Cut cut)
    {
        var (upTo, due) = (cut.UpToSeq, cut.StartedAt);
        var (daily, weekly) = (cut.Serves.HasFlag(Served.Daily), cut.Serves.HasFlag(Served.Weekly));
        if (cut.Cause == CutCause.Now)
        {
            return db.Readers.Where(r => ((daily && r.DailyCursor < upTo) || (weekly && r.WeeklyCursor < upTo)) && (r.PausedUntil == null || r.PausedUntil <= due));
        }

        var readers = db.Readers.Where(r => r.DueAt <= due);
        return cut.Serves == Served.Both ? readers : readers.Where(r => (daily && r.DailyDueAt <= due) || (weekly && r.WeeklyDueAt <= due));
    }

    /// <summary>Adds the readers of a page, each with her edition.</summary>
    private async Task GatherAsync(List<ReaderTurn> turns, StretchOwed owed, StretchReaders readers, CancellationToken cancellationToken)
    {
        var behind = owed.Posts.Count == 0 ? [] : turns.Where(turn => turn.Behind).ToList();
        var held = behind.Count == 0
            ? []
            : await audience.HeldAsync([.. behind.Select(turn => turn.Reader.SubscriberId)], owed.EarliestRevision(behind.Min(turn => turn.After)), cancellationToken);
        var hers = held.GroupBy(h => h.SubscriberId).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var turn in turns)
        {
            readers.Add(turn.Reader.SubscriberId, hers.TryGetValue(turn.Reader.SubscriberId, out var subscriptions) ? owed.EditionOf(turn, subscriptions) : null, turn.Move);
        }
    }

    private async Task SaveAsync(DigestsDb db, Cut cut, Stretch stretch, EditionDrafts drafts, StretchReaders readers, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (lookedAt, gathered) = (readers.Count, readers.Owed);
        var wanted = drafts.All.ToDictionary(draft => MailingId.Of(cut.Prefix + draft.Key));
        await PrepareAsync(db, cut, stretch, wanted, now, cancellationToken);

        // From here on one stretch of the cut at a time: the row of the cut is locked until the commit, so that batches of an edition are numbered one after another.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Cuts.Where(c => c.Id == cut.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.LookedAt, c => c.LookedAt + lookedAt), cancellationToken);
        if (!await stretch.FinishAsync(db, now, cancellationToken))
        {
            return;
        }

        await SaveBatchesAsync(db, wanted, readers, now, cancellationToken);
        await db.Cuts.Where(c => c.Id == cut.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Readers, c => c.Readers + gathered), cancellationToken);
        foreach (var move in readers.Moves)
        {
            foreach (var some in readers.Of(move, UpdatedAtOnce))
            {
                await move.SaveAsync(db.Readers.Where(r => EF.Parameter(some).Contains(r.SubscriberId)), cut.UpToSeq, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>A few editions and readers at a time: all batches would be held until the last of them.</summary>
    private async Task SaveBatchesAsync(DigestsDb db, Dictionary<Guid, EditionDraft> wanted, StretchReaders readers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var some in wanted.Chunk(EditionsSavedAtOnce))
        {
            var ids = some.Select(w => w.Key).ToList();
            var mailings = await db.Mailings.Where(m => EF.Parameter(ids).Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
            var unsaved = 0;
            foreach (var (id, draft) in some)
            {
                foreach (var batch in readers.Of(draft, OutgoingMailing.PageSize))
                {
                    mailings[id].AddBatch(db, [.. batch.Select(reader => new Recipient { SubscriberId = reader })], new Dictionary<string, long>(), now);
                    unsaved += batch.Length;
                    if (unsaved < ReadersSavedAtOnce)
                    {
                        continue;
                    }

                    await db.SaveChangesAsync(cancellationToken);
                    unsaved = 0;
                    foreach (var saved in db.ChangeTracker.Entries().Where(e => e.Entity is not OutgoingMailing).ToList())
                    {
                        saved.State = EntityState.Detached;
                    }
                }

                if (draft.Left > 0)
                {
                    mailings[id].AddBatch(db, [], new Dictionary<string, long> { [Exclusion.Unsubscribed] = draft.Left }, now);
                }
            }

            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }

    /// <summary>
    /// Writes the mails of editions that no stretch before had, a few at a time, each in a transaction: ten thousand of them would take gigabytes together. A mail whose
    /// stretch isn't saved after all stays without readers, or is there when the stretch is taken again.
    /// </summary>
    private async Task PrepareAsync(DigestsDb db, Cut cut, Stretch stretch, Dictionary<Guid, EditionDraft> wanted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Two that have the same editions to write begin at either end.
        var forwards = stretch.Number % 2 == 0;
        foreach (var some in (forwards ? wanted.Keys.Order() : wanted.Keys.OrderDescending()).Chunk(PreparedAtOnce))
        {
            var known = await KnownAsync(some);
            var drafts = some.Where(id => !known.Contains(id)).Select(id => wanted[id]).ToList();
            if (drafts.Count == 0)
            {
                continue;
            }

            var prepared = await ComposeAsync(db, cut, drafts, now, cancellationToken);
            await stretch.RenewAsync(db, clock.GetUtcNow(), cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.Cuts.Where(c => c.Id == cut.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.Editions, c => c.Editions), cancellationToken);
            known = await KnownAsync(some);
            var made = 0;
            foreach (var edition in prepared.Where(p => !known.Contains(p.Mail.MailingId)))
            {
                OutgoingMailing.Prepare(db, edition.Mail, edition.Revision, fansOut: false);
                db.Editions.Add(edition.Row);
                made++;
            }

            await db.Cuts.Where(c => c.Id == cut.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.Editions, c => c.Editions + made), cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }

        async Task<HashSet<Guid>> KnownAsync(Guid[] some) => [.. await db.Mailings.Where(m => EF.Parameter(some).Contains(m.Id)).Select(m => m.Id).ToListAsync(cancellationToken)];
    }

    private async Task<List<(MailingPrepared Mail, long Revision, Edition Row)>> ComposeAsync(DigestsDb db, Cut cut, List<EditionDraft> drafts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var postIds = drafts.SelectMany(draft => draft.Posts).Select(p => p.PostId).Distinct().ToList();
        var posts = await db.Posts.AsNoTracking().Where(p => EF.Parameter(postIds).Contains(p.PostId)).ToDictionaryAsync(p => p.PostId, cancellationToken);
        var known = await mail.KnownAsync(posts.Values.SelectMany(p => p.Lists), cancellationToken);
        var prepared = new List<(MailingPrepared, long, Edition)>(drafts.Count);
        foreach (var draft in drafts)
        {
            var origin = new EditionOrigin(cut.Prefix + draft.Key, cut.Id, MailingPriority.Bulk, Title: null, draft.Rhythm);
            var written = await mail.ComposeAsync(new EditionContent([.. draft.Posts.Select(p => posts[p.PostId])], draft.Events, draft.Introductions), origin, known, now, cancellationToken);
            prepared.Add((written, draft.Posts.Max(p => p.Revision), new Edition
            {
                Id = written.MailingId,
                CutId = cut.Id,
                Subject = written.Subject,
                Posts = [.. draft.Posts.Select(p => p.PostId)],
                Introductions = [.. draft.Introductions.Select(i => i.Text)],
                CutAt = now,
            }));
        }

        return prepared;
    }
}
