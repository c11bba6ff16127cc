using System.Text.Json;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.ServiceDefaults.Outbox;

/// <summary>
/// Publishes what is due in one service's outbox: at once when a commit wakes it, again when a message stays untaken. Any number of processes may relay the same
/// outbox; each claims its rows by moving their <see cref="OutboxMessage.DueAt"/>, so a relay that dies delays its rows by a minute and loses none.
/// </summary>
internal sealed partial class OutboxRelay<TDb>(
    IServiceScopeFactory scopes, IBus bus, CommitSignal<TDb> signal, TimeProvider clock, ILogger<OutboxRelay<TDb>> logger) : BackgroundService
    where TDb : AlertsDbContext
{
    /// <summary>Only the fallback: commits wake the relay.</summary>
    private static readonly TimeSpan Fallback = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(30);

    private const int AtOnce = 100;

    /// <summary>
    /// How many batches of recipients may be on their way: the bus holds a bounded part of a mailing, the outbox the rest. Urgent ones go first, and have a window of
    /// their own: a queue knows no ranks, so what stands before them in it must be little.
    /// </summary>
    private const int RecipientsWindow = 32;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var commits = signal.Subscribe();
        var first = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (first)
                {
                    await PublishAllAgainAsync(stoppingToken);
                    first = false;
                }

                while (await RelayAsync(stoppingToken))
                {
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(typeof(TDb).Name, exception.Message);
            }

            await commits.WaitAsync(Fallback, stoppingToken);
        }
    }

    /// <summary>What was on its way when this service last stopped may be gone (the in-memory bus forgets): all of it is due now.</summary>
    private async Task PublishAllAgainAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        await db.Outbox.Where(m => m.Attempts > 0 && m.ParkedBecause == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.DueAt, clock.GetUtcNow()).SetProperty(m => m.Attempts, 0), cancellationToken);
    }

    /// <summary>Publishes what is due, at most <see cref="AtOnce"/> messages. False when there was nothing.</summary>
    private async Task<bool> RelayAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        var claimed = await ClaimAsync(db, cancellationToken);
        if (claimed.Count == 0)
        {
            return false;
        }

        var sender = AlertsDbContext.Schema(db.Service);
        var results = await Task.WhenAll(claimed.Select(message => PublishAsync(message, sender, cancellationToken)));
        var unsent = claimed.Zip(results).Where(pair => pair.Second is not null).ToList();
        if (unsent.Count == 0)
        {
            return true;
        }

        foreach (var (message, failure) in unsent)
        {
            db.Attach(message);
            if (failure is JsonException)
            {
                message.ParkedBecause = failure.Message;
                LogParked(message.Id, typeof(TDb).Name, failure.Message);
            }
            else
            {
                message.DueAt = clock.GetUtcNow();
                message.Attempts--;
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        if (unsent.FirstOrDefault(pair => pair.Second is not JsonException).Second is { } broker)
        {
            throw broker;
        }

        return true;
    }

    /// <summary>Takes due rows under a lock (one relay at a time decides), so that no two relays publish the same row.</summary>
    private async Task<List<OutboxMessage>> ClaimAsync(TDb db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = db.Outbox.AsNoTracking().Where(m => m.DueAt <= now && m.ParkedBecause == null).OrderBy(m => m.Id);
        if (!await due.AnyAsync(cancellationToken))
        {
            return [];
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({OutboxLock + (int)db.Service})", cancellationToken);
        }

        const string batches = nameof(RecipientsAdded);
        var claimed = await due.Where(m => m.Type != batches || m.Attempts > 0).Take(AtOnce).ToListAsync(cancellationToken);
        foreach (var urgent in new[] { true, false })
        {
            var lane = db.Outbox.Where(m => m.Type == batches && m.Rank == OutboxMessage.UrgentRank == urgent);
            var window = Math.Min(RecipientsWindow - await lane.CountAsync(m => m.Attempts > 0, cancellationToken), AtOnce - claimed.Count);
            if (window > 0)
            {
                claimed.AddRange(await lane.AsNoTracking()
                    .Where(m => m.DueAt <= now && m.ParkedBecause == null && m.Attempts == 0)
                    .OrderBy(m => m.Rank).ThenBy(m => m.Id)
                    .Take(window)
                    .ToListAsync(cancellationToken));
            }
        }

        foreach (var sameWait in claimed.GroupBy(m => ++m.Attempts))
        {
            var ids = sameWait.Select(m => m.Id).ToList();
            var again = now + OutboxMessage.Wait(sameWait.Key);
            await db.Outbox.Where(m => ids.Contains(m.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.Attempts, sameWait.Key).SetProperty(m => m.DueAt, again), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return claimed;
    }

    private const long OutboxLock = 0x6F7574626F7800;

    /// <summary>Null when the bus has it; else why not.</summary>
    private async Task<Exception?> PublishAsync(OutboxMessage row, string sender, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(PublishTimeout);
        try
        {
            var (message, type) = row.Read();
            await bus.Publish(message, type, context =>
            {
                context.MessageId = row.MessageId;
                context.Headers.Set(Bus.TakenHeaders.Sender, sender);
            }, timeout.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TimeoutException("The bus didn't take a message within 30 s.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not relay the outbox of {Database} ({Reason}); trying again")]
    private partial void LogFailed(string database, string reason);

    [LoggerMessage(LogLevel.Error, "Message {Id} in the outbox of {Database} can't be published and is parked: {Reason}")]
    private partial void LogParked(long id, string database, string reason);
}
