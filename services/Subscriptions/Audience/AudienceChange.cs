using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Alerts.Subscriptions.Audience;

/// <summary>
/// A change to what readers hold, or to when they read: a transaction whose first act is to raise the revision. The counter's row stays locked until the commit
/// (SQLite: the whole file), so changes wait for each other and revisions commit in order. Readers are looked up after that, and so are never stale.
/// </summary>
public sealed class AudienceChange : IAsyncDisposable
{
    /// <summary>More lines of record than this are copied in bulk (an import's).</summary>
    private const int FewEntries = 100;

    /// <summary>In one <see cref="SubscribersErased"/>.</summary>
    private const int MostErased = 500;

    private readonly SubscriptionsDb db;
    private readonly IDbContextTransaction transaction;

    private readonly ConsentSource source;
    private readonly List<ConsentEntry> entries = [];
    private readonly List<Guid> erased = [];

    private AudienceChange(SubscriptionsDb db, IDbContextTransaction transaction, long revision, DateTimeOffset at, ConsentSource source) =>
        (this.db, this.transaction, Revision, At, this.source) = (db, transaction, revision, at, source);

    /// <summary>What rows begin and end with that this change begins and ends.</summary>
    public long Revision { get; }

    public DateTimeOffset At { get; }

    /// <param name="source">Who makes the change, and how: it stands in the record of each reader it touches.</param>
    public static async Task<AudienceChange> BeginAsync(SubscriptionsDb db, TimeProvider clock, ConsentSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(clock);

        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await db.Revisions.ExecuteUpdateAsync(set => set.SetProperty(r => r.Value, r => r.Value + 1), cancellationToken);
            var revision = await db.Revisions.Select(r => r.Value).SingleAsync(cancellationToken);
            return new AudienceChange(db, transaction, revision, clock.GetUtcNow(), source);
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    /// <summary>A reader with what she holds, and what she ceased to hold at <paramref name="endedAt"/>. Null when there is none; erased readers are found.</summary>
    public Task<Subscriber?> FindAsync(Guid id, CancellationToken cancellationToken, long endedAt = Subscription.Held) =>
        db.Subscribers
            .Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held || held.ToRev == endedAt))
            .FirstOrDefaultAsync(s => s.Id == id, cancellationToken);

    /// <summary>The reader of an address with what she holds, or null.</summary>
    public Task<Subscriber?> FindAsync(EmailAddress address, CancellationToken cancellationToken) =>
        db.Subscribers
            .Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held))
            .FirstOrDefaultAsync(s => s.NormalizedAddress == address.Normalized, cancellationToken);

    /// <summary>A line for the reader's record; saved with the change.</summary>
    internal void Note(Guid subscriber, ConsentEvent what, string? list = null, Frequency? frequency = null) => entries.Add(new ConsentEntry
    {
        SubscriberId = subscriber,
        Revision = Revision,
        Number = entries.Count,
        At = At,
        What = what,
        List = list,
        Frequency = frequency,
        Means = source.Means,
        By = source.By,
        Wording = source.Wording,
    });

    /// <summary>The other services are told to forget her, too; with the change.</summary>
    internal void NoteErased(Guid subscriber) => erased.Add(subscriber);

    /// <summary>Saves what was changed, with the messages queued about it. Without it nothing happened, and the revision wasn't raised.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (entries.Count <= FewEntries)
        {
            db.Consents.AddRange(entries);
        }

        foreach (var some in erased.Chunk(MostErased))
        {
            db.Enqueue(new SubscribersErased { SubscriberIds = some }, At);
        }

        await db.SaveChangesAsync(cancellationToken);
        if (entries.Count > FewEntries)
        {
            await db.InsertManyAsync(entries, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => transaction.DisposeAsync();
}
