namespace Alerts.Contracts;

/// <summary>A region that readers choose and events concern, such as a country or a city.</summary>
/// <param name="Slug">What identifies it everywhere; whether its letters are large or small makes no difference.</param>
/// <param name="Parent">The slug of the region that it lies in; null at the top.</param>
/// <param name="Removed">Nobody can choose it any more; readers and events that name it go on naming it, and it lies where it lay.</param>
public sealed record AudienceRegion(string Slug, string Name, string? Parent, bool Removed = false);

/// <summary>
/// Who is concerned by what happens where. A reader of a country is concerned by what happens in its cities, and a reader of a city by what happens all over her country;
/// not by what happens in another city. Slugs that aren't in the tree are regions by themselves.
/// </summary>
public sealed class RegionTree
{
    private readonly Dictionary<string, string?> parents = new(StringComparer.OrdinalIgnoreCase);
    private readonly ILookup<string, string> children;

    private RegionTree(IEnumerable<AudienceRegion> regions)
    {
        foreach (var region in regions)
        {
            parents[region.Slug] = region.Parent;
        }

        children = parents.Where(p => p.Value is not null).ToLookup(p => p.Value!, p => p.Key, StringComparer.OrdinalIgnoreCase);
    }

    public static RegionTree Of(IEnumerable<AudienceRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        return new RegionTree(regions);
    }

    /// <summary>Whether readers of the first regions are concerned by what happens in the second. Either of them empty: everywhere, so yes.</summary>
    public bool Matches(IReadOnlyCollection<string> readersRegions, IReadOnlyCollection<string> eventRegions) => ReachOf(eventRegions).Covers(readersRegions);

    /// <summary>How far what happens in these regions reaches: work to do once for many readers.</summary>
    public RegionReach ReachOf(IReadOnlyCollection<string> eventRegions)
    {
        ArgumentNullException.ThrowIfNull(eventRegions);
        if (eventRegions.Count == 0)
        {
            return new RegionReach(null);
        }

        var reach = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var region in eventRegions)
        {
            AddInside(region);
            for (var around = parents.GetValueOrDefault(region); around is not null && reach.Add(around); around = parents.GetValueOrDefault(around))
            {
            }
        }

        return new RegionReach(reach);

        void AddInside(string first)
        {
            // What is in the reach already may have come as the surroundings of another: what lies in it is still to be looked at. A tree has no circles; should one have got in, each is looked at once.
            var (waiting, seen) = (new Stack<string>([first]), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
            while (waiting.TryPop(out var each))
            {
                reach.Add(each);
                if (seen.Add(each))
                {
                    foreach (var inside in children[each])
                    {
                        waiting.Push(inside);
                    }
                }
            }
        }
    }
}

/// <summary>How far an event reaches. See <see cref="RegionTree.ReachOf"/>.</summary>
public sealed class RegionReach
{
    private readonly HashSet<string>? regions;

    internal RegionReach(HashSet<string>? regions) => this.regions = regions;

    public bool Everywhere => regions is null;

    /// <param name="readersRegions">Slugs; empty: anywhere.</param>
    public bool Covers(IReadOnlyCollection<string> readersRegions)
    {
        ArgumentNullException.ThrowIfNull(readersRegions);
        return regions is null || readersRegions.Count == 0 || readersRegions.Any(regions.Contains);
    }
}
