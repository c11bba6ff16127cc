using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>
/// What a sender must notice: the switch, pauses, cancellations, and work that other processes wrote or whose time has come (each quarter of a second), leases to renew,
/// and journals of processes that have died.
/// </summary>
internal sealed partial class Watch(
    string journals,
    DeliveryJournal journal,
    SendQueue queue,
    Holdings holdings,
    Brake brake,
    WorkSignal work,
    DeliveryMetrics metrics,
    TimeSpan lease,
    IServiceScopeFactory scopes,
    TimeProvider clock,
    ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReplayEvery = TimeSpan.FromSeconds(10);

    /// <summary>So many batches of cancelled mailings are closed between two looks at everything else.</summary>
    private const int ClosedAtOnce = 10;

    private readonly Dictionary<string, DateTimeOffset> doneAt = [];

    public async Task RunAsync(CancellationToken stopping)
    {
        var failing = false;
        while (!stopping.IsCancellationRequested)
        {
            var more = false;
            try
            {
                more = await LookAsync(stopping);
                await Now(RenewEvery, RenewAsync, stopping);
                await Now(ReplayEvery, ReplayAsync, stopping);
                failing = false;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (!failing)
                {
                    LogFailed(exception);
                }

                failing = true;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (!more || failing)
            {
                var woken = work.Next;
                await WorkSignal.WaitAsync(woken, Every, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Reads what people have decided, wakes the feeders where something is due, and cancels some of what was called off and nobody holds. True where there may be more of that.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeliveryDb>();
        brake.Set(await SendingSwitch.StoppedSinceAsync(db, cancellationToken) is not null);

        var held = holdings.All.Select(b => b.Mailing).Where(m => !m.Halted).Distinct().ToLookup(m => m.Mailing.Id);
        if (held.Count > 0)
        {
            var ids = held.Select(g => g.Key).ToList();
            var halted = await db.Mailings
                .Where(m => ids.Contains(m.Id) && (m.PausedAt != null || m.CancelledAt != null)).Select(m => m.Id).ToListAsync(cancellationToken);
            foreach (var mailing in halted.SelectMany(id => held[id]))
            {
                mailing.Halted = true;
            }
        }

        foreach (var mail in queue.TakeMoot())
        {
            mail.Done = true;
            var outcome = mail.Moot(clock.GetUtcNow());
            journal.Reply(outcome, asked: false);
            if (!outcome.ChangesNothing)
            {
                metrics.Ended(mail.Batch.Mailing.Lane, outcome.State);
            }
        }

        if (await Claims.AnyAsync(db, clock.GetUtcNow(), cancellationToken))
        {
            work.Wake();
        }

        for (var closed = 0; closed < ClosedAtOnce; closed++)
        {
            if (!await Closing.CancelOneBatchAsync(db, clock.GetUtcNow(), cancellationToken))
            {
                return false;
            }

            db.ChangeTracker.Clear();
        }

        return true;
    }

    /// <summary>Folds the journals of processes that ended without doing so, and lets go of what they held.</summary>
    public async Task ReplayAsync(CancellationToken cancellationToken)
    {
        foreach (var abandoned in AbandonedJournals.Open(journals, journal.Owner))
        {
            using (abandoned)
            {
                var now = clock.GetUtcNow();
                var outcomes = abandoned.Read(now);
                foreach (var part in outcomes.GroupBy(o => o.AttemptsBefore).OrderBy(g => g.Key).SelectMany(g => g.Chunk(1_000)))
                {
                    await using var scope = scopes.CreateAsyncScope();
                    await Fold.ApplyAsync(scope.ServiceProvider.GetRequiredService<DeliveryDb>(), part, [], abandoned.Owner, now, cancellationToken);
                }

                await using (var scope = scopes.CreateAsyncScope())
                {
                    await Claims.ReleaseAllAsync(scope.ServiceProvider.GetRequiredService<DeliveryDb>(), abandoned.Owner, now, cancellationToken);
                }

                abandoned.Discard();
                if (outcomes.Count == 0)
                {
                    continue;
                }

                LogReplayed(abandoned.Owner, outcomes.Count, outcomes.Count(o => o.Uncertain));
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (holdings.All.Count == 0)
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var until = clock.GetUtcNow() + lease;
        var ours = (await Claims.RenewAsync(scope.ServiceProvider.GetRequiredService<DeliveryDb>(), journal.Owner, until, cancellationToken)).ToHashSet();
        foreach (var batch in holdings.All.Where(b => ours.Contains(b.Key)))
        {
            batch.LeaseUntil = until;
        }
    }

    private async Task Now(TimeSpan every, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now - doneAt.GetValueOrDefault(act.Method.Name) >= every)
        {
            await act(cancellationToken);
            doneAt[act.Method.Name] = now;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not look after the mails under way; trying again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "Took over the journal of {Owner}: {Outcomes} mails, {Uncertain} of them uncertain and sent again")]
    private partial void LogReplayed(Guid owner, int outcomes, int uncertain);
}
