using System.Buffers;

namespace Alerts.Delivery.Rendering;

/// <summary>
/// Quoted-printable (RFC 2045 §6.7), a piece at a time: a piece begins at the start of a line and, unless it is the last, ends with a soft line break, so that pieces
/// encoded apart can be put together and no line gets longer than 76 characters. A dot at the start of a line is encoded too: nothing needs stuffing in SMTP.
/// </summary>
internal static class QuotedPrintable
{
    /// <summary>Characters of a line before the <c>=</c> of a soft line break.</summary>
    private const int MaxLine = 75;

    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Where(c => c != '=').Select(c => (byte)c)]);

    /// <param name="last">Nothing of this part follows.</param>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> utf8, bool last = false)
    {
        var column = 0;
        while (!utf8.IsEmpty)
        {
            var run = column == 0 && utf8[0] == '.' ? 0 : utf8.IndexOfAnyExcept(Plain);
            run = run < 0 ? utf8.Length : run;
            if (run > 0)
            {
                if (column == MaxLine)
                {
                    column = Break(to, "=\r\n"u8);
                    continue;
                }

                run = Math.Min(run, MaxLine - column);
                to.Write(utf8[..run]);
                column += run;
                utf8 = utf8[run..];
                continue;
            }

            var one = utf8[0];
            var end = LineEnd(utf8);
            if (end > 0)
            {
                column = Break(to, "\r\n"u8);
                utf8 = utf8[end..];
                continue;
            }

            // A space or tab may stand for itself, except at the end of a line.
            var literal = one is (byte)' ' or (byte)'\t' && (utf8.Length > 1 ? LineEnd(utf8[1..]) == 0 : !last);
            var width = literal ? 1 : 3;
            if (column + width > MaxLine)
            {
                column = Break(to, "=\r\n"u8);
            }

            Span<byte> encoded = [(byte)'=', Hex(one >> 4), Hex(one & 15)];
            to.Write(literal ? utf8[..1] : encoded);
            column += width;
            utf8 = utf8[1..];
        }

        if (column > 0 && !last)
        {
            Break(to, "=\r\n"u8);
        }
    }

    /// <summary>The length of the line end (CRLF, LF or CR) that stands here; 0 if none does.</summary>
    private static int LineEnd(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'\r', (byte)'\n', ..] => 2,
        [(byte)'\r' or (byte)'\n', ..] => 1,
        _ => 0,
    };

    private static int Break(IBufferWriter<byte> to, ReadOnlySpan<byte> characters)
    {
        to.Write(characters);
        return 0;
    }

    private static byte Hex(int digit) => (byte)"0123456789ABCDEF"[digit];
}
