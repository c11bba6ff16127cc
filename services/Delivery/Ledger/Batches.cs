using System.Data.Common;
using LinqToDB.Data;
using LinqToDB.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Alerts.Delivery.Ledger;

/// <summary>What names a batch.</summary>
internal readonly record struct BatchKey(Guid MailingId, int Number);

/// <summary>Writing and locking whole batches.</summary>
internal static class Batches
{
    /// <summary>Writes the rows of a new batch: COPY on PostgreSQL, one prepared statement on SQLite. Inside a transaction of this context.</summary>
    public static async Task InsertRowsAsync(DeliveryDb db, IEnumerable<LedgerRow> rows, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            await db.BulkCopyAsync(new BulkCopyOptions { BulkCopyType = BulkCopyType.ProviderSpecific }, rows, cancellationToken);
            return;
        }

        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText =
            """
            INSERT INTO "Deliveries" ("MailingId", "SubscriberId", "Batch", "State", "Attempts", "Uncertain", "Name", "Address", "Attends", "UpdatedAt")
            VALUES (@mailing, @subscriber, @batch, @state, 0, 0, @name, @address, @attends, @at)
            """;
        var (mailing, subscriber, batch, state) = (command.Add("mailing"), command.Add("subscriber"), command.Add("batch"), command.Add("state"));
        var (name, address, attends, at) = (command.Add("name"), command.Add("address"), command.Add("attends"), command.Add("at"));
        foreach (var row in rows)
        {
            (mailing.Value, subscriber.Value, batch.Value, state.Value) = (row.MailingId, row.SubscriberId, row.Batch, (int)row.State);
            (name.Value, address.Value, attends.Value, at.Value) = ((object?)row.Name ?? DBNull.Value, (object?)row.Address ?? DBNull.Value, row.Attends, row.UpdatedAt.UtcDateTime);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

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

internal static class DbCommands
{
    public static DbParameter Add(this DbCommand command, string name, object? value = null)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
        return parameter;
    }
}
