using Alerts.Contracts;

namespace Alerts.Publishing;

internal static class KnownRegions
{
    /// <summary>A sentence about the slugs that are no region's, which says what to do; null when all exist.</summary>
    /// <param name="held">Slugs the event has already: it keeps a region that was removed meanwhile.</param>
    public static string? Unknown(IReadOnlyList<AudienceRegion> regions, IReadOnlyCollection<string> slugs, IReadOnlyCollection<string> held)
    {
        var known = regions.Where(region => !region.Removed).Select(region => region.Slug).Concat(held);
        var unknown = slugs.Except(known, StringComparer.OrdinalIgnoreCase).Select(slug => $"“{slug}”").ToList();
        return unknown.Count switch
        {
            0 => null,
            1 => $"There is no region {unknown[0]}: make it first, at /admin/regions or with POST /api/regions.",
            _ => $"There are no regions {string.Join(", ", unknown)}: make them first, at /admin/regions or with POST /api/regions.",
        };
    }

    /// <summary>The slugs as their regions spell them, each once, in order.</summary>
    public static IReadOnlyList<string> Spelled(IReadOnlyList<AudienceRegion> regions, IEnumerable<string> slugs) =>
        [.. slugs.Select(slug => regions.FirstOrDefault(region => string.Equals(region.Slug, slug, StringComparison.OrdinalIgnoreCase))?.Slug ?? slug).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The regions that can be chosen, each below the one it lies in, by name. Removed ones aren't shown, but what lies in them is.</summary>
    public static IReadOnlyList<(AudienceRegion Region, int Depth)> InTree(IReadOnlyList<AudienceRegion> regions)
    {
        var known = regions.Select(region => region.Slug).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var inside = regions.OrderBy(region => region.Name, StringComparer.CurrentCulture).ToLookup(region => region.Parent is { } parent && known.Contains(parent) ? parent : "", StringComparer.OrdinalIgnoreCase);
        var shown = new List<(AudienceRegion, int)>();
        Add("", 0);
        return shown;

        void Add(string parent, int depth)
        {
            foreach (var region in inside[parent])
            {
                if (!region.Removed)
                {
                    shown.Add((region, depth));
                }

                if (depth < 10)
                {
                    Add(region.Slug, region.Removed ? depth : depth + 1);
                }
            }
        }
    }
}
