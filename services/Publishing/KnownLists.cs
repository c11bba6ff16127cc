using Alerts.Contracts;

namespace Alerts.Publishing;

internal static class KnownLists
{
    /// <summary>A sentence about the slugs that are no list's, which says what to do; null when all exist.</summary>
    public static async Task<string?> UnknownAsync(this IAudience audience, IReadOnlyCollection<string> slugs, CancellationToken cancellationToken)
    {
        var known = await audience.ListsAsync(slugs, cancellationToken);
        var unknown = slugs.Except(known.Select(list => list.Slug)).Select(slug => $"“{slug}”").ToList();
        return unknown.Count switch
        {
            0 => null,
            1 => $"There is no list {unknown[0]}: make it first, at /admin/lists or with POST /api/lists.",
            _ => $"There are no lists {string.Join(", ", unknown)}: make them first, at /admin/lists or with POST /api/lists.",
        };
    }

    /// <summary>Each slug once, in order, without blanks around it.</summary>
    public static List<string> Tidy(IEnumerable<string?>? slugs) =>
        [.. (slugs ?? []).Select(slug => slug?.Trim() ?? "").Where(slug => slug.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
