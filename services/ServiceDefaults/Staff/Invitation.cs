using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>A link, good once, by which a person sets a password: <c>/staff/welcome/{token}</c>. Only the token's SHA-256 is kept.</summary>
public sealed class Invitation
{
    /// <summary>How long a link is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private const int TokenBytes = 32;

    public required Guid Id { get; init; }

    public required byte[] TokenHash { get; init; }

    /// <summary>For whom; null for the first admin, who gives an address along with the password.</summary>
    public string? Address { get; init; }

    /// <summary>One of <see cref="Policies.Roles"/>; null for somebody who only forgot her password and keeps the role she has.</summary>
    public string? Role { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>Makes an invitation and the path of its link, which is known only here and now.</summary>
    public static (Invitation Invitation, string Path) Create(string? address, string? role, DateTimeOffset now)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var invitation = new Invitation { Id = Guid.CreateVersion7(now), TokenHash = Hash(token), Address = address, Role = role, ExpiresAt = now + Life };
        return (invitation, "/staff/welcome/" + token);
    }

    internal static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    internal sealed class Mapping : IEntityTypeConfiguration<Invitation>
    {
        public void Configure(EntityTypeBuilder<Invitation> builder)
        {
            builder.HasIndex(i => i.TokenHash).IsUnique();
            builder.HasIndex(i => i.Address);
            builder.Property(i => i.TokenHash).HasMaxLength(SHA256.HashSizeInBytes);
            builder.Property(i => i.Address).HasMaxLength(254);
            builder.Property(i => i.Role).HasMaxLength(20);
        }
    }
}
