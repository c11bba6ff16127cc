using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Alerts.ServiceDefaults.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Links;

/// <summary>What a link in a mail lets its reader do.</summary>
public enum LinkPurpose : byte
{
    Unsubscribe = 1,
    Preferences = 2,
    Confirm = 3,

    /// <summary>Says yes to being written to at another address.</summary>
    Move = 4,

    /// <summary>Says whether she comes to an event, whose id is the detail.</summary>
    Answer = 5,
}

/// <summary>What a link says: for whom, what for, and a few more words of the purpose's own (such as the lists it ends).</summary>
public sealed record LinkToken(LinkPurpose Purpose, Guid SubscriberId, string Detail);

/// <summary>
/// Signs and reads the tokens in links (HMAC-SHA-256 truncated to 128 bits, RFC 2104 §5): key number, purpose, subscriber and detail; nothing guessable, no address.
/// Keys are loaded once and kept in memory: a signature costs about a microsecond.
/// </summary>
public sealed class LinkTokens(IServiceScopeFactory scopes, TimeProvider clock)
{
    /// <summary>The longest detail in UTF-8 bytes; a link stays well under the 998 octets of a line.</summary>
    public const int MaxDetail = 400;

    private const int MacLength = 16;
    private const int HeaderLength = 1 + 2 + 1 + 16;
    private const byte Version = 1;

    private FrozenDictionary<int, byte[]> keys = FrozenDictionary<int, byte[]>.Empty;
    private int current;

    /// <summary>Loads the keys, making the first one if there is none. Called once at start, before anything is sent or answered.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<StaffDb>();
        if (!await db.LinkKeys.AnyAsync(cancellationToken))
        {
            try
            {
                db.LinkKeys.Add(new LinkKey { Id = 1, Secret = RandomNumberGenerator.GetBytes(32), CreatedAt = clock.GetUtcNow() });
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (!cancellationToken.IsCancellationRequested)
            {
                db.ChangeTracker.Clear();
            }
        }

        var all = await db.LinkKeys.AsNoTracking().OrderBy(k => k.Id).Take(1_000).ToListAsync(cancellationToken);
        keys = all.ToFrozenDictionary(k => k.Id, k => k.Secret);
        current = all[^1].Id;
    }

    /// <exception cref="ArgumentException">The detail is longer than <see cref="MaxDetail"/>.</exception>
    public string Create(LinkPurpose purpose, Guid subscriberId, string detail = "")
    {
        var length = Encoding.UTF8.GetByteCount(detail);
        if (length > MaxDetail)
        {
            throw new ArgumentException($"The detail of a link has {length} bytes; at most {MaxDetail} fit.", nameof(detail));
        }

        Span<byte> token = stackalloc byte[HeaderLength + length + MacLength];
        token[0] = Version;
        BinaryPrimitives.WriteUInt16BigEndian(token[1..], (ushort)current);
        token[3] = (byte)purpose;
        subscriberId.TryWriteBytes(token[4..], bigEndian: true, out _);
        Encoding.UTF8.GetBytes(detail, token[HeaderLength..]);
        Sign(keys[current], token[..^MacLength], token[^MacLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>What the token says, or null when it isn't ours, was altered, or is for another purpose.</summary>
    public LinkToken? Read(string? text, LinkPurpose purpose)
    {
        Span<byte> token = stackalloc byte[HeaderLength + MaxDetail + MacLength];
        if (text is null || !Base64Url.IsValid(text, out var length) || length < HeaderLength + MacLength || length > token.Length
            || !Base64Url.TryDecodeFromChars(text, token, out length))
        {
            return null;
        }

        token = token[..length];
        if (token[0] != Version || token[3] != (byte)purpose || !keys.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(token[1..]), out var key))
        {
            return null;
        }

        Span<byte> mac = stackalloc byte[MacLength];
        Sign(key, token[..^MacLength], mac);
        return CryptographicOperations.FixedTimeEquals(mac, token[^MacLength..])
            ? new LinkToken(purpose, new Guid(token[4..HeaderLength], bigEndian: true), Encoding.UTF8.GetString(token[HeaderLength..^MacLength]))
            : null;
    }

    private static void Sign(byte[] key, ReadOnlySpan<byte> content, Span<byte> mac)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, content, full);
        full[..MacLength].CopyTo(mac);
    }
}
