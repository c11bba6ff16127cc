using System.Security.Cryptography;
using System.Text;
using Alerts.Subscriptions.Audience;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>
/// What is kept of an address whose reader was erased: a keyed hash, so that an import can't bring her back. It names nobody and leads to no other row. She herself may
/// sign up again; that is another reader.
/// </summary>
public sealed class ErasedAddress
{
    /// <summary>HMAC-SHA-256 of the normalized address (RFC 2104).</summary>
    public required byte[] Hash { get; init; }

    public required DateTimeOffset ErasedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ErasedAddress>
    {
        public void Configure(EntityTypeBuilder<ErasedAddress> builder)
        {
            builder.ToTable("ErasedAddresses");
            builder.HasKey(e => e.Hash);
            builder.Property(e => e.Hash).HasMaxLength(HMACSHA256.HashSizeInBytes);
        }
    }
}

/// <summary>The key of the hashes: one row, made when the first reader is erased.</summary>
public sealed class ErasureKey
{
    internal const int OnlyId = 1;

    public required int Id { get; init; }

    /// <summary>32 random bytes.</summary>
    public required byte[] Secret { get; init; }

    public byte[] Hash(string normalizedAddress) => HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes(normalizedAddress));

    internal sealed class Mapping : IEntityTypeConfiguration<ErasureKey>
    {
        public void Configure(EntityTypeBuilder<ErasureKey> builder)
        {
            builder.ToTable("ErasureKey");
            builder.Property(k => k.Id).ValueGeneratedNever();
            builder.Property(k => k.Secret).HasMaxLength(32);
        }
    }
}

public static class ErasedAddresses
{
    /// <summary>Erases readers and keeps the hashes of their addresses. Saved with the change, inside which two can't make a key each. At most a page of readers.</summary>
    public static async Task EraseAsync(this SubscriptionsDb db, IReadOnlyCollection<Subscriber> readers, AudienceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(readers);
        ArgumentNullException.ThrowIfNull(change);
        var there = readers.Where(s => s.ComparedAddress is not null).ToDictionary(s => s.Id, s => s.ComparedAddress!);
        if (there.Count == 0)
        {
            return;
        }

        var ids = there.Keys.ToList();
        await db.Consents.Where(c => EF.Parameter(ids).Contains(c.SubscriberId)).ExecuteDeleteAsync(cancellationToken);
        var key = await db.ErasureKeys.FirstOrDefaultAsync(k => k.Id == ErasureKey.OnlyId, cancellationToken);
        if (key is null)
        {
            key = new ErasureKey { Id = ErasureKey.OnlyId, Secret = RandomNumberGenerator.GetBytes(32) };
            db.ErasureKeys.Add(key);
        }

        var before = await db.ErasedAmongAsync(there.Values, cancellationToken);
        foreach (var address in there.Values.Except(before))
        {
            db.ErasedAddresses.Add(new ErasedAddress { Hash = key.Hash(address), ErasedAt = change.At });
        }

        foreach (var subscriber in readers.Where(s => there.ContainsKey(s.Id)))
        {
            subscriber.Erase(change);
        }
    }

    /// <summary>Which of these normalized addresses were erased.</summary>
    internal static async Task<HashSet<string>> ErasedAmongAsync(this SubscriptionsDb db, IReadOnlyCollection<string> normalizedAddresses, CancellationToken cancellationToken)
    {
        if (normalizedAddresses.Count == 0 || await db.ErasureKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Id == ErasureKey.OnlyId, cancellationToken) is not { } key)
        {
            return [];
        }

        var byHash = normalizedAddresses.ToDictionary(address => Convert.ToHexString(key.Hash(address)));
        var hashes = byHash.Keys.Select(Convert.FromHexString).ToList();
        var erased = await db.ErasedAddresses.AsNoTracking().Where(e => hashes.Contains(e.Hash)).Select(e => e.Hash).ToListAsync(cancellationToken);
        return [.. erased.Select(hash => byHash[Convert.ToHexString(hash)])];
    }
}
