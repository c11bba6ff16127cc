using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Verify;

/// <summary>One batch's own books beside a count of its rows.</summary>
internal sealed class BatchRecount
{
    public required LedgerBatch Batch { get; init; }

    public int Rows { get; init; }

    public int Queued { get; init; }

    public int Accepted { get; init; }

    public int Deferred { get; init; }

    public int Bounced { get; init; }

    public int Suppressed { get; init; }

    public int Unsubscribed { get; init; }

    public int Expired { get; init; }

    public int Cancelled { get; init; }

    public int Uncertain { get; init; }

    /// <summary>
    /// The batches of a mailing by number. It is one statement, and whoever changes a row changes its batch in the same transaction: so this is right while mails leave, too.
    /// </summary>
    public static IAsyncEnumerable<BatchRecount> OfAsync(DeliveryDb db, Guid mailing)
    {
        var counted = db.Rows.Where(r => r.MailingId == mailing).GroupBy(r => r.Batch).Select(g => new
        {
            Number = g.Key,
            Rows = (int?)g.Count(),
            Queued = (int?)g.Count(r => r.State == DeliveryState.Queued),
            Accepted = (int?)g.Count(r => r.State == DeliveryState.Accepted),
            Deferred = (int?)g.Count(r => r.State == DeliveryState.Deferred),
            Bounced = (int?)g.Count(r => r.State == DeliveryState.Bounced),
            Suppressed = (int?)g.Count(r => r.State == DeliveryState.Suppressed),
            Unsubscribed = (int?)g.Count(r => r.State == DeliveryState.Unsubscribed),
            Expired = (int?)g.Count(r => r.State == DeliveryState.Expired),
            Cancelled = (int?)g.Count(r => r.State == DeliveryState.Cancelled),
            Uncertain = (int?)g.Count(r => r.Uncertain),
        });
        return db.Batches.AsNoTracking()
            .Where(b => b.MailingId == mailing)
            .LeftJoin(counted, b => b.Number, c => c.Number, (b, c) => new { Batch = b, Counts = c })
            .OrderBy(one => one.Batch.Number)
            .Select(one => new BatchRecount
            {
                Batch = one.Batch,
                Rows = one.Counts!.Rows ?? 0,
                Queued = one.Counts.Queued ?? 0,
                Accepted = one.Counts.Accepted ?? 0,
                Deferred = one.Counts.Deferred ?? 0,
                Bounced = one.Counts.Bounced ?? 0,
                Suppressed = one.Counts.Suppressed ?? 0,
                Unsubscribed = one.Counts.Unsubscribed ?? 0,
                Expired = one.Counts.Expired ?? 0,
                Cancelled = one.Counts.Cancelled ?? 0,
                Uncertain = one.Counts.Uncertain ?? 0,
            })
            .AsAsyncEnumerable();
    }

    /// <summary>The mailing's books with this batch added.</summary>
    public Books AddTo(Books books) => books with
    {
        Batches = books.Batches + 1,
        Recipients = books.Recipients + Batch.Recipients,
        Twice = books.Twice + Batch.Twice,
        Queued = books.Queued + (Batch.Owner is null ? Batch.Queued : 0),
        Sending = books.Sending + (Batch.Owner is null ? 0 : Batch.Queued),
        Accepted = books.Accepted + Batch.Accepted,
        Deferred = books.Deferred + Batch.Deferred,
        Bounced = books.Bounced + Batch.Bounced,
        Suppressed = books.Suppressed + Batch.Suppressed,
        Unsubscribed = books.Unsubscribed + Batch.Unsubscribed,
        Expired = books.Expired + Batch.Expired,
        Cancelled = books.Cancelled + Batch.Cancelled,
        Uncertain = books.Uncertain + Batch.Uncertain,
    };

    /// <param name="rowsForgotten">The rows are gone, as they should be.</param>
    public void Check(Findings findings, bool rowsForgotten)
    {
        (string What, int Books, int Rows)[] counts =
        [
            ("recipients", Batch.Recipients, Rows),
            ("queued", Batch.Queued, Queued),
            ("accepted", Batch.Accepted, Accepted),
            ("deferred", Batch.Deferred, Deferred),
            ("bounced", Batch.Bounced, Bounced),
            ("suppressed", Batch.Suppressed, Suppressed),
            ("unsubscribed", Batch.Unsubscribed, Unsubscribed),
            ("expired", Batch.Expired, Expired),
            ("cancelled", Batch.Cancelled, Cancelled),
        ];
        var states = counts.Skip(1).Sum(c => c.Books);
        findings.AddIf(states != Batch.Recipients, $"Batch {Batch.Number} has {Batch.Recipients} recipients, and its states add up to {states}.");
        if (rowsForgotten)
        {
            return;
        }

        foreach (var (what, books, rows) in counts.Append(("uncertain", Batch.Uncertain, Uncertain)))
        {
            findings.AddIf(books != rows, $"Batch {Batch.Number}: {books} {what} in its books, {rows} in its rows.");
        }
    }
}
