using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>A mailing's deliveries by state. They always add up to <see cref="Recipients"/>.</summary>
public sealed record Books
{
    public static readonly Books Empty = new();

    /// <summary>How many batches are there.</summary>
    public int Batches { get; init; }

    public long Recipients { get; init; }

    /// <summary>Readers who came twice, counted once among the recipients; see <see cref="LedgerBatch.Twice"/>.</summary>
    public long Twice { get; init; }

    public long Queued { get; init; }

    public long Sending { get; init; }

    public long Accepted { get; init; }

    public long Deferred { get; init; }

    public long Bounced { get; init; }

    public long Suppressed { get; init; }

    public long Unsubscribed { get; init; }

    public long Expired { get; init; }

    public long Cancelled { get; init; }

    /// <summary>Counted beside the states.</summary>
    public long Uncertain { get; init; }

    /// <summary>When the first and the last mail were handed over.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Deliveries that haven't ended.</summary>
    public long Open => Queued + Sending + Deferred;

    /// <summary>The count of each state, by its word.</summary>
    public IReadOnlyDictionary<string, long> Counts() => new Dictionary<string, long>
    {
        [DeliveryState.Queued.Word()] = Queued,
        [DeliveryState.Sending.Word()] = Sending,
        [DeliveryState.Accepted.Word()] = Accepted,
        [DeliveryState.Deferred.Word()] = Deferred,
        [DeliveryState.Bounced.Word()] = Bounced,
        [DeliveryState.Suppressed.Word()] = Suppressed,
        [DeliveryState.Unsubscribed.Word()] = Unsubscribed,
        [DeliveryState.Expired.Word()] = Expired,
        [DeliveryState.Cancelled.Word()] = Cancelled,
    };

    /// <summary>The counts of the states in which deliveries end.</summary>
    public IReadOnlyDictionary<string, long> FinalCounts() =>
        Counts().Where(c => Enum.Parse<DeliveryState>(c.Key, ignoreCase: true).IsFinal()).ToDictionary();

    /// <summary>The books of these mailings, added up over their batches. A mailing without a batch isn't in the answer.</summary>
    internal static Task<Dictionary<Guid, Books>> AddUpAsync(DeliveryDb db, IReadOnlyCollection<Guid> mailings, CancellationToken cancellationToken) =>
        db.Batches.AsNoTracking()
            .Where(b => mailings.Contains(b.MailingId))
            .GroupBy(b => b.MailingId)
            .Select(g => new
            {
                g.Key,
                Books = new Books
                {
                    Batches = g.Count(),
                    Recipients = g.Sum(b => (long)b.Recipients),
                    Twice = g.Sum(b => (long)b.Twice),
                    Queued = g.Sum(b => b.Owner == null ? (long)b.Queued : 0),
                    Sending = g.Sum(b => b.Owner != null ? (long)b.Queued : 0),
                    Accepted = g.Sum(b => (long)b.Accepted),
                    Deferred = g.Sum(b => (long)b.Deferred),
                    Bounced = g.Sum(b => (long)b.Bounced),
                    Suppressed = g.Sum(b => (long)b.Suppressed),
                    Unsubscribed = g.Sum(b => (long)b.Unsubscribed),
                    Expired = g.Sum(b => (long)b.Expired),
                    Cancelled = g.Sum(b => (long)b.Cancelled),
                    Uncertain = g.Sum(b => (long)b.Uncertain),
                    FirstAt = g.Min(b => b.FirstAt),
                    LastAt = g.Max(b => b.LastAt),
                },
            })
            .ToDictionaryAsync(b => b.Key, b => b.Books, cancellationToken);
}
