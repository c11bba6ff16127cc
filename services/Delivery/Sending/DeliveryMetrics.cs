using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Sending;

/// <summary>What the meter <c>Alerts.Delivery</c> tells of sending.</summary>
public sealed class DeliveryMetrics
{
    public const string MeterName = "Alerts.Delivery";

    private readonly Counter<long> ended;
    private readonly Histogram<double> wait;
    private readonly ConcurrentDictionary<Lane, double> oldest = new();
    private volatile Relays? relays;

    public DeliveryMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);

        var meter = meters.Create(MeterName);
        ended = meter.CreateCounter<long>("alerts.delivery.deliveries", "{mail}", "Mails that left the queue, by lane and by the state they went to.");
        wait = meter.CreateHistogram("alerts.delivery.released_to_accepted", "s", "From the release of what a mail tells until a relay had it, by lane.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 43_200, 172_800],
        });
        meter.CreateObservableGauge(
            "alerts.delivery.oldest_waiting",
            () => Enum.GetValues<Lane>().Select(lane => new Measurement<double>(oldest.GetValueOrDefault(lane), Tag(lane))),
            "s",
            "How long the oldest batch that may be sent has waited, by lane.");
        meter.CreateObservableGauge("alerts.delivery.relay.connections", () => Relays(relay => relay.Established), "{connection}", "How many connections there are, by relay.");
        meter.CreateObservableGauge(
            "alerts.delivery.relay.connections_allowed",
            () => Relays(relay => relay.DownBecause is null ? relay.Allowed : 0),
            "{connection}",
            "How many connections a relay bears just now, by relay; 0 while it is down.");
    }

    /// <summary>The relays to tell of.</summary>
    internal void Observe(Relays all) => relays = all;

    internal void Ended(Lane lane, DeliveryState state) => ended.Add(1, Tag(lane), new("state", state.Word()));

    internal void Waited(Lane lane, TimeSpan time) => wait.Record(Math.Max(0, time.TotalSeconds), Tag(lane));

    internal void OldestWaiting(Lane lane, TimeSpan age) => oldest[lane] = Math.Max(0, age.TotalSeconds);

    private IEnumerable<Measurement<int>> Relays(Func<Relay, int> number) =>
        (relays?.All ?? []).Select(relay => new Measurement<int>(number(relay), new KeyValuePair<string, object?>("relay", relay.Name)));

    private static KeyValuePair<string, object?> Tag(Lane lane) => new("lane", lane.Word());
}
