using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Ledger;

/// <summary>Who holds which batches. Any number of processes claim from one ledger; a lease that isn't renewed ends, and its batches are due again.</summary>
internal static class Claims
{
    /// <summary>How many recipients one claim takes, at most; one whole batch at least.</summary>
    private const int AtOnce = 500;

    /// <summary>Whether any lane has something to claim.</summary>
    public static Task<bool> AnyAsync(DeliveryDb db, DateTimeOffset now, CancellationToken cancellationToken) => Enum.GetValues<Lane>()
        .Select(lane => Due(db, lane, now).Select(b => b.Number))
        .Aggregate((some, more) => some.Concat(more))
        .AnyAsync(cancellationToken);

    /// <summary>Claims the batches of a lane that have waited longest, of mailings that are prepared and neither paused nor cancelled.</summary>
    public static async Task<List<LedgerBatch>> ClaimAsync(DeliveryDb db, Lane lane, Guid owner, DateTimeOffset now, DateTimeOffset leaseUntil, CancellationToken cancellationToken)
    {
        var due = Due(db, lane, now).OrderBy(b => b.DueAt).Take(8);
        if (!await due.AnyAsync(cancellationToken))
        {
            return [];
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var candidates = await (db.Database.IsNpgsql() ? Unlocked(db, lane, now) : due).ToListAsync(cancellationToken);
        var claimed = new List<LedgerBatch>();
        foreach (var batch in candidates)
        {
            if (claimed.Count > 0 && claimed.Sum(b => b.Queued) + batch.Queued > AtOnce)
            {
                break;
            }

            batch.Claim(owner, leaseUntil);
            if (batch.Deferred > 0 && batch.NextAt <= now)
            {
                await RequeueAsync(db, batch, now, cancellationToken);
            }

            claimed.Add(batch);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return claimed;
    }

    /// <summary>Extends the leases of a process. Returns the batches it still holds.</summary>
    public static async Task<List<BatchKey>> RenewAsync(DeliveryDb db, Guid owner, DateTimeOffset leaseUntil, CancellationToken cancellationToken)
    {
        await db.Batches.Where(b => b.Owner == owner).ExecuteUpdateAsync(set => set.SetProperty(b => b.DueAt, leaseUntil), cancellationToken);
        return await db.Batches.AsNoTracking().Where(b => b.Owner == owner).Select(b => new BatchKey(b.MailingId, b.Number)).ToListAsync(cancellationToken);
    }

    /// <summary>Lets go of all batches of a process that has stopped, or is no more.</summary>
    public static async Task ReleaseAllAsync(DeliveryDb db, Guid owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var keys = await db.Batches.AsNoTracking().Where(b => b.Owner == owner).Select(b => new BatchKey(b.MailingId, b.Number)).ToListAsync(cancellationToken);
        foreach (var batch in await Batches.LockAsync(db, keys, cancellationToken))
        {
            if (batch.Owner == owner)
            {
                batch.Release(now);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static IQueryable<LedgerBatch> Due(DeliveryDb db, Lane lane, DateTimeOffset now) => db.Batches
        .Where(b => b.Lane == lane && b.DueAt <= now && db.Mailings.Any(m => m.Id == b.MailingId && m.PreparedAt != null && m.PausedAt == null && m.CancelledAt == null));

    private static IQueryable<LedgerBatch> Unlocked(DeliveryDb db, Lane lane, DateTimeOffset now) => db.Batches.FromSql(
        $"""
        SELECT b.* FROM delivery."Batches" b JOIN delivery."Mailings" m ON m."Id" = b."MailingId"
        WHERE b."Lane" = {(short)lane} AND b."DueAt" <= {now.UtcDateTime} AND m."PreparedAt" IS NOT NULL AND m."PausedAt" IS NULL AND m."CancelledAt" IS NULL
        ORDER BY b."DueAt" LIMIT 8 FOR UPDATE OF b SKIP LOCKED
        """);

    private static async Task RequeueAsync(DeliveryDb db, LedgerBatch batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var deferred = db.Rows.Where(r => r.MailingId == batch.MailingId && r.Batch == batch.Number && r.State == DeliveryState.Deferred);
        var rows = await deferred.Where(r => r.NextAttemptAt <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, DeliveryState.Queued).SetProperty(r => r.NextAttemptAt, (DateTimeOffset?)null), cancellationToken);
        batch.Requeue(rows, await deferred.MinAsync(r => r.NextAttemptAt, cancellationToken));
    }
}
