using System.Collections.Concurrent;
using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Sending;

/// <summary>The batches this process holds.</summary>
internal sealed class Holdings
{
    private readonly ConcurrentDictionary<BatchKey, HeldBatch> batches = new();

    public ICollection<HeldBatch> All => batches.Values;

    public void Add(HeldBatch batch) => batches[batch.Key] = batch;

    /// <summary>The batches of which nothing is left to do once these outcomes are in the ledger.</summary>
    public List<BatchKey> DoneWith(IEnumerable<Outcome> outcomes) =>
        [.. outcomes.CountBy(o => o.Batch).Where(c => batches.TryGetValue(c.Key, out var held) && held.Outstanding <= c.Value).Select(c => c.Key)];

    /// <summary>These outcomes are in the ledger.</summary>
    public void Settle(IEnumerable<Outcome> outcomes)
    {
        foreach (var (key, count) in outcomes.CountBy(o => o.Batch))
        {
            if (batches.TryGetValue(key, out var held) && (held.Outstanding -= count) <= 0)
            {
                batches.TryRemove(key, out _);
            }
        }
    }
}
