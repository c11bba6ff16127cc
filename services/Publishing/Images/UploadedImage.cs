using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Images;

/// <summary>A picture for posts, written anew by us: only its pixels are of the file that was uploaded. It never changes.</summary>
public sealed class UploadedImage
{
    public required Guid Id { get; init; }

    /// <summary>image/jpeg, image/png or image/webp.</summary>
    public required string Type { get; init; }

    public required byte[] Bytes { get; init; }

    /// <summary>In pixels.</summary>
    public required int Width { get; init; }

    /// <summary>In pixels.</summary>
    public required int Height { get; init; }

    /// <summary>SHA-256 of <see cref="Bytes"/>, in hexadecimal: the same picture is kept once.</summary>
    public required string Hash { get; init; }

    public required string UploadedBy { get; init; }

    public required DateTimeOffset UploadedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<UploadedImage>
    {
        public void Configure(EntityTypeBuilder<UploadedImage> builder)
        {
            builder.ToTable("Images");
            builder.Property(i => i.Id).ValueGeneratedNever();
            builder.Property(i => i.Type).HasMaxLength(20);
            builder.Property(i => i.Hash).HasMaxLength(64);
            builder.Property(i => i.UploadedBy).HasMaxLength(254);
            builder.HasIndex(i => i.Hash).IsUnique();
        }
    }
}
