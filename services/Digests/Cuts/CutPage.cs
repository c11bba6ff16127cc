using System.Security.Cryptography;
using System.Text;
using Alerts.Contracts;
using Alerts.Digests.Editions;
using Alerts.Digests.Readers;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Cuts;

/// <summary>One page of a cut: what each of its readers is owed becomes a batch of an edition, and her cursors move on, in one transaction.</summary>
public sealed class CutPage(IAudience audience, EditionMail mail)
{
    /// <summary>The next readers by id: those who are due, or all who aren't up to date.</summary>
    public static Task<List<Reader>> ReadersAsync(DigestsDb db, Cut cut, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(cut);

        var after = cut.After;
        var rest = db.Readers.AsNoTracking().Where(r => r.SubscriberId > after);
        rest = cut.Cause == CutCause.Now
            ? rest.Where(r => r.DailyCursor < cut.UpToSeq || r.WeeklyCursor < cut.UpToSeq)
            : rest.Where(r => r.DueAt <= cut.StartedAt);
        return rest.OrderBy(r => r.SubscriberId).Take(OutgoingMailing.PageSize).ToListAsync(cancellationToken);
    }

    /// <summary>Takes the page and saves it, with whatever else changed in this context.</summary>
    public async Task TakeAsync(DigestsDb db, Cut cut, IReadOnlyList<Reader> readers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(cut);
        ArgumentNullException.ThrowIfNull(readers);

        var turns = readers.Select(reader => Turn.Of(reader, cut)).ToList();
        var owed = await OwedAsync(db, turns, cancellationToken);
        foreach (var edition in owed.Count > 0 ? await EditionsAsync(db, cut, owed, now, cancellationToken) : [])
        {
            var recipients = edition.Readers.Where(r => !r.Left).Select(r => new Recipient { SubscriberId = r.SubscriberId }).ToList();
            var left = edition.Readers.Count - recipients.Count;
            edition.Mailing.AddBatch(db, recipients, left > 0 ? new Dictionary<string, long> { [Exclusion.Unsubscribed] = left } : [], now);
            cut.Readers += recipients.Count;
        }

        cut.After = readers[^1].SubscriberId;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var same in turns.GroupBy(turn => turn.Move))
        {
            var ids = same.Select(turn => turn.Reader.SubscriberId).ToList();
            await MoveAsync(db.Readers.Where(r => EF.Parameter(ids).Contains(r.SubscriberId)), same.Key, cut, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static Task<int> MoveAsync(IQueryable<Reader> readers, Move move, Cut cut, CancellationToken cancellationToken) =>
        readers.ExecuteUpdateAsync(
            set =>
            {
                if (move.Daily)
                {
                    set.SetProperty(r => r.DailyCursor, cut.UpToSeq);
                }

                if (move.Weekly)
                {
                    set.SetProperty(r => r.WeeklyCursor, cut.UpToSeq);
                }

                set.SetProperty(r => r.DailyDueAt, move.DailyDueAt).SetProperty(r => r.WeeklyDueAt, move.WeeklyDueAt)
                    .SetProperty(r => r.DueAt, Reader.Earlier(move.DailyDueAt, move.WeeklyDueAt));
            },
            cancellationToken);

    /// <summary>Who is owed anything, and what.</summary>
    private async Task<List<(Guid SubscriberId, OwedPosts Owed)>> OwedAsync(DigestsDb db, List<Turn> turns, CancellationToken cancellationToken)
    {
        var behind = turns.Where(turn => turn.Behind).ToList();
        if (behind.Count == 0)
        {
            return [];
        }

        var (after, upTo) = (behind.Min(turn => turn.After), behind.Max(turn => turn.UpTo));
        var posts = await db.Posts.Where(p => p.Seq > after && p.Seq <= upTo && !p.Withdrawn).OrderBy(p => p.Seq)
            .Select(p => new OwedPost(p.Seq!.Value, p.PostId, p.Version, p.Revision, p.Lists)).ToListAsync(cancellationToken);
        if (posts.Count == 0)
        {
            return [];
        }

        var held = (await audience.HeldAsync([.. behind.Select(turn => turn.Reader.SubscriberId)], posts.Min(p => p.Revision), cancellationToken))
            .GroupBy(h => h.SubscriberId).ToDictionary(group => group.Key, group => group.ToList());
        return
        [
            .. behind
                .Select(turn => (turn.Reader.SubscriberId, Owed: Owed.To(held.GetValueOrDefault(turn.Reader.SubscriberId) ?? [], posts, turn.DailySpan, turn.WeeklySpan)))
                .Where(reader => reader.Owed.Posts.Count > 0),
        ];
    }

    /// <summary>The editions of this page, each with its mailing, which is prepared when no page before had it.</summary>
    private async Task<List<Edition>> EditionsAsync(DigestsDb db, Cut cut, List<(Guid SubscriberId, OwedPosts Owed)> owed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var wanted = owed.GroupBy(reader => cut.Prefix + Key(reader.Owed.Posts)).ToDictionary(group => MailingId.Of(group.Key), group => (Cause: group.Key, Readers: group.ToList()));
        var mailingIds = wanted.Keys.ToList();
        var mailings = await db.Mailings.Where(m => EF.Parameter(mailingIds).Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
        var missing = wanted.Where(pair => !mailings.ContainsKey(pair.Key)).ToList();
        if (missing.Count > 0)
        {
            var ids = missing.SelectMany(pair => pair.Value.Readers[0].Owed.Posts).Select(p => p.PostId).Distinct().ToList();
            var posts = await db.Posts.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.PostId)).ToDictionaryAsync(p => p.PostId, cancellationToken);
            var names = await mail.NamesAsync(posts.Values.SelectMany(p => p.Lists), cancellationToken);
            foreach (var (id, (cause, group)) in missing)
            {
                var ofEdition = group[0].Owed.Posts;
                var origin = new EditionOrigin(cause, cut.Id, MailingPriority.Bulk, Title: null);
                var prepared = await mail.ComposeAsync([.. ofEdition.Select(p => posts[p.PostId])], origin, names, now, cancellationToken);
                mailings[id] = OutgoingMailing.Prepare(db, prepared, ofEdition.Max(p => p.Revision), fansOut: false);
                cut.Editions++;
            }
        }

        return [.. wanted.Select(pair => new Edition(mailings[pair.Key], [.. pair.Value.Readers.Select(r => (r.SubscriberId, r.Owed.Left))]))];
    }

    /// <summary>The same posts in the same versions have the same key: 64 bits of their hash, unique enough within a cut.</summary>
    private static string Key(IReadOnlyList<OwedPost> posts)
    {
        var text = string.Join(' ', posts.Select(p => $"{p.PostId:N}.{p.Version}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)).AsSpan(0, 8));
    }

    private sealed record Edition(OutgoingMailing Mailing, IReadOnlyList<(Guid SubscriberId, bool Left)> Readers);

    /// <summary>What changes in a reader's row.</summary>
    private readonly record struct Move(bool Daily, bool Weekly, DateTimeOffset? DailyDueAt, DateTimeOffset? WeeklyDueAt);

    /// <summary>A reader's turn in a cut.</summary>
    private sealed record Turn(Reader Reader, Move Move, Span DailySpan, Span WeeklySpan)
    {
        public bool Behind => DailySpan.After < DailySpan.UpTo || WeeklySpan.After < WeeklySpan.UpTo;

        public long After => Math.Min(DailySpan == Span.Empty ? long.MaxValue : DailySpan.After, WeeklySpan == Span.Empty ? long.MaxValue : WeeklySpan.After);

        public long UpTo => Math.Max(DailySpan.UpTo, WeeklySpan.UpTo);

        /// <summary>
        /// A digest that is due serves its own frequency, and also the other one if she has no digest of it (any more): what she was owed when she changed comes with the
        /// next digest she has. A cut whatever the hour serves both and leaves the hours as they are.
        /// </summary>
        public static Turn Of(Reader reader, Cut cut)
        {
            if (cut.Cause == CutCause.Now)
            {
                return Of(reader, cut, new Move(true, true, reader.DailyDueAt, reader.WeeklyDueAt));
            }

            var daily = reader.DailyDueAt <= cut.StartedAt;
            var weekly = reader.WeeklyDueAt <= cut.StartedAt;
            return Of(reader, cut, new Move(
                daily || reader.DailyDueAt is null,
                weekly || reader.WeeklyDueAt is null,
                !daily ? reader.DailyDueAt : reader.Daily ? Due.Next(reader.Zone, reader.Hour, null, cut.StartedAt) : null,
                weekly ? Due.Next(reader.Zone, reader.Hour, reader.Weekday, cut.StartedAt) : reader.WeeklyDueAt));
        }

        private static Turn Of(Reader reader, Cut cut, Move move) => new(
            reader, move, move.Daily ? new Span(reader.DailyCursor, cut.UpToSeq) : Span.Empty, move.Weekly ? new Span(reader.WeeklyCursor, cut.UpToSeq) : Span.Empty);
    }
}
