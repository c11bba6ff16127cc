using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Regions;

/// <summary>A region that readers choose and events concern. Regions lie in one another, as cities lie in countries; see <see cref="RegionTree"/>.</summary>
/// <remarks>
/// A region is never deleted: readers and events go on naming it after it was removed. It is then no longer offered, and lies where it lay, so that what happens there
/// still finds its readers.
/// </remarks>
public sealed class Region
{
    /// <summary>There are so many at most, removed ones included.</summary>
    public const int Most = 5_000;

    public const int MaxName = 100;

    /// <summary>What identifies it everywhere: 1 to 50 letters a–z, large or small alike, digits and hyphens. It never changes.</summary>
    public required string Slug { get; init; }

    /// <summary>At most 100 characters.</summary>
    public required string Name { get; set; }

    /// <summary>The slug of the region it lies in; null at the top.</summary>
    public string? Parent { get; set; }

    /// <summary>When it was removed. Adding its slug anew brings it back.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Region>
    {
        public void Configure(EntityTypeBuilder<Region> builder)
        {
            builder.ToTable("Regions");
            builder.HasKey(r => r.Slug);
            builder.Property(r => r.Slug).HasMaxLength(SubscriberDetails.MaxRegion);
            builder.Property(r => r.Name).HasMaxLength(MaxName);
            builder.Property(r => r.Parent).HasMaxLength(SubscriberDetails.MaxRegion);
            builder.HasOne<Region>().WithMany().HasForeignKey(r => r.Parent).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>A region as somebody wants it, by the API or the page. To change one, what isn't given stays.</summary>
public sealed record NewRegion
{
    /// <summary>1 to 50 letters a–z, digits and hyphens, such as US-NY or seoul.</summary>
    public string? Slug { get; init; }

    /// <summary>1 to 100 characters.</summary>
    public string? Name { get; init; }

    /// <summary>The slug of the region it lies in; empty: none.</summary>
    public string? Parent { get; init; }

    /// <summary>What is wrong, by field, with how to mend it. Empty: nothing.</summary>
    /// <param name="changes">The slug of the region to change; null: this is a new one.</param>
    internal Dictionary<string, string[]> Problems(KnownRegions known, string? changes = null)
    {
        var problems = new Dictionary<string, string[]>();
        if (changes is not null && Slug is not null)
        {
            problems["slug"] = ["A slug never changes: readers, events and links hold it."];
        }
        else if (changes is null && !IsSlug(Slug))
        {
            problems["slug"] = [$"A slug has 1 to {SubscriberDetails.MaxRegion} letters a–z, digits and hyphens, such as US-NY or seoul."];
        }
        else if (changes is null && known.Count >= Region.Most && known.Find(Slug!) is null)
        {
            problems["slug"] = [$"There are {Region.Most:N0} regions already, which is the most there may be."];
        }

        if ((changes is null || Name is not null) && (string.IsNullOrWhiteSpace(Name) || Name.Length > Region.MaxName || Name.Any(char.IsControl)))
        {
            problems["name"] = [$"A name has 1 to {Region.MaxName} characters on one line."];
        }

        if (!string.IsNullOrEmpty(Parent))
        {
            if (known.Find(Parent) is not { Removed: false })
            {
                problems["parent"] = [$"There is no region '{Parent}'."];
            }
            else if ((changes ?? Slug) is { } slug && known.Around(Parent).Contains(slug, StringComparer.OrdinalIgnoreCase))
            {
                problems["parent"] = [$"'{Parent}' is '{slug}' or lies in it; a region can't lie in itself."];
            }
        }

        return problems;
    }

    private static bool IsSlug(string? text) => text is { Length: > 0 and <= SubscriberDetails.MaxRegion } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
