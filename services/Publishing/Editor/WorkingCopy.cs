using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Editor;

/// <summary>
/// What one editor has typed of one post and not saved: kept here while she types, so that a session that ends, a browser that closes or a colleague at the same post
/// costs no word. Nobody else writes it, and nobody gets it; saving the post takes it away.
/// </summary>
public sealed class WorkingCopy
{
    /// <summary>A post that may not be there yet.</summary>
    public required Guid PostId { get; init; }

    /// <summary>Her address.</summary>
    public required string Editor { get; init; }

    public required PostText Text { get; set; }

    /// <summary>The <see cref="Post.Change"/> of the post from which she began; 0 for a new one.</summary>
    public required int BaseChange { get; set; }

    public required DateTimeOffset SavedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<WorkingCopy>
    {
        public void Configure(EntityTypeBuilder<WorkingCopy> builder)
        {
            builder.ToTable("WorkingCopies");
            builder.HasKey(c => new { c.PostId, c.Editor });
            builder.Property(c => c.Editor).HasMaxLength(254);
            builder.Property(c => c.Text).IsJson();
            builder.HasIndex(c => new { c.Editor, c.SavedAt });
            builder.HasIndex(c => c.SavedAt);
        }
    }
}
