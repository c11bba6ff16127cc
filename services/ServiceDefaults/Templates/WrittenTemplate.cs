using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Templates;

/// <summary>
/// A version of a mail's template that an admin wrote in place of the built-in one. Versions are added, never changed: the highest holds, and an earlier one comes back as a new
/// version. In the schema of the staff, since every process that writes mails reads it.
/// </summary>
public sealed class WrittenTemplate
{
    /// <summary>Longest source, in characters: far more than any mail, and small enough to render.</summary>
    public const int MaxSource = 60_000;

    /// <summary>The file it stands in for, without <c>.liquid</c>: <c>digest.html</c>.</summary>
    public required string Name { get; init; }

    /// <summary>From 1.</summary>
    public required int Version { get; init; }

    /// <summary>Liquid. Null: the built-in one again.</summary>
    public string? Source { get; init; }

    /// <summary>Whose version it is: an address.</summary>
    public required string By { get; init; }

    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<WrittenTemplate>
    {
        public void Configure(EntityTypeBuilder<WrittenTemplate> builder)
        {
            // Of two who save the next version at once, the second is told.
            builder.ToTable("Templates");
            builder.HasKey(t => new { t.Name, t.Version });
            builder.HasIndex(t => t.At);
            builder.Property(t => t.Name).HasMaxLength(60);
            builder.Property(t => t.Source).HasMaxLength(MaxSource);
            builder.Property(t => t.By).HasMaxLength(254);
        }
    }
}
