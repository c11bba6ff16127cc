using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// Lets a program use the API. The key is shown once, when it is made; here lies only the SHA-256 of its secret (256 random bits, so nothing slower is needed).
/// </summary>
public sealed class ApiKey
{
    internal const string Prefix = "alerts_";

    private const int IdLength = 12;
    private const int SecretBytes = 32;

    /// <summary>Twelve hexadecimal digits, the part of the key that isn't secret.</summary>
    public required string Id { get; init; }

    /// <summary>What a person calls it, such as <c>website</c>; at most 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="Policies.Roles"/>.</summary>
    public required string Role { get; init; }

    /// <summary>True: it may read (GET, HEAD) and change nothing.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The part of the API it is confined to: the word after <c>/api/</c>, such as <c>subscribers</c>. Null: all that its role may.</summary>
    public string? Area { get; init; }

    /// <summary>Who made it: an address, or <c>command line</c>. Null for keys from before this was kept.</summary>
    public string? MadeBy { get; init; }

    public required byte[] SecretHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the hour, so that a busy key doesn't write a row a call.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Makes a key. The text, <c>alerts_…</c>, is known only here and now.</summary>
    public static (ApiKey Key, string Text) Create(string name, string role, DateTimeOffset now, bool readOnly = false, string? area = null, string? madeBy = null)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new ApiKey { Id = id, Name = name, Role = role, ReadOnly = readOnly, Area = area, MadeBy = madeBy, SecretHash = Hash(secret), CreatedAt = now }, Prefix + id + secret);
    }

    /// <summary>Parts the text of a key; says nothing about whether it is good.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out string? id, [NotNullWhen(true)] out string? secret)
    {
        var wellFormed = text is not null && text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.Length == Prefix.Length + IdLength + Base64Url.GetEncodedLength(SecretBytes);
        id = wellFormed ? text!.Substring(Prefix.Length, IdLength) : null;
        secret = wellFormed ? text![(Prefix.Length + IdLength)..] : null;
        return wellFormed;
    }

    /// <summary>Whether the secret is this key's; takes as long for a wrong one as for a right one.</summary>
    internal bool Accepts(string secret) => CryptographicOperations.FixedTimeEquals(Hash(secret), SecretHash) && RevokedAt is null;

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    internal sealed class Mapping : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> builder)
        {
            builder.Property(k => k.Id).HasMaxLength(IdLength);
            builder.Property(k => k.Name).HasMaxLength(100);
            builder.Property(k => k.Role).HasMaxLength(20);
            builder.Property(k => k.Area).HasMaxLength(40);
            builder.Property(k => k.MadeBy).HasMaxLength(StaffAddress.MaxLength);
            builder.Property(k => k.SecretHash).HasMaxLength(SHA256.HashSizeInBytes);
        }
    }
}
