using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>How a mailing ends: its last deliveries cancelled where somebody called it off, its books closed, and its makers told.</summary>
internal static class Closing
{
    /// <summary>
    /// Closes the books when the mailing is sealed, all its batches are there and all rows are final. Runs inside a transaction that has saved what it did to the
    /// batches: the lock on the mailing lets whoever closes the last batch see all others closed.
    /// </summary>
    public static async Task<bool> TryCompleteAsync(DeliveryDb db, Guid mailingId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mailing = await Mailing.LockAsync(db, mailingId, now, exclusive: true, cancellationToken);
        if (mailing.SealedAt is null || mailing.PreparedAt is null || mailing.CompletedAt is not null
            || mailing is { ToThoseTold: not null, ToldSealedAt: null }
            || await db.Batches.AnyAsync(b => b.MailingId == mailingId && (b.Queued > 0 || b.Deferred > 0), cancellationToken))
        {
            return false;
        }

        var books = (await Books.AddUpAsync(db, [mailingId], cancellationToken)).GetValueOrDefault(mailingId, Books.Empty);
        if (books.Batches < mailing.SealedBatches + mailing.ToldBatches)
        {
            return false;
        }

        mailing.Complete(now);
        db.Enqueue(
            new MailingCompleted
            {
                MailingId = mailing.Id,
                Cause = mailing.Cause,
                Recipients = books.Recipients,
                Counts = books.FinalCounts(),
                FirstAt = books.FirstAt,
                LastAt = books.LastAt,
            },
            now);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Cancels the rows of one batch of a mailing that was called off, unless a process holds it: that one lets go within a second. False when there was none.
    /// </summary>
    public static async Task<bool> CancelOneBatchAsync(DeliveryDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var next = await db.Mailings
            .Where(m => m.CompletedAt == null && m.CancelledAt != null)
            .SelectMany(m => db.Batches.Where(b => b.MailingId == m.Id && (b.Queued > 0 || b.Deferred > 0) && (b.Owner == null || b.DueAt <= now)))
            .OrderBy(b => b.MailingId).ThenBy(b => b.Number)
            .Select(b => new BatchKey(b.MailingId, b.Number))
            .FirstOrDefaultAsync(cancellationToken);
        if (next == default)
        {
            return false;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var batch = (await Batches.LockAsync(db, [next], cancellationToken)).Single();
        if (!batch.IsClosed && (batch.Owner is null || batch.DueAt <= now))
        {
            var rows = await db.Rows
                .Where(r => r.MailingId == next.MailingId && r.Batch == next.Number && (r.State == DeliveryState.Queued || r.State == DeliveryState.Deferred))
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, DeliveryState.Cancelled).SetProperty(r => r.UpdatedAt, now), cancellationToken);
            batch.CancelRest(rows);
            await db.SaveChangesAsync(cancellationToken);
            await TryCompleteAsync(db, next.MailingId, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
