using System.Collections.Concurrent;
using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Sending;

/// <summary>The batches this process holds.</summary>
internal sealed class Holdings
{
    private readonly ConcurrentDictionary<BatchKey, HeldBatch> batches = new();
    private readonly ConcurrentDictionary<Lane, DateTimeOffset> movedAt = new();

    public ICollection<HeldBatch> All => batches.Values;

    public void Add(HeldBatch batch) => batches[batch.Key] = batch;

    /// <summary>The batches of which nothing is left to do once these outcomes are in the ledger.</summary>
    public List<BatchKey> DoneWith(IEnumerable<Outcome> outcomes) =>
        [.. outcomes.CountBy(o => o.Batch).Where(c => batches.TryGetValue(c.Key, out var held) && held.Outstanding <= c.Value).Select(c => c.Key)];

    /// <summary>When mail of this lane last ended or was answered, as far as the ledger has it. Before the first: the least instant.</summary>
    public DateTimeOffset MovedAt(Lane lane) => movedAt.GetValueOrDefault(lane);

    /// <summary>These outcomes are in the ledger.</summary>
    public void Settle(IReadOnlyCollection<Outcome> outcomes, DateTimeOffset now)
    {
        foreach (var moved in outcomes.Where(o => !o.ChangesNothing).Select(o => o.Batch).Distinct())
        {
            if (batches.TryGetValue(moved, out var held))
            {
                movedAt[held.Mailing.Lane] = now;
            }
        }

        foreach (var (key, count) in outcomes.CountBy(o => o.Batch))
        {
            if (batches.TryGetValue(key, out var held) && (held.Outstanding -= count) <= 0)
            {
                batches.TryRemove(key, out _);
            }
        }
    }
}
