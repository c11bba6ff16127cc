using Alerts.Contracts;
using Alerts.Digests.Editions;
using Alerts.Digests.Readers;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Cuts;

/// <summary>
/// A stretch of a cut: the next readers, gone through page by page and saved in one transaction: what they are owed becomes batches of editions, and their cursors move on.
/// Stretches are long so that batches are full where there are many editions; of a reader only her id, edition and next hours are kept meanwhile.
/// </summary>
public sealed class CutStretch(IAudience audience, EditionMail mail)
{
    private const int UpdatedAtOnce = 5_000;

    /// <summary>How many readers are looked at together; at most 500, see <see cref="IAudience.HeldAsync"/>.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How many readers a stretch has at most; a multiple of <see cref="PageSize"/>. Each takes a kilobyte or two until it is saved.</summary>
    public int Length { get; init; } = 50_000;

    /// <summary>Takes the next stretch and saves it, with whatever else changed in this context. False, with nothing saved, when no readers are left.</summary>
    /// <param name="renew">Called every page: the stretch may take longer than the lease.</param>
    public async Task<bool> TakeAsync(DigestsDb db, Cut cut, Func<Task> renew, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(cut);
        ArgumentNullException.ThrowIfNull(renew);

        var moves = new Dictionary<ReaderMove, List<Guid>>();
        var editions = new EditionDrafts();
        var posts = new CutPosts(cut.UpToSeq);
        for (var taken = 0; taken < Length; taken += PageSize)
        {
            var page = await PageAsync(db, cut, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            var turns = page.ConvertAll(reader => ReaderTurn.Of(reader, cut));
            await GatherAsync(db, turns, posts, editions, cancellationToken);
            foreach (var same in turns.GroupBy(turn => turn.Move, turn => turn.Reader.SubscriberId))
            {
                (moves.TryGetValue(same.Key, out var ids) ? ids : moves[same.Key] = []).AddRange(same);
            }

            cut.After = page[^1].SubscriberId;
            await renew();
            if (page.Count < PageSize)
            {
                break;
            }
        }

        if (moves.Count == 0)
        {
            return false;
        }

        await BatchAsync(db, cut, editions, now, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var (move, readers) in moves)
        {
            foreach (var ids in readers.Chunk(UpdatedAtOnce))
            {
                await move.SaveAsync(db.Readers.Where(r => EF.Parameter(ids).Contains(r.SubscriberId)), cut.UpToSeq, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>The next readers by id: those who are due, or all who aren't up to date.</summary>
    private Task<List<Reader>> PageAsync(DigestsDb db, Cut cut, CancellationToken cancellationToken)
    {
        var (after, upTo, due) = (cut.After, cut.UpToSeq, cut.StartedAt);
        var rest = db.Readers.AsNoTracking().Where(r => r.SubscriberId > after);
        rest = cut.Cause == CutCause.Now ? rest.Where(r => r.DailyCursor < upTo || r.WeeklyCursor < upTo) : rest.Where(r => r.DueAt <= due);
        return rest.OrderBy(r => r.SubscriberId).Take(PageSize).ToListAsync(cancellationToken);
    }

    /// <summary>Puts each reader of the page who is owed anything into her edition.</summary>
    private async Task GatherAsync(DigestsDb db, List<ReaderTurn> turns, CutPosts posts, EditionDrafts editions, CancellationToken cancellationToken)
    {
        var behind = turns.Where(turn => turn.Behind).ToList();
        var past = behind.Count == 0 ? [] : await posts.AfterAsync(db, behind.Min(turn => turn.After), cancellationToken);
        if (past.Count == 0)
        {
            return;
        }

        var held = (await audience.HeldAsync([.. behind.Select(turn => turn.Reader.SubscriberId)], past.Min(p => p.Revision), cancellationToken))
            .GroupBy(h => h.SubscriberId).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var turn in behind)
        {
            if (held.TryGetValue(turn.Reader.SubscriberId, out var hers) && Owed.To(hers, past, turn.Daily, turn.Weekly) is { Posts.Count: > 0 } owed)
            {
                editions.Add(turn.Reader.SubscriberId, owed);
            }
        }
    }

    /// <summary>Queues the batches of each edition, and its mail when no stretch before had it.</summary>
    private async Task BatchAsync(DigestsDb db, Cut cut, EditionDrafts drafts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var wanted = drafts.All.ToDictionary(draft => MailingId.Of(cut.Prefix + draft.Key));
        var ids = wanted.Keys.ToList();
        var mailings = await db.Mailings.Where(m => EF.Parameter(ids).Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
        var missing = wanted.Where(pair => !mailings.ContainsKey(pair.Key)).ToList();
        var postIds = missing.SelectMany(pair => pair.Value.Posts).Select(p => p.PostId).Distinct().ToList();
        var posts = await db.Posts.AsNoTracking().Where(p => EF.Parameter(postIds).Contains(p.PostId)).ToDictionaryAsync(p => p.PostId, cancellationToken);
        var known = await mail.KnownAsync(posts.Values.SelectMany(p => p.Lists), cancellationToken);
        foreach (var (id, draft) in missing)
        {
            var origin = new EditionOrigin(cut.Prefix + draft.Key, cut.Id, MailingPriority.Bulk, Title: null);
            var prepared = await mail.ComposeAsync([.. draft.Posts.Select(p => posts[p.PostId])], origin, known, now, cancellationToken);
            mailings[id] = OutgoingMailing.Prepare(db, prepared, draft.Posts.Max(p => p.Revision), fansOut: false);
            cut.Editions++;
        }

        foreach (var (id, draft) in wanted)
        {
            cut.Readers += draft.Readers.Count;
            foreach (var batch in draft.Readers.Chunk(OutgoingMailing.PageSize))
            {
                mailings[id].AddBatch(db, [.. batch.Select(reader => new Recipient { SubscriberId = reader })], new Dictionary<string, long>(), now);
            }

            if (draft.Left > 0)
            {
                mailings[id].AddBatch(db, [], new Dictionary<string, long> { [Exclusion.Unsubscribed] = draft.Left }, now);
            }
        }
    }
}
