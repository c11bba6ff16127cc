using System.Diagnostics.Metrics;

namespace Alerts.Digests.Cuts;

/// <summary>What <c>/metrics</c> tells of cuts.</summary>
public sealed class DigestMetrics : IDisposable
{
    private readonly Meter meter = new("Alerts.Digests");
    private readonly Counter<long> editions;
    private readonly Counter<long> readers;
    private readonly Histogram<double> took;
    private double overdue;

    public DigestMetrics()
    {
        editions = meter.CreateCounter<long>("alerts.digests.editions", description: "Different digests made.");
        readers = meter.CreateCounter<long>("alerts.digests.readers", description: "Readers who got a digest.");
        took = meter.CreateHistogram<double>("alerts.digests.cut.duration", "s", "From the start of a cut to its last batch in the outbox.");
        meter.CreateObservableGauge("alerts.digests.overdue", () => Volatile.Read(ref overdue), "s", "For how long the digest that is due longest has waited to be cut. More than fifteen minutes: a run never started.");
    }

    public void Dispose() => meter.Dispose();

    internal void Cut(Cut cut)
    {
        var cause = new KeyValuePair<string, object?>("cause", cut.Cause.ToString().ToLowerInvariant());
        var madeUp = new KeyValuePair<string, object?>("made_up", cut.MadeUp);
        editions.Add(cut.Editions, cause);
        readers.Add(cut.Readers, cause);
        took.Record(((cut.FinishedAt ?? cut.StartedAt) - cut.StartedAt).TotalSeconds, cause, madeUp);
    }

    internal void Overdue(TimeSpan since) => Volatile.Write(ref overdue, since.TotalSeconds);
}
