using System.Text;
using System.Text.RegularExpressions;

namespace Alerts.Publishing.Feeds;

/// <summary>Which characters a feed's bytes are, by RFC 7303: a byte order mark, else the charset of HTTP, else the XML declaration, else UTF-8.</summary>
internal static partial class FeedEncoding
{
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset)
    {
        var (encoding, mark) = Marked(bytes);
        encoding ??= Named(charset) ?? Named(Declared(bytes)) ?? Encoding.UTF8;
        if (mark == 0 && encoding.GetByteCount("<") > 1 && !bytes[..Math.Min(bytes.Length, 4)].Contains((byte)0))
        {
            // "utf-16" declared by a program that then wrote something else.
            encoding = Encoding.UTF8;
        }

        return encoding.GetString(bytes[mark..]);
    }

    private static (Encoding? Encoding, int Length) Marked(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [(byte)'<', 0, _, 0, ..] => (Encoding.Unicode, 0),
        [0, (byte)'<', 0, _, ..] => (Encoding.BigEndianUnicode, 0),
        _ => (null, 0),
    };

    private static string? Declared(ReadOnlySpan<byte> bytes) =>
        Declaration().Match(Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 500)])) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Null for a name nobody knows. As browsers do, Latin-1 and ASCII are read as windows-1252, which adds the curly quotes and dashes people use.</summary>
    private static Encoding? Named(string? name)
    {
        name = name?.Trim(' ', '"', '\'').ToLowerInvariant();
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        try
        {
            name = name is "iso-8859-1" or "latin1" or "us-ascii" or "ascii" ? "windows-1252" : name;
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")]
    private static partial Regex Declaration();
}
