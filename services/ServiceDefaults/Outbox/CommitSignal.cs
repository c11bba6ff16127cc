using System.Collections.Immutable;
using System.Data.Common;
using System.Threading.Channels;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Alerts.ServiceDefaults.Outbox;

/// <summary>Wakes whoever waits for commits that queued a message in one service's outbox: its relay, its fan-out. Many wakes while one works are one.</summary>
public sealed class CommitSignal<TDb> where TDb : AlertsDbContext
{
    private ImmutableArray<Waiter> waiters = [];

    /// <summary>Each subscriber hears every wake. Subscribe once, at start.</summary>
    public Waiter Subscribe()
    {
        var waiter = new Waiter();
        ImmutableInterlocked.Update(ref waiters, (all, one) => all.Add(one), waiter);
        return waiter;
    }

    public void Wake()
    {
        foreach (var waiter in waiters)
        {
            waiter.Wake();
        }
    }

    public sealed class Waiter
    {
        private readonly Channel<bool> channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        internal void Wake() => channel.Writer.TryWrite(true);

        /// <summary>Returns when woken, or after <paramref name="atMost"/>.</summary>
        public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            either.CancelAfter(atMost);
            try
            {
                await channel.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Nothing woke us: look anyway.
            }
        }
    }
}

/// <summary>Wakes at the commit of a transaction that queued a message, not before.</summary>
internal sealed class CommitWaker<TDb>(CommitSignal<TDb> signal) : SaveChangesInterceptor, IDbTransactionInterceptor where TDb : AlertsDbContext
{
    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is AlertsDbContext { Database.CurrentTransaction: null } db)
        {
            Wake(db);
        }

        return new(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is AlertsDbContext db)
        {
            Wake(db);
        }

        return Task.CompletedTask;
    }

    private void Wake(AlertsDbContext db)
    {
        if (db.HasNews)
        {
            db.HasNews = false;
            signal.Wake();
        }
    }
}
