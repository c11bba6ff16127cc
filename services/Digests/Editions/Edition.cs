using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Editions;

/// <summary>What stood in an edition, so that it can be read on the web too.</summary>
public sealed class Edition
{
    /// <summary>That of its mailing: nobody can guess it who doesn't have the mail.</summary>
    public required Guid Id { get; init; }

    /// <summary>The cut or the backlog it belongs to.</summary>
    public required Guid CutId { get; init; }

    public required string Subject { get; init; }

    /// <summary>A feed's title; null for all others.</summary>
    public string? Title { get; init; }

    /// <summary>All its posts, those that the mail had no room for too.</summary>
    public required List<Guid> Posts { get; init; }

    /// <summary>The editors' words at its top.</summary>
    public required List<string> Introductions { get; init; }

    public required DateTimeOffset CutAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Edition>
    {
        public void Configure(EntityTypeBuilder<Edition> builder)
        {
            builder.ToTable("Editions");
            builder.Property(e => e.Posts).IsJson();
            builder.Property(e => e.Introductions).IsJson();
            builder.Property(e => e.Subject).HasMaxLength(500);
            builder.HasIndex(e => e.CutAt);
        }
    }
}
