using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Alerts.Delivery.Dkim;

/// <summary>
/// Signs mails (DKIM, RFC 6376): one signature a key, rsa-sha256 and ed25519-sha256 (RFC 8463), relaxed/relaxed, over the whole body. With no key it signs nothing.
/// </summary>
/// <remarks>The bytes of the mail itself are hashed, every time: what could be worked out once a mailing is a few hundredths of what an RSA signature takes.</remarks>
internal sealed class DkimSigner(DkimKeys keys) : IDisposable
{
    private const int LineLength = 72;

    /// <summary>Signed where a mail has it, after From. Both List-Unsubscribe fields must be, for one-click (RFC 8058 §4).</summary>
    private static readonly byte[][] Signed =
    [
        .. new[]
        {
            "reply-to", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "auto-submitted",
            "list-id", "list-help", "list-archive", "list-unsubscribe", "list-unsubscribe-post",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    private readonly ThreadLocal<Desk> desks = new(() => new Desk([.. keys.All.Select(key => key.OpenPen())]));

    /// <summary>There is a key to sign with.</summary>
    public bool Signs => keys.All.Count > 0;

    /// <summary>Writes the mail, with a DKIM-Signature for each key after its first field.</summary>
    /// <param name="mail">Complete, with CRLF line ends.</param>
    public void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> mail, DateTimeOffset now)
    {
        var desk = desks.Value!;
        var headers = mail[..(mail.IndexOf("\r\n\r\n"u8) + 2)];
        desk.HashBody(mail[(headers.Length + 2)..]);
        desk.TakeHeaders(headers);

        var first = desk.Fields[0].End;
        to.Write(mail[..first]);
        foreach (var pen in desk.Pens)
        {
            desk.Sign(to, pen, keys.Domain, now);
        }

        to.Write(mail[first..]);
    }

    public void Dispose()
    {
        desks.Dispose();
    }

    /// <summary>Where a field of the headers stands: its name, and its value up to and with the line end.</summary>
    private readonly record struct Field(int Start, int Colon, int End);

    /// <summary>What one thread signs with, and its scratch paper.</summary>
    private sealed class Desk(DkimPen[] pens)
    {
        private readonly byte[] bodyHash = new byte[SHA256.HashSizeInBytes];
        private readonly ArrayBufferWriter<byte> names = new(256);
        private readonly ArrayBufferWriter<byte> canonical = new(4096);
        private readonly ArrayBufferWriter<byte> own = new(1024);

        public DkimPen[] Pens => pens;

        public List<Field> Fields { get; } = new(32);

        /// <summary>The <c>bh=</c> of all signatures.</summary>
        public void HashBody(ReadOnlySpan<byte> body)
        {
            var room = ArrayPool<byte>.Shared.Rent(body.Length + 2);
            SHA256.HashData(room.AsSpan(0, RelaxedBody.Write(body, room)), bodyHash);
            ArrayPool<byte>.Shared.Return(room);
        }

        /// <summary>Puts what all signatures sign in the canonical form, and its names in a list.</summary>
        public void TakeHeaders(ReadOnlySpan<byte> headers)
        {
            FindFields(headers);
            names.ResetWrittenCount();
            canonical.ResetWrittenCount();

            // From once more than there is one: then nobody can add another unnoticed (RFC 6376 §8.15).
            Take(headers, "from"u8);
            Name("from"u8);
            foreach (var name in Signed)
            {
                Take(headers, name);
            }
        }

        public void Sign(IBufferWriter<byte> to, DkimPen pen, string domain, DateTimeOffset now)
        {
            // Folded only where there is white space anyway: then the canonical form has one space there.
            own.ResetWrittenCount();
            Encoding.ASCII.GetBytes($"DKIM-Signature: v=1; a={pen.Key.Algorithm}; c=relaxed/relaxed; d={domain};\r\n s={pen.Key.Selector}; t={now.ToUnixTimeSeconds()};\r\n h=", own);
            own.Write(names.WrittenSpan);
            own.Write(";\r\n bh="u8);
            WriteBase64(own, bodyHash);
            own.Write(";\r\n b="u8);

            var before = canonical.WrittenCount;
            WriteRelaxed("dkim-signature"u8, own.WrittenSpan["DKIM-Signature:".Length..]);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(canonical.WrittenSpan, hash);
            Forget(before);

            Span<byte> signature = stackalloc byte[DkimKey.LongestSignature];
            var length = pen.Sign(hash, signature);
            to.Write(own.WrittenSpan);
            WriteBase64(to, signature[..length]);
            to.Write("\r\n"u8);
        }

        private void FindFields(ReadOnlySpan<byte> headers)
        {
            Fields.Clear();
            for (var start = 0; start < headers.Length;)
            {
                var end = start;
                do
                {
                    end += headers[end..].IndexOf("\r\n"u8) + 2;
                }
                while (end < headers.Length && headers[end] is (byte)' ' or (byte)'\t');

                Fields.Add(new Field(start, start + headers[start..end].IndexOf((byte)':'), end));
                start = end;
            }
        }

        private void Take(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
        {
            // The last, if there were several: verifiers count from the bottom (RFC 6376 §5.4.2).
            for (var i = Fields.Count - 1; i >= 0; i--)
            {
                var (start, colon, end) = Fields[i];
                if (Ascii.EqualsIgnoreCase(headers[start..colon].TrimEnd(" \t"u8), name))
                {
                    Name(name);
                    WriteRelaxed(name, headers[(colon + 1)..end]);
                    canonical.Write("\r\n"u8);
                    return;
                }
            }
        }

        private void Name(ReadOnlySpan<byte> name)
        {
            if (names.WrittenCount > 0)
            {
                // A line break for every line's length of names.
                var line = names.WrittenCount - (names.WrittenSpan.LastIndexOf((byte)'\n') + 1);
                names.Write(line + name.Length > LineLength ? ":\r\n "u8 : ":"u8);
            }

            names.Write(name);
        }

        /// <summary>A field in the form that is hashed: <c>relaxed</c> (RFC 6376 §3.4.2), without its line end.</summary>
        private void WriteRelaxed(ReadOnlySpan<byte> lowerCaseName, ReadOnlySpan<byte> value)
        {
            canonical.Write(lowerCaseName);
            var room = canonical.GetSpan(value.Length + 1);
            room[0] = (byte)':';
            var written = 1;
            var space = false;
            foreach (var one in value)
            {
                if (one is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                {
                    space = written > 1;
                    continue;
                }

                if (space)
                {
                    room[written++] = (byte)' ';
                    space = false;
                }

                room[written++] = one;
            }

            canonical.Advance(written);
        }

        /// <summary>Takes back what was written after the first <paramref name="length"/> bytes.</summary>
        private void Forget(int length)
        {
            canonical.ResetWrittenCount();
            canonical.Advance(length);
        }

        private static void WriteBase64(IBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
        {
            Span<byte> text = stackalloc byte[Base64.GetMaxEncodedToUtf8Length(DkimKey.LongestSignature)];
            Base64.EncodeToUtf8(bytes, text, out _, out var length);
            for (text = text[..length]; text.Length > LineLength; text = text[LineLength..])
            {
                to.Write(text[..LineLength]);
                to.Write("\r\n "u8);
            }

            to.Write(text);
        }
    }
}
