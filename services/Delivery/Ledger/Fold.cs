using System.Data.Common;
using Alerts.Delivery.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Alerts.Delivery.Ledger;

/// <summary>
/// Takes outcomes over into the ledger, hundreds in one transaction: the rows in one statement, the books of their batches, and what follows from them (a batch let go
/// of, a mailing completed). Applying an outcome twice changes nothing.
/// </summary>
internal static class Fold
{
    /// <param name="done">Batches whose holder <paramref name="owner"/> has nothing left to do in them.</param>
    /// <returns>The outcomes that changed a row.</returns>
    public static async Task<List<Outcome>> ApplyAsync(
        DeliveryDb db, IReadOnlyCollection<Outcome> outcomes, IReadOnlyCollection<BatchKey> done, Guid owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var keys = outcomes.Select(o => o.Batch).Concat(done).Distinct().ToList();
        var batches = (await Batches.LockAsync(db, keys, cancellationToken)).ToDictionary(b => new BatchKey(b.MailingId, b.Number));

        var applied = await WriteRowsAsync(db, [.. outcomes.Where(o => !o.Uncertain && batches.ContainsKey(o.Batch))], cancellationToken);
        foreach (var outcome in outcomes.Where(o => o.Uncertain && batches.ContainsKey(o.Batch)))
        {
            if (await WriteUncertainRowAsync(db, batches[outcome.Batch], outcome, cancellationToken))
            {
                applied.Add(outcome);
            }
        }

        foreach (var outcome in applied)
        {
            batches[outcome.Batch].Settle(outcome.State, outcome.At, outcome.NextAttemptAt);
        }

        foreach (var key in done)
        {
            if (batches.TryGetValue(key, out var batch) && batch.Owner == owner)
            {
                batch.Release(now);
            }
        }

        foreach (var closed in batches.Values.Where(b => b.IsClosed))
        {
            closed.Release(now);
        }

        await db.SaveChangesAsync(cancellationToken);
        foreach (var mailing in batches.Values.Where(b => b.IsClosed).Select(b => b.MailingId).Distinct().Order())
        {
            await Closing.TryCompleteAsync(db, mailing, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return applied;
    }

    /// <summary>Addresses are kept in one place, and the ledger isn't it.</summary>
    private static string? WithoutAddresses(string? reply) => reply?.Contains('@', StringComparison.Ordinal) == true ? RepliesView.WithoutAddresses(reply) : reply;

    private static async Task<bool> WriteUncertainRowAsync(DeliveryDb db, LedgerBatch batch, Outcome outcome, CancellationToken cancellationToken)
    {
        if (await db.Rows.FindAsync([outcome.Batch.MailingId, outcome.SubscriberId], cancellationToken) is not { State: DeliveryState.Queued } row
            || row.Attempts != outcome.AttemptsBefore)
        {
            return false;
        }

        if (!row.Uncertain)
        {
            row.Uncertain = true;
            batch.MarkUncertain();
        }

        (row.State, row.Attempts, row.LastReply, row.NextAttemptAt, row.UpdatedAt) = (outcome.State, outcome.Attempts, WithoutAddresses(outcome.Reply), outcome.NextAttemptAt, outcome.At);
        return true;
    }

    private static async Task<List<Outcome>> WriteRowsAsync(DeliveryDb db, List<Outcome> outcomes, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0)
        {
            return [];
        }

        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        return db.Database.IsNpgsql()
            ? await WriteAtOnceAsync(db, command, outcomes, cancellationToken)
            : await WriteOneByOneAsync(db, command, outcomes, cancellationToken);
    }

    /// <summary>PostgreSQL: one statement over arrays.</summary>
    private static async Task<List<Outcome>> WriteAtOnceAsync(DeliveryDb db, DbCommand command, List<Outcome> outcomes, CancellationToken cancellationToken)
    {
        command.CommandText =
            $"""
            UPDATE {db.Table("Deliveries")} d
            SET "State" = u.state, "Attempts" = u.attempts, "LastReply" = u.reply, "NextAttemptAt" = u.next, "UpdatedAt" = u.at
            FROM unnest(@mailing, @subscriber, @before, @attempts, @state, @reply, @next, @at) AS u(mailing, subscriber, before, attempts, state, reply, next, at)
            WHERE d."MailingId" = u.mailing AND d."SubscriberId" = u.subscriber AND d."State" = 0 AND d."Attempts" = u.before
            RETURNING d."MailingId", d."SubscriberId"
            """;
        command.Add("mailing", outcomes.Select(o => o.Batch.MailingId).ToArray());
        command.Add("subscriber", outcomes.Select(o => o.SubscriberId).ToArray());
        command.Add("before", outcomes.Select(o => o.AttemptsBefore).ToArray());
        command.Add("attempts", outcomes.Select(o => o.Attempts).ToArray());
        command.Add("state", outcomes.Select(o => (short)o.State).ToArray());
        command.Add("reply", outcomes.Select(o => WithoutAddresses(o.Reply)).ToArray());
        command.Add("next", outcomes.Select(o => o.NextAttemptAt?.UtcDateTime).ToArray());
        command.Add("at", outcomes.Select(o => o.At.UtcDateTime).ToArray());

        var changed = new HashSet<(Guid, Guid)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            changed.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        return outcomes.FindAll(o => changed.Contains((o.Batch.MailingId, o.SubscriberId)));
    }

    /// <summary>SQLite: one prepared statement, run for each row; there is no way to the server and back.</summary>
    private static async Task<List<Outcome>> WriteOneByOneAsync(DeliveryDb db, DbCommand command, List<Outcome> outcomes, CancellationToken cancellationToken)
    {
        command.CommandText =
            $"""
            UPDATE {db.Table("Deliveries")}
            SET "State" = @state, "Attempts" = @attempts, "LastReply" = @reply, "NextAttemptAt" = @next, "UpdatedAt" = @at
            WHERE "MailingId" = @mailing AND "SubscriberId" = @subscriber AND "State" = 0 AND "Attempts" = @before
            """;
        var (mailing, subscriber, before, attempts) = (command.Add("mailing"), command.Add("subscriber"), command.Add("before"), command.Add("attempts"));
        var (state, reply, next, at) = (command.Add("state"), command.Add("reply"), command.Add("next"), command.Add("at"));

        var changed = new List<Outcome>();
        foreach (var o in outcomes)
        {
            (mailing.Value, subscriber.Value, before.Value, attempts.Value) = (o.Batch.MailingId, o.SubscriberId, o.AttemptsBefore, o.Attempts);
            (state.Value, reply.Value, next.Value, at.Value) = ((int)o.State, (object?)WithoutAddresses(o.Reply) ?? DBNull.Value, (object?)o.NextAttemptAt?.UtcDateTime ?? DBNull.Value, o.At.UtcDateTime);
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                changed.Add(o);
            }
        }

        return changed;
    }
}
