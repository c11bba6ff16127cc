using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Told;

/// <summary>
/// Finds the recipients of mailings to those who were told of an event, in the ledger itself: a batch of a mailing that told of it at a time, one transaction each, once
/// nothing of that batch is being handed over any more. Told is whose mail was handed over, perhaps handed over, or waits for another try.
/// </summary>
/// <remarks>Any number of processes may run it, and be killed anywhere: which batches were looked into is recorded with what came of it.</remarks>
internal sealed partial class TellThoseTold(IServiceScopeFactory scopes, WorkSignal work, TimeProvider clock, ILogger<TellThoseTold> logger) : BackgroundService
{
    private static readonly TimeSpan Fallback = TimeSpan.FromMilliseconds(250);

    /// <summary>While a mailing waits for what is being handed over.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    /// <summary>How many batches are looked up at once.</summary>
    private const int AtOnce = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = work.Next;
            var waits = false;
            try
            {
                waits = await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (DbUpdateException)
            {
                // Another process looked into that batch; look again.
                waits = true;
            }
            catch (Exception exception)
            {
                LogFailed(exception);
            }

            await WorkSignal.WaitAsync(woken, waits ? Soon : Fallback, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Goes on with all mailings that want those who were told, until nothing can be done now. True when one of them waits.</summary>
    internal async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeliveryDb>();
        var open = await db.Mailings.AsNoTracking()
            .Where(m => m.ToThoseTold != null && m.ToldSealedAt == null)
            .OrderBy(m => m.HeardAt).Take(100).ToListAsync(cancellationToken);
        var waits = false;
        foreach (var mailing in open)
        {
            waits |= !await TellAsync(db, mailing, cancellationToken);
        }

        return waits;
    }

    /// <summary>False when there is something left to wait for.</summary>
    private async Task<bool> TellAsync(DeliveryDb db, Mailing mailing, CancellationToken cancellationToken)
    {
        if (IsWanted(mailing, clock.GetUtcNow()))
        {
            // The maker's own come first: it knows who attends.
            if (mailing.SealedAt is null || await db.Batches.CountAsync(b => b.MailingId == mailing.Id && b.Number <= ToldPage.FirstNumber, cancellationToken) < mailing.SealedBatches)
            {
                return false;
            }

            var told = await ThoseTold.OfAsync(db, mailing, cancellationToken);
            while (await told.Unseen(db).Where(ThoseTold.IsQuiet(db)).OrderBy(b => b.MailingId).ThenBy(b => b.Number).Take(AtOnce).ToListAsync(cancellationToken) is { Count: > 0 } batches)
            {
                foreach (var batch in batches)
                {
                    await AddAsync(db, told, mailing.Id, batch, cancellationToken);
                }

                work.Wake();
            }

            if (await told.MoreToComeAsync(db, cancellationToken))
            {
                return false;
            }
        }

        return await SealAsync(db, mailing.Id, cancellationToken);
    }

    /// <summary>Adds those who were told by one batch of another mailing.</summary>
    private async Task AddAsync(DeliveryDb db, ThoseTold told, Guid mailingId, LedgerBatch batch, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var mailing = await Mailing.LockAsync(db, mailingId, now, exclusive: true, cancellationToken);
        if (mailing.CancelledAt is null && mailing.CompletedAt is null && await told.Unseen(db).AnyAsync(b => b.MailingId == batch.MailingId && b.Number == batch.Number, cancellationToken))
        {
            var rows = await db.Rows.AsNoTracking()
                .Where(r => r.MailingId == batch.MailingId && r.Batch == batch.Number
                    && (r.State == DeliveryState.Accepted || r.Uncertain || r.State == DeliveryState.Deferred || r.State == DeliveryState.Queued))
                .ToListAsync(cancellationToken);
            var ids = rows.ConvertAll(r => r.SubscriberId);
            var same = told.Same;
            var there = await db.Rows.Where(r => EF.Parameter(same).Contains(r.MailingId) && EF.Parameter(ids).Contains(r.SubscriberId)).Select(r => r.SubscriberId).ToHashSetAsync(cancellationToken);
            var found = rows.Count;
            rows.RemoveAll(r => there.Contains(r.SubscriberId));
            var number = mailing.AddTold(found, rows.Count);
            db.ToldPages.Add(new ToldPage { MailingId = mailingId, TellerId = batch.MailingId, TellerBatch = batch.Number, Number = number, Candidates = found, Recipients = rows.Count });
            if (rows.Count > 0)
            {
                db.Batches.Add(LedgerBatch.Of(mailingId, number, rows.Count, mailing.Lane, now));
            }

            await db.SaveChangesAsync(cancellationToken);
            await db.InsertManyAsync(
                rows.Select(r => new LedgerRow { MailingId = mailingId, SubscriberId = r.SubscriberId, Batch = number, Name = r.Name, Attends = r.Attends, UpdatedAt = now }),
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>False when one more mailing has told of the event meanwhile: asked again under the lock that such a one takes too.</summary>
    private async Task<bool> SealAsync(DeliveryDb db, Guid mailingId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var mailing = await Mailing.LockAsync(db, mailingId, now, exclusive: true, cancellationToken);
        if (IsWanted(mailing, now) && await (await ThoseTold.OfAsync(db, mailing, cancellationToken)).MoreToComeAsync(db, cancellationToken))
        {
            db.ChangeTracker.Clear();
            return false;
        }

        mailing.SealTold(now);
        await db.SaveChangesAsync(cancellationToken);
        await Closing.TryCompleteAsync(db, mailingId, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return true;
    }

    /// <summary>It was neither called off nor has it lost its point.</summary>
    private static bool IsWanted(Mailing mailing, DateTimeOffset now) => mailing.CancelledAt is null && (mailing.ExpiresAt is null || mailing.ExpiresAt > now);

    [LoggerMessage(LogLevel.Warning, "Those who were told of an event can't be looked up just now; trying again")]
    private partial void LogFailed(Exception exception);
}
