using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.Ledger;

/// <summary>
/// A page of the ledger with its own books: up to 500 rows of one mailing, claimed as a whole by one process under a lease. A mailing's books are the sum over its
/// batches, so progress never counts rows, and no counter is shared by all who send.
/// </summary>
/// <remarks>Always <c>Recipients = Queued + Deferred + Accepted + Bounced + Suppressed + Unsubscribed + Expired + Cancelled</c>.</remarks>
public sealed class LedgerBatch
{
    public required Guid MailingId { get; init; }

    /// <summary>The number in its mailing, from 1, with gaps.</summary>
    public required int Number { get; init; }

    /// <summary>Null until its mailing's content is there: such a batch isn't claimed.</summary>
    public Lane? Lane { get; set; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>From when on it may be claimed: at once, when its next deferred row is due, or, while a process holds it, when that lease ends. Null when all its rows are final.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>The process that holds it. Null when nobody does.</summary>
    public Guid? Owner { get; private set; }

    public required int Recipients { get; init; }

    /// <summary>Readers that its maker put into it and that were among the mailing's recipients already: they aren't among <see cref="Recipients"/>.</summary>
    public int Twice { get; init; }

    public int Queued { get; private set; }

    public int Deferred { get; private set; }

    public int Accepted { get; private set; }

    public int Bounced { get; private set; }

    public int Suppressed { get; private set; }

    public int Unsubscribed { get; private set; }

    public int Expired { get; private set; }

    public int Cancelled { get; private set; }

    /// <summary>How many rows are marked uncertain, whatever their state.</summary>
    public int Uncertain { get; private set; }

    /// <summary>When its first deferred row is due. Null when none is deferred.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>When its first and last mail were handed over. Null before.</summary>
    public DateTimeOffset? FirstAt { get; private set; }

    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>All its rows are final.</summary>
    public bool IsClosed => Queued + Deferred == 0;

    internal static LedgerBatch Of(Guid mailingId, int number, int recipients, Lane? lane, DateTimeOffset now, int twice = 0) => new()
    {
        MailingId = mailingId,
        Number = number,
        Lane = lane,
        AddedAt = now,
        DueAt = recipients > 0 ? now : null,
        Recipients = recipients,
        Twice = twice,
        Queued = recipients,
    };

    internal void Claim(Guid owner, DateTimeOffset leaseUntil) => (Owner, DueAt) = (owner, leaseUntil);

    /// <summary>Lets go of it: whoever comes next may claim what is left.</summary>
    internal void Release(DateTimeOffset now)
    {
        Owner = null;
        DueAt = Queued > 0 ? now : Deferred > 0 ? NextAt ?? now : null;
    }

    /// <summary>Deferred rows have become due and wait in the queue again.</summary>
    /// <param name="next">When the next of those that stay deferred is due.</param>
    internal void Requeue(int rows, DateTimeOffset? next)
    {
        Queued += rows;
        Deferred -= rows;
        NextAt = next;
    }

    /// <summary>One queued row has ended in <paramref name="state"/>, or waits again.</summary>
    internal void Settle(DeliveryState state, DateTimeOffset at, DateTimeOffset? nextAttemptAt)
    {
        Queued--;
        Count(state, 1);
        if (state == DeliveryState.Accepted)
        {
            FirstAt = FirstAt < at ? FirstAt : at;
            LastAt = LastAt > at ? LastAt : at;
        }

        if (state == DeliveryState.Deferred)
        {
            NextAt = NextAt < nextAttemptAt ? NextAt : nextAttemptAt;
        }
    }

    internal void MarkUncertain() => Uncertain++;

    /// <summary>Every row that hadn't ended is cancelled: so many.</summary>
    internal void CancelRest(int rows)
    {
        Cancelled += rows;
        (Queued, Deferred, NextAt, Owner, DueAt) = (0, 0, null, null, null);
    }

    private void Count(DeliveryState state, int rows)
    {
        switch (state)
        {
            case DeliveryState.Queued: Queued += rows; break;
            case DeliveryState.Accepted: Accepted += rows; break;
            case DeliveryState.Deferred: Deferred += rows; break;
            case DeliveryState.Bounced: Bounced += rows; break;
            case DeliveryState.Suppressed: Suppressed += rows; break;
            case DeliveryState.Unsubscribed: Unsubscribed += rows; break;
            case DeliveryState.Expired: Expired += rows; break;
            case DeliveryState.Cancelled: Cancelled += rows; break;
            default: throw new ArgumentOutOfRangeException(nameof(state), state, "A row doesn't end in this state.");
        }
    }

    internal sealed class Mapping : IEntityTypeConfiguration<LedgerBatch>
    {
        public void Configure(EntityTypeBuilder<LedgerBatch> builder)
        {
            builder.ToTable("Batches");
            builder.HasKey(b => new { b.MailingId, b.Number });
            builder.HasIndex(b => new { b.Lane, b.DueAt });
            builder.HasIndex(b => b.Owner);
        }
    }
}
