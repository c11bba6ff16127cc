using Alerts.Contracts;
using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>Keeps one lane's queue filled: claims batches, asks chunk by chunk who still wants the mail, and hands the mails to the workers.</summary>
internal sealed partial class Feeder(
    Lane lane,
    SendQueue queue,
    Holdings holdings,
    HeldMailings mailings,
    DeliveryJournal journal,
    Brake brake,
    WorkSignal work,
    DeliveryMetrics metrics,
    TimeSpan lease,
    IServiceScopeFactory scopes,
    IAudience audience,
    TimeProvider clock,
    ILogger logger)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await brake.WaitUntilOffAsync(stopping);
                var woken = work.Next;
                if (!await FeedAsync(stopping))
                {
                    await woken.WaitAsync(stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(lane, exception);
                await Task.Delay(AfterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Claims once and feeds what it got. False when nothing was due.</summary>
    private async Task<bool> FeedAsync(CancellationToken stopping)
    {
        await queue.WaitForRoomAsync(lane, stopping);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeliveryDb>();
        var now = clock.GetUtcNow();
        var claimed = await Claims.ClaimAsync(db, lane, journal.Owner, now, now + lease, stopping);
        for (var i = 0; i < claimed.Count; i++)
        {
            try
            {
                await FeedAsync(db, claimed[i], now + lease, stopping);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // It can't be read now. It keeps its lease, and is taken up again when that ends.
                LogBatchFailed(claimed[i].MailingId, claimed[i].Number, exception);
            }
        }

        return claimed.Count > 0;
    }

    private async Task FeedAsync(DeliveryDb db, LedgerBatch batch, DateTimeOffset leaseUntil, CancellationToken stopping)
    {
        var mailing = await mailings.LoadAsync(db, batch.MailingId, stopping);
        var rows = await db.Rows.AsNoTracking()
            .Where(r => r.MailingId == batch.MailingId && r.Batch == batch.Number && r.State == DeliveryState.Queued)
            .ToListAsync(stopping);
        var held = new HeldBatch(new BatchKey(batch.MailingId, batch.Number), mailing, Math.Max(rows.Count, 1), leaseUntil);
        holdings.Add(held);
        if (rows.Count == 0)
        {
            journal.Reply(Nothing(held, Guid.Empty, 0), asked: false);
            return;
        }

        foreach (var part in rows.Chunk(Chunk.Size))
        {
            await queue.WaitForRoomAsync(lane, stopping);
            if (mailing.Broken is { } broken)
            {
                // RFC 3463 §3.7: something about the content of the mail is at fault.
                var at = clock.GetUtcNow();
                Array.ForEach(part, row => journal.Reply(
                    new Outcome(held.Key, row.SubscriberId, row.Attempts, row.Attempts, DeliveryState.Bounced, $"554 5.6.0 It can't be made into a mail: {broken}".Truncate(LedgerRow.MaxReply), at), asked: false));
                continue;
            }

            if (mailing.Halted)
            {
                Array.ForEach(part, row => journal.Reply(Nothing(held, row.SubscriberId, row.Attempts), asked: false));
                continue;
            }

            var chunk = new Chunk(held, part, audience, clock);
            await AskAsync(chunk, stopping);
            var wanted = new List<Mail>(part.Length);
            foreach (var mail in chunk.Mails)
            {
                if (mail.Unwanted is var (state, why))
                {
                    mail.Done = true;
                    journal.Reply(mail.Ended(state, why, clock.GetUtcNow()), asked: false);
                    metrics.Ended(lane, state);
                }
                else
                {
                    wanted.Add(mail);
                }
            }

            if (wanted.Count > 0)
            {
                queue.Add(wanted);
            }
        }
    }

    /// <summary>Nobody gets a mail while we can't ask: the database of the subscribers is waited for.</summary>
    private async Task AskAsync(Chunk chunk, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await chunk.AskAsync(stopping);
                chunk.Batch.Trouble = null;
                return;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                chunk.Batch.Trouble = exception.Message;
                LogFailed(lane, exception);
                await Task.Delay(AfterFailure, clock, stopping);
            }
        }
    }

    private Outcome Nothing(HeldBatch held, Guid subscriberId, int attempts) => new(held.Key, subscriberId, attempts, attempts, DeliveryState.Queued, null, clock.GetUtcNow());

    [LoggerMessage(LogLevel.Warning, "Could not take up mail of the {Lane} lane; trying again")]
    private partial void LogFailed(Lane lane, Exception exception);

    [LoggerMessage(LogLevel.Error, "Batch {Number} of mailing {MailingId} can't be taken up; trying again when its lease ends")]
    private partial void LogBatchFailed(Guid mailingId, int number, Exception exception);
}
