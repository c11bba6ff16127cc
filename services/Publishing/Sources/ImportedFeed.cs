using System.Security.Cryptography;
using System.Text;
using Alerts.Publishing.Feeds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Sources;

/// <summary>
/// A feed that has been read for some lists. Its entries are known by their keys, so reading it again, from wherever, brings only what is new or edited.
/// </summary>
/// <remarks>
/// Two readings for the same lists are of the same feed when they come from the same address, or when the feed calls itself the same: same site link and same title.
/// So a feed may change its title and still be itself at its address, and a file is the same feed from any path, and as at its address. A feed that names no site is
/// the same only at the same address (or, a file, under the same file name) with the same title: mistaking two feeds for one would mix up their entries.
/// <c>http</c> and <c>https</c>, case of the host, and a slash at the end make no difference.
/// </remarks>
public sealed class ImportedFeed
{
    public required Guid Id { get; init; }

    /// <summary>SHA-256 (lower-case hex) of what the feed called itself when it was first read.</summary>
    public required string Identity { get; init; }

    /// <summary>SHA-256 (lower-case hex) of the address it was first read from. Null for a file.</summary>
    public string? Address { get; private set; }

    /// <summary>The slugs of the lists it was first read for, in order, with blanks between.</summary>
    public required string Lists { get; init; }

    /// <summary>As when it was first read.</summary>
    public required string Title { get; init; }

    public required DateTimeOffset FirstReadAt { get; init; }

    /// <summary>Remembers where a feed known from a file was found on the web.</summary>
    internal void FoundAt(string? address) => Address ??= address;

    /// <param name="fileName">Without the folder. Null for a feed from the web.</param>
    internal static string IdentityOf(Feed feed, Uri? address, string? fileName) =>
        Hash((feed.Link is { } link ? Plain(link) : address is not null ? Plain(address) : fileName) + '\n' + feed.Title);

    internal static string? AddressOf(Uri? address) => address is null ? null : Hash(Plain(address));

    internal static string ListsOf(IReadOnlyCollection<string> lists) => string.Join(' ', lists.Order(StringComparer.Ordinal));

    private static string Plain(Uri address) =>
        (address.IsDefaultPort ? address.IdnHost : $"{address.IdnHost}:{address.Port}") + address.AbsolutePath.TrimEnd('/') + address.Query;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    internal sealed class Mapping : IEntityTypeConfiguration<ImportedFeed>
    {
        public void Configure(EntityTypeBuilder<ImportedFeed> builder)
        {
            builder.ToTable("ImportedFeeds");
            builder.Property(f => f.Id).ValueGeneratedNever();
            builder.Property(f => f.Identity).HasMaxLength(64);
            builder.Property(f => f.Address).HasMaxLength(64);
            builder.Property(f => f.Lists).HasMaxLength(MaxLists);
            builder.Property(f => f.Title).HasMaxLength(FeedParser.MaxTitle);

            // Two first readings at once: one of them makes the backlog, the other finds it made.
            builder.HasIndex(f => new { f.Identity, f.Lists }).IsUnique();
            builder.HasIndex(f => new { f.Address, f.Lists }).IsUnique();
        }
    }

    /// <summary>Of <see cref="Lists"/>, in characters: what an index of PostgreSQL bears (2,704 bytes), and plenty.</summary>
    public const int MaxLists = 2_000;
}
