using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Alerts.Publishing.Feeds;

/// <summary>Text as feeds give it, turned into text as people read it.</summary>
internal static partial class PlainText
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>All white space (line ends, no-break spaces) made single spaces, none at the ends; without control characters and broken surrogates.</summary>
    public static string OneLine(string? text) => White().Replace(Printable(text), " ").Trim(' ');

    /// <summary>
    /// Without broken surrogates and control characters (but tabs, and line ends as <c>\n</c>), which PostgreSQL and XML refuse. Those of U+0080 to U+009F are
    /// read as windows-1252, as HTML does: "It&amp;#146;s" is meant to have an apostrophe.
    /// </summary>
    public static string Printable(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if ((!Rune.IsControl(rune) && rune.Value is not (0xFFFE or 0xFFFF)) || rune.Value is '\n' or '\t')
            {
                result.Append(rune);
            }
            else if (rune.Value is >= 0x80 and <= 0x9F && Windows1252.GetString([(byte)rune.Value]) is [var meant] && !char.IsControl(meant))
            {
                result.Append(meant);
            }
        }

        return result.ToString();
    }

    /// <summary>
    /// A title or tag in one line. Feeds escape titles once, twice or thrice, whatever the standards say; so entities are decoded until none is left.
    /// With <paramref name="isHtml"/>, elements of running text go too, but what only looks like a tag, as in <c>List&lt;T&gt;</c>, stays.
    /// </summary>
    public static string Title(string? text, bool isHtml)
    {
        text ??= "";
        for (var round = 0; round < 3 && text.Contains('&', StringComparison.Ordinal); round++)
        {
            text = WebUtility.HtmlDecode(text);
        }

        return OneLine(isHtml ? InlineTag().Replace(text, "") : text);
    }

    /// <summary>At most <paramref name="most"/> characters, ending in … after a whole word if it had to be cut (within a word where there are no spaces).</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var end = text.LastIndexOf(' ', most - 1);
        if (end < most / 2)
        {
            end = char.IsLowSurrogate(text[most - 1]) ? most - 2 : most - 1;
        }

        return text[..end].TrimEnd(' ', ',', ';', ':', '-', '–', '—') + "…";
    }

    /// <summary>Plain text as HTML: an empty line parts paragraphs, a line end becomes a break.</summary>
    public static string ToHtml(string? text) =>
        string.Concat(EmptyLines().Split(Printable(text).Trim())
            .Where(paragraph => paragraph.Length > 0)
            .Select(paragraph => $"<p>{WebUtility.HtmlEncode(paragraph).Replace("\n", "<br>", StringComparison.Ordinal)}</p>"));

    [GeneratedRegex(@"\s+")]
    private static partial Regex White();

    [GeneratedRegex(@"\n[\s-[\n]]*\n\s*")]
    private static partial Regex EmptyLines();

    [GeneratedRegex(@"</?(a|abbr|b|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|kbd|mark|p|q|s|small|span|strike|strong|sub|sup|tt|u|wbr)(\s[^<>]*)?/?>", RegexOptions.IgnoreCase)]
    private static partial Regex InlineTag();
}
