using Alerts.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Regions;

/// <summary>A region in the order of the tree.</summary>
/// <param name="Depth">0 at the top.</param>
public sealed record RegionLine(AudienceRegion Region, int Depth);

/// <summary>The regions as they are set up now, to choose among and to tell what somebody means.</summary>
public sealed class KnownRegions
{
    private readonly Dictionary<string, AudienceRegion> bySlug;
    private readonly Dictionary<string, AudienceRegion> byName = new(StringComparer.OrdinalIgnoreCase);

    private KnownRegions(IEnumerable<AudienceRegion> regions)
    {
        bySlug = regions.ToDictionary(r => r.Slug, StringComparer.OrdinalIgnoreCase);
        foreach (var region in bySlug.Values.Where(r => !r.Removed))
        {
            byName.TryAdd(region.Name, region);
        }

        Tree = [.. Inside(null, 0, bySlug.Values.Where(r => !r.Removed).ToLookup(r => OfferedAround(r.Parent)))];
    }

    /// <summary>Removed ones included.</summary>
    public int Count => bySlug.Count;

    /// <summary>Those that can be chosen, each followed by those that lie in it, by name. What lay in a removed region stands where that lay.</summary>
    public IReadOnlyList<RegionLine> Tree { get; }

    public static KnownRegions Of(IEnumerable<AudienceRegion> regions) => new(regions);

    internal static async Task<KnownRegions> LoadAsync(SubscriptionsDb db, CancellationToken cancellationToken) =>
        new(await db.Regions.AsNoTracking().Take(Region.Most).Select(r => new AudienceRegion(r.Slug, r.Name, r.Parent, r.RemovedAt != null)).ToListAsync(cancellationToken));

    /// <summary>Removed ones are found too.</summary>
    public AudienceRegion? Find(string slug) => bySlug.GetValueOrDefault(slug);

    public string NameOf(string slug) => Find(slug)?.Name ?? slug;

    /// <summary>A region, the one it lies in, and so on to the top.</summary>
    public IEnumerable<string> Around(string? slug)
    {
        // Two admins could have put two regions into one another at the same moment: each is passed once.
        var passed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var at = slug; at is not null && Find(at) is { } region && passed.Add(region.Slug); at = region.Parent)
        {
            yield return region.Slug;
        }
    }

    /// <summary>
    /// The slugs of what somebody wrote: slugs or names. For a region that was removed stands the one that it lay in. While no regions are set up, whatever is written stands for itself.
    /// </summary>
    /// <param name="unknown">The first text that means no region; null: there was none.</param>
    public IReadOnlyList<string> Read(IEnumerable<string> texts, out string? unknown)
    {
        var read = new List<string>();
        unknown = null;
        foreach (var text in texts)
        {
            if (Read(text) is not { } slug)
            {
                unknown ??= text;
            }
            else if (!read.Contains(slug, StringComparer.OrdinalIgnoreCase))
            {
                read.Add(slug);
            }
        }

        return read;
    }

    /// <summary>Reads a cell of a file or a field of a form: slugs or names, divided by commas, semicolons or bars; slugs also by spaces.</summary>
    /// <param name="unknown">See <see cref="Read(IEnumerable{string}, out string?)"/>.</param>
    public IReadOnlyList<string> ReadText(string text, out string? unknown) => Read(
        text.Split([';', '|', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(part => Count > 0 && Read(part) is not null ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        out unknown);

    /// <summary>What is ticked in a <see cref="RegionChoice"/>. A region that she had before it was removed is kept as it is.</summary>
    internal IReadOnlyList<string> Ticked(IFormCollection form) =>
        [.. form[RegionChoice.Field].OfType<string>().Where(slug => Count == 0 || bySlug.ContainsKey(slug)).Distinct(StringComparer.OrdinalIgnoreCase)];

    private string? Read(string text) => Count == 0 ? text : bySlug.TryGetValue(text, out var region) ? OfferedAround(region.Slug) : byName.GetValueOrDefault(text)?.Slug;

    private string? OfferedAround(string? slug) => Around(slug).FirstOrDefault(at => !bySlug[at].Removed);

    private static IEnumerable<RegionLine> Inside(string? parent, int depth, ILookup<string?, AudienceRegion> children) =>
        children[parent].OrderBy(r => r.Name, StringComparer.CurrentCultureIgnoreCase)
            .SelectMany(region => Inside(region.Slug, depth + 1, children).Prepend(new RegionLine(region, depth)));
}
