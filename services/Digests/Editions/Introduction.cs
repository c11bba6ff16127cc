using Alerts.Digests.Cuts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Editions;

/// <summary>An editor's words at the top of the digests that are cut while it stands.</summary>
public sealed class Introduction
{
    public const int TextLength = 1_000;

    /// <summary>So long the words for daily digests stand, unless said: each reader's next one has them.</summary>
    public static readonly TimeSpan ForADay = TimeSpan.FromHours(24);

    public static readonly TimeSpan ForAWeek = TimeSpan.FromDays(7);

    public required Guid Id { get; init; }

    /// <summary>Plain text, 1 to <see cref="TextLength"/> characters.</summary>
    public required string Text { get; init; }

    /// <summary>Only in digests that have a post of this list. Null: in all.</summary>
    public string? List { get; init; }

    public required Served Digests { get; init; }

    public required DateTimeOffset From { get; init; }

    /// <summary>Not in digests cut from then on (UTC).</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Who wrote it, as the audit names her.</summary>
    public required string By { get; init; }

    internal bool IsFor(Rhythm rhythm, IReadOnlyCollection<string> lists) =>
        (List is null || lists.Contains(List))
        && rhythm switch { Rhythm.Daily => Digests.HasFlag(Served.Daily), Rhythm.Weekly => Digests.HasFlag(Served.Weekly), _ => Digests == Served.Both };

    internal sealed class Mapping : IEntityTypeConfiguration<Introduction>
    {
        public void Configure(EntityTypeBuilder<Introduction> builder)
        {
            builder.ToTable("Introductions");
            builder.Property(i => i.Text).HasMaxLength(TextLength);
            builder.Property(i => i.List).HasMaxLength(100);
            builder.Property(i => i.By).HasMaxLength(200);
            builder.HasIndex(i => i.Until);
        }
    }
}
