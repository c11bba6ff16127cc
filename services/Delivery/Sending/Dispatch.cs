using Alerts.Contracts;
using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Rendering;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Links;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nito.AsyncEx;

namespace Alerts.Delivery.Sending;

/// <summary>
/// Sends: a feeder for each lane, a worker for each connection, a fold that takes what they did over into the ledger, and a watch over switch, pauses, cancellations
/// and leases. On a stop the mails under way are finished, the journal is folded and the leases are let go of.
/// </summary>
internal sealed partial class Dispatch(
    IServiceScopeFactory scopes,
    IAudience audience,
    MailRenderer renderer,
    LinkTokens links,
    Relays relays,
    SmtpTimeouts timeouts,
    DomainCaps caps,
    StandstillLimits limits,
    StandstillMail standstill,
    WorkSignal work,
    DeliveryMetrics metrics,
    IOptions<AlertsOptions> alerts,
    TimeProvider clock,
    ILogger<Dispatch> logger) : BackgroundService
{
    private static readonly TimeSpan FoldEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastFold = TimeSpan.FromSeconds(10);

    private readonly Holdings holdings = new();

    /// <summary>No mail begins with less of its lease left than a relay may take to answer, commands included.</summary>
    private TimeSpan LeaseNeeded => timeouts.Answer + (3 * timeouts.Command);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lease = LeaseNeeded + TimeSpan.FromMinutes(3);
        var folder = Path.Combine(alerts.Value.Data, "journal");
        using var journal = new DeliveryJournal(folder, clock);
        using var queue = new SendQueue(new Domains(caps, clock), clock);
        using var last = new CancellationTokenSource();
        using var giveUp = new CancellationTokenSource();
        var brake = new Brake();
        var watch = new Watch(folder, journal, queue, holdings, brake, work, metrics, lease, scopes, clock, logger);
        try
        {
            await Until(() => PrepareAsync(watch, stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            journal.Finish();
            return;
        }

        metrics.Observe(relays);
        var mailings = new HeldMailings(renderer);
        var lanes = new LaneWatch(journal.Owner, queue, holdings, brake, relays, standstill, limits, metrics, scopes, clock, logger);
        var background = Task.WhenAll(FlushAsync(journal, queue, last.Token), FoldAsync(journal, last.Token, giveUp.Token), watch.RunAsync(last.Token), lanes.RunAsync(stoppingToken));
        var feeders = Enum.GetValues<Lane>()
            .Select(lane => new Feeder(lane, queue, holdings, mailings, journal, brake, work, metrics, lease, scopes, audience, clock, logger).RunAsync(stoppingToken));
        var workers = relays.All.SelectMany(relay => Enumerable.Range(0, relay.Connections).Select(index => OnItsOwnThread(() => WorkAsync(relay, index))));
        await Task.WhenAll([.. feeders, .. workers]);

        await last.CancelAsync();
        giveUp.CancelAfter(LastFold);
        try
        {
            await background;
            await StopAsync(journal, giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            // The database isn't there. The journal stays; whoever starts next folds it and lets go of our leases.
        }

        async Task WorkAsync(Relay relay, int index)
        {
            using var worker = new Worker(relay, index, queue, renderer, journal, brake, metrics, LeaseNeeded, clock, logger);
            await worker.RunAsync(stoppingToken);
        }
    }

    /// <summary>Runs to the end on a new thread: what is awaited goes on there.</summary>
    private static Task OnItsOwnThread(Func<Task> act) =>
        Task.Factory.StartNew(() => AsyncContext.Run(act), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private async Task PrepareAsync(Watch watch, CancellationToken cancellationToken)
    {
        await links.LoadAsync(cancellationToken);
        await watch.ReplayAsync(cancellationToken);
        await watch.LookAsync(cancellationToken);
    }

    /// <param name="giveUp">After a stop, when the database has been waited for long enough.</param>
    private async Task FoldAsync(DeliveryJournal journal, CancellationToken stopping, CancellationToken giveUp)
    {
        while (!stopping.IsCancellationRequested)
        {
            await journal.WaitForManyAsync(FoldEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (outcomes, done) = journal.Take();
            if (outcomes.Count > 0 || done is not null)
            {
                // Not given up when we stop: the last fold must not run beside this one.
                await Until(() => FoldAsync(journal.Owner, outcomes, giveUp), giveUp);
                done?.Discard();
            }
        }
    }

    private async Task FoldAsync(Guid owner, List<Outcome> outcomes, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0)
        {
            return;
        }

        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<DeliveryDb>();
            await Fold.ApplyAsync(db, [.. outcomes.Where(o => !o.ChangesNothing)], holdings.DoneWith(outcomes), owner, clock.GetUtcNow(), cancellationToken);
        }

        holdings.Settle(outcomes, clock.GetUtcNow());
    }

    private static async Task FlushAsync(DeliveryJournal journal, SendQueue queue, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(FlushEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            journal.Flush();
            queue.TakeBackIn();
        }
    }

    private async Task StopAsync(DeliveryJournal journal, CancellationToken giveUp)
    {
        var (outcomes, done) = journal.Take();
        await Until(() => FoldAsync(journal.Owner, outcomes, giveUp), giveUp);
        done?.Discard();
        await using var scope = scopes.CreateAsyncScope();
        await Claims.ReleaseAllAsync(scope.ServiceProvider.GetRequiredService<DeliveryDb>(), journal.Owner, clock.GetUtcNow(), giveUp);
        journal.Finish();
    }

    /// <summary>Tries until it works: a database that is away is waited for, and said once.</summary>
    private async Task Until(Func<Task> act, CancellationToken cancellationToken)
    {
        for (var first = true; ; first = false)
        {
            try
            {
                await act();
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (first)
                {
                    LogWaiting(exception);
                }

                await Task.Delay(AfterFailure, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The ledger can't be reached or written; trying again every second")]
    private partial void LogWaiting(Exception exception);
}
