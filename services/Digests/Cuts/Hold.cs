using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Cuts;

/// <summary>An editor holds digests back: they stay due and go out, late, once she lets them go. Asking for a cut now sends them all the same.</summary>
public sealed class Hold
{
    /// <summary><see cref="Served.Daily"/> or <see cref="Served.Weekly"/>; at most one of each.</summary>
    public required Served Digest { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Who holds them, as the audit names her.</summary>
    public required string By { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Hold>
    {
        public void Configure(EntityTypeBuilder<Hold> builder)
        {
            builder.ToTable("Holds");
            builder.HasKey(h => h.Digest);
            builder.Property(h => h.Digest).ValueGeneratedNever();
            builder.Property(h => h.By).HasMaxLength(200);
        }
    }
}
