namespace Alerts.Delivery.Rendering;

/// <summary>
/// The local part of an envelope sender (VERP): <c>b+</c> and mailing and subscriber in base 32 (RFC 4648 §6, lower case, 52 characters), within the 64 octets of RFC 5321
/// §4.5.3.1.1 and safe from servers that change the case.
/// </summary>
internal static class EnvelopeToken
{
    private const string Prefix = "b+";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Length = 52;

    public static string LocalPart(Guid mailingId, Guid subscriberId) => string.Create(Prefix.Length + Length, (mailingId, subscriberId), static (text, ids) =>
    {
        Span<byte> bytes = stackalloc byte[32];
        ids.mailingId.TryWriteBytes(bytes, bigEndian: true, out _);
        ids.subscriberId.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        Prefix.CopyTo(text);
        for (var i = 0; i < Length; i++)
        {
            var bit = i * 5;
            var two = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[Prefix.Length + i] = Alphabet[(two >> (11 - (bit % 8))) & 31];
        }
    });

    /// <summary>The delivery a bounce came back for. False when the address isn't one of ours.</summary>
    public static bool TryRead(string localPart, out Guid mailingId, out Guid subscriberId)
    {
        (mailingId, subscriberId) = (Guid.Empty, Guid.Empty);
        if (localPart.Length != Prefix.Length + Length || !localPart.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[32];
        for (var i = 0; i < Length; i++)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(localPart[Prefix.Length + i]), StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            var bit = i * 5;
            var two = value << (11 - (bit % 8));
            bytes[bit / 8] |= (byte)(two >> 8);
            if (bit / 8 + 1 < bytes.Length)
            {
                bytes[bit / 8 + 1] |= (byte)two;
            }
        }

        (mailingId, subscriberId) = (new Guid(bytes[..16], bigEndian: true), new Guid(bytes[16..], bigEndian: true));
        return true;
    }
}
