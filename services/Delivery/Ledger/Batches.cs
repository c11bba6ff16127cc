using LinqToDB.Data;
using LinqToDB.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Ledger;

/// <summary>What names a batch.</summary>
internal readonly record struct BatchKey(Guid MailingId, int Number);

/// <summary>Writing and locking whole batches.</summary>
internal static class Batches
{
    /// <summary>Writes the rows of a new batch: COPY on PostgreSQL, many rows a statement on SQLite. Inside a transaction of this context.</summary>
    public static async Task InsertRowsAsync(DeliveryDb db, IEnumerable<LedgerRow> rows, CancellationToken cancellationToken) =>
        await db.BulkCopyAsync(new BulkCopyOptions { BulkCopyType = db.Database.IsNpgsql() ? BulkCopyType.ProviderSpecific : BulkCopyType.MultipleRows }, rows, cancellationToken);

    /// <summary>These batches, tracked, under a lock that lasts until the transaction ends. SQLite has one writer and needs no lock.</summary>
    public static async Task<List<LedgerBatch>> LockAsync(DeliveryDb db, IReadOnlyCollection<BatchKey> keys, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            var mailings = keys.Select(k => k.MailingId).ToArray();
            var batchNumbers = keys.Select(k => k.Number).ToArray();
            return await db.Batches
                .FromSql(
                    $"""
                    SELECT b.* FROM delivery."Batches" b JOIN unnest({mailings}, {batchNumbers}) AS k(m, n) ON b."MailingId" = k.m AND b."Number" = k.n
                    ORDER BY b."MailingId", b."Number" FOR UPDATE OF b
                    """)
                .ToListAsync(cancellationToken);
        }

        var batches = new List<LedgerBatch>();
        foreach (var mailing in keys.GroupBy(k => k.MailingId, k => k.Number))
        {
            var numbers = mailing.ToList();
            batches.AddRange(await db.Batches.Where(b => b.MailingId == mailing.Key && numbers.Contains(b.Number)).ToListAsync(cancellationToken));
        }

        return batches;
    }
}
