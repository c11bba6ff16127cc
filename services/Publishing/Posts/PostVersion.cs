using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Posts;

/// <summary>A post as somebody saved it. Versions are added, never changed; the newest <see cref="Kept"/> of a post are kept.</summary>
public sealed class PostVersion
{
    public const int Kept = 200;

    /// <summary>Ids rise with time.</summary>
    public required Guid Id { get; init; }

    public required Guid PostId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>A staff member's address, or the name of an API key.</summary>
    public required string Who { get; init; }

    public required PostText Text { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PostVersion>
    {
        public void Configure(EntityTypeBuilder<PostVersion> builder)
        {
            builder.ToTable("PostVersions");
            builder.Property(v => v.Id).ValueGeneratedNever();
            builder.Property(v => v.Who).HasMaxLength(254);
            builder.Property(v => v.Text).IsJson();
            builder.HasIndex(v => new { v.PostId, v.Id });
        }
    }
}
