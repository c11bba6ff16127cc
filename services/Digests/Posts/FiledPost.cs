using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Posts;

/// <summary>A post as digests need it: what is printed of it, and whose it is. A correction or withdrawal may file it before its publication does.</summary>
public sealed class FiledPost
{
    /// <summary>What a digest of several posts prints of each, in UTF-16 units.</summary>
    public const int ShortLength = 400;

    /// <summary>What a digest of one post prints of it.</summary>
    public const int LongLength = 1_500;

    private const int TitleLength = 500;

    public required Guid PostId { get; init; }

    /// <summary>Its place in the order of filing, from 1; what readers' cursors count. Null until it is published.</summary>
    public long? Seq { get; private set; }

    public int Version { get; private set; }

    public bool Withdrawn { get; private set; }

    /// <summary>It went at once to whoever allows urgent posts; digests owe it to the others.</summary>
    public bool Urgent { get; private set; }

    /// <summary>When an editor took it out of the digests not cut yet (UTC). Null: it is in.</summary>
    public DateTimeOffset? LeftOutAt { get; set; }

    /// <summary>The editor's order: posts of a higher weight come first, the newest first among equals. 0 unless moved.</summary>
    public int Weight { get; set; }

    public string Title { get; private set; } = "";

    /// <summary>At most <see cref="ShortLength"/>.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>The beginning of the text, at most <see cref="LongLength"/>.</summary>
    public string Opening { get; private set; } = "";

    public string Link { get; private set; } = "";

    /// <summary>The address of its first picture. Null: it has none.</summary>
    public string? Picture { get; private set; }

    /// <summary>What the picture shows, in words; may be empty.</summary>
    public string PictureText { get; private set; } = "";

    public List<string> Lists { get; private set; } = [];

    /// <summary>It is owed to those who were subscribed at this revision of the audience.</summary>
    public long Revision { get; private set; }

    public DateTimeOffset? ReleasedAt { get; private set; }

    public DateTimeOffset? DatedAt { get; private set; }

    /// <summary>Where it stands among posts released at the same instant; higher is newer.</summary>
    public int Ordinal { get; private set; }

    public Guid? BacklogId { get; private set; }

    /// <summary>When it was first heard of (UTC).</summary>
    public required DateTimeOffset FiledAt { get; init; }

    /// <summary>Files the publication, under the text it came with or that of a correction that overtook it.</summary>
    public void Publish(PostPublished post, long seq)
    {
        ArgumentNullException.ThrowIfNull(post);

        if (post.Version > Version)
        {
            Write(post.Version, post.Title, post.Summary, post.Text, post.Html, post.Link);
        }

        Seq = seq;
        Urgent = post.Urgent && post.BacklogId is null;
        Lists = [.. post.Lists];
        Revision = post.AudienceRevision;

        // PostgreSQL keeps microseconds. A post just filed must compare with those read back, or it would stand before its equals.
        ReleasedAt = post.ReleasedAt.AddTicks(-(post.ReleasedAt.Ticks % TimeSpan.TicksPerMicrosecond));
        DatedAt = post.DatedAt;
        Ordinal = post.Ordinal;
        BacklogId = post.BacklogId;
    }

    public void Correct(PostCorrected post)
    {
        ArgumentNullException.ThrowIfNull(post);

        if (post.Version > Version)
        {
            Write(post.Version, post.Title, post.Summary, post.Text, post.Html, post.Link);
        }
    }

    /// <summary>It stays withdrawn, whatever comes after.</summary>
    public void Withdraw() => Withdrawn = true;

    private void Write(int version, string title, string summary, string text, string html, string link)
    {
        Version = version;
        Title = Excerpt.OneLine(title, TitleLength);
        Opening = Excerpt.Of(text.Length > 0 ? text : summary, LongLength);
        Summary = Excerpt.Of(Excerpt.SaysMore(text, summary) ? text : summary, ShortLength);
        Link = link;
        (Picture, PictureText) = Mailings.Layout.Picture.FirstOf(html) is { } picture ? (picture.Address, picture.Text) : (null, "");
    }

    internal sealed class Mapping : IEntityTypeConfiguration<FiledPost>
    {
        public void Configure(EntityTypeBuilder<FiledPost> builder)
        {
            builder.ToTable("Posts");
            builder.HasKey(p => p.PostId);
            builder.HasIndex(p => p.Seq).IsUnique();
            builder.HasIndex(p => p.BacklogId);

            // Two corrections at once: the later one handled is tried again and sees the other's version.
            builder.Property(p => p.Version).IsConcurrencyToken();
            builder.Property(p => p.Lists).IsJson();
        }
    }
}
