using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Ledger;

/// <summary>What names a batch.</summary>
internal readonly record struct BatchKey(Guid MailingId, int Number);

/// <summary>Writing and locking whole batches.</summary>
internal static class Batches
{
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
