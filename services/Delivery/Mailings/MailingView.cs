using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>A mailing and its books, which add up: <c>Candidates = Recipients + Excluded</c>, and <c>Recipients</c> is the sum of <c>Counts</c>.</summary>
/// <param name="Recipients">Once sealed, the recipients it was sealed with: those of batches still on their way count as queued.</param>
public sealed record MailingView(
    Guid Id,
    string Kind,
    string Priority,
    string Cause,
    string Subject,
    IReadOnlyList<string> Lists,
    long Recipients,
    long Candidates,
    IReadOnlyDictionary<string, long> Excluded,
    IReadOnlyDictionary<string, long> Counts,
    long Uncertain,
    DateTimeOffset? FirstAt,
    DateTimeOffset? LastAt,
    bool Sealed,
    bool Completed,
    Guid? GroupId,
    DateTimeOffset HeardAt,
    DateTimeOffset? ReleasedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? CancelledAt,
    string? CancelledBy,
    string? CancelledWhy,
    DateTimeOffset? CompletedAt)
{
    /// <summary>How many deliveries have ended.</summary>
    internal long Ended => Recipients - Open;

    internal long Open => Counts[DeliveryState.Queued.Word()] + Counts[DeliveryState.Sending.Word()] + Counts[DeliveryState.Deferred.Word()];

    internal static MailingView Of(Mailing mailing, Books books)
    {
        var missing = mailing.SealedAt is null ? 0 : Math.Max(0, mailing.SealedRecipients + mailing.ToldRecipients - books.Twice - books.Recipients);
        books = books with { Recipients = books.Recipients + missing, Queued = books.Queued + missing };
        var excluded = new Dictionary<string, long>(mailing.Excluded);
        if (books.Twice + mailing.ToldCandidates - mailing.ToldRecipients is var twice and > 0)
        {
            excluded[Exclusion.Twice] = twice;
        }

        return new MailingView(
            mailing.Id,
            mailing.Kind,
            mailing.Lane?.Word() ?? MailingPriority.Normal,
            mailing.Cause,
            mailing.Subject,
            mailing.Lists,
            books.Recipients,
            books.Recipients + excluded.Values.Sum(),
            excluded,
            books.Counts(),
            books.Uncertain,
            books.FirstAt,
            books.LastAt,
            mailing.SealedAt is not null,
            mailing.CompletedAt is not null,
            mailing.GroupId,
            mailing.HeardAt,
            mailing.ReleasedAt,
            mailing.ExpiresAt,
            mailing.PausedAt,
            mailing.CancelledAt,
            mailing.CancelledBy,
            mailing.CancelledWhy,
            mailing.CompletedAt);
    }

    internal static async Task<MailingView?> FindAsync(DeliveryDb db, Guid id, CancellationToken cancellationToken)
    {
        var mailing = await db.Mailings.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id, cancellationToken);
        return mailing is null ? null : (await OfAllAsync(db, [mailing], cancellationToken))[0];
    }

    /// <summary>The newest first.</summary>
    /// <param name="after">The last mailing of the page before; empty for the first page. One that isn't there has nothing after it.</param>
    internal static async Task<List<MailingView>> NewestAsync(DeliveryDb db, IQueryable<Mailing> among, Guid after, int take, CancellationToken cancellationToken)
    {
        if (after != Guid.Empty)
        {
            var last = await db.Mailings.Where(m => m.Id == after).Select(m => (DateTimeOffset?)m.HeardAt).FirstOrDefaultAsync(cancellationToken);
            among = among.Where(m => m.HeardAt < last || (m.HeardAt == last && m.Id < after));
        }

        var mailings = await among.AsNoTracking().OrderByDescending(m => m.HeardAt).ThenByDescending(m => m.Id).Take(take).ToListAsync(cancellationToken);
        return await OfAllAsync(db, mailings, cancellationToken);
    }

    private static async Task<List<MailingView>> OfAllAsync(DeliveryDb db, List<Mailing> mailings, CancellationToken cancellationToken)
    {
        var books = await Books.AddUpAsync(db, [.. mailings.Select(m => m.Id)], cancellationToken);
        return [.. mailings.Select(m => Of(m, books.GetValueOrDefault(m.Id, Books.Empty)))];
    }
}
