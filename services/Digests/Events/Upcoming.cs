using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Events;

/// <summary>The events of the next weeks, and whose they are.</summary>
/// <remarks>
/// A listing is no reason for a mail: whoever allows notices about events was told of each at once, and whoever doesn't has asked not to be. It is there for those who came
/// later, or forgot; and whoever gets it is told of changes.
/// </remarks>
internal sealed class Upcoming
{
    /// <summary>The most that one digest lists.</summary>
    public const int Most = 5;

    private const int MostAtOnce = 500;

    /// <summary>Events that begin later wait for later digests.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(30);

    private readonly List<(FiledEvent Event, RegionReach Reach)> events;

    private Upcoming(List<(FiledEvent, RegionReach)> events) => this.events = events;

    public static Upcoming None { get; } = new([]);

    /// <summary>Those that begin within <see cref="Ahead"/>, the first first.</summary>
    public static async Task<Upcoming> ReadAsync(DigestsDb db, IAudience audience, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var until = now + Ahead;
        var filed = await db.Events.AsNoTracking().Where(e => !e.Cancelled && e.StartsAt > now && e.StartsAt < until)
            .OrderBy(e => e.StartsAt).ThenBy(e => e.EventId).Take(MostAtOnce).ToListAsync(cancellationToken);
        if (filed.Count == 0)
        {
            return None;
        }

        var tree = RegionTree.Of(filed.TrueForAll(e => e.Event.Regions.Count == 0) ? [] : await audience.RegionsAsync(cancellationToken));
        return new([.. filed.Select(e => (e, tree.ReachOf(e.Event.Regions)))]);
    }

    /// <summary>The next events on the lists a reader holds now, in her regions.</summary>
    /// <param name="regions">Slugs, separated by spaces; empty: anywhere.</param>
    public IReadOnlyList<FiledEvent> For(IReadOnlyList<HeldSubscription> held, string regions)
    {
        if (events.Count == 0)
        {
            return [];
        }

        var hers = regions.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. events.Where(e => e.Reach.Covers(hers) && held.Any(h => h.ToRevision == long.MaxValue && e.Event.Event.Lists.Contains(h.List)))
                .Select(e => e.Event)
                .Take(Most),
        ];
    }
}
