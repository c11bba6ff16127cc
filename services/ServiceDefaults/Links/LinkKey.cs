using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Links;

/// <summary>A secret that signs the links in mails. Keys are added, never changed; links made with an older one stay good as long as its row stands.</summary>
public sealed class LinkKey
{
    /// <summary>Stands in every token it signed; 1 to 65,535.</summary>
    public required int Id { get; init; }

    /// <summary>32 random bytes.</summary>
    public required byte[] Secret { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<LinkKey>
    {
        public void Configure(EntityTypeBuilder<LinkKey> builder)
        {
            // Two processes that start together both add number 1; one of them finds it taken and uses the other's.
            builder.Property(k => k.Id).ValueGeneratedNever();
            builder.Property(k => k.Secret).HasMaxLength(32);
        }
    }
}
