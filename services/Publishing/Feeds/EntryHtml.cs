using System.Text;
using System.Text.RegularExpressions;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;

namespace Alerts.Publishing.Feeds;

/// <summary>A stranger's HTML made fit for a mail and a page of ours.</summary>
/// <param name="Html">Only elements of text, tables and images; no style, class, id or script; addresses absolute.</param>
/// <param name="Text">The same in one line.</param>
internal sealed partial record EntryHtml(string Html, string Text)
{
    /// <summary>
    /// Real posts nest a few dozen deep and have some hundred elements. The time to parse and clean grows with the square of both; at these bounds it is
    /// seconds at worst. More is given up while parsing.
    /// </summary>
    private const int MaxDepth = 400;

    private const int MaxElements = 20_000;

    /// <summary>What goes with all that is in it. Other unknown elements go, and their content stays.</summary>
    private const string Dropped =
        "script, style, iframe, frame, frameset, object, embed, applet, svg, math, template, form, input, button, select, textarea, audio, video, canvas, title, dialog";

    /// <summary>Elements of running text: no space belongs where they begin.</summary>
    private static readonly HashSet<string> Inline = new(
        [
            "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
            "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
        ],
        StringComparer.Ordinal);

    private static readonly HtmlSanitizer Sanitizer = CreateSanitizer();

    /// <summary>Null when it is made to exhaust whoever reads it.</summary>
    public static EntryHtml? Clean(string html, Uri? baseAddress)
    {
        if (Parse(html) is not { Body: { } body } document)
        {
            return null;
        }

        foreach (var element in body.QuerySelectorAll(Dropped).Concat(body.QuerySelectorAll("img").Where(IsPixel)))
        {
            element.Remove();
        }

        Sanitizer.SanitizeDom(document, body, baseAddress?.AbsoluteUri ?? "");
        foreach (var image in body.QuerySelectorAll("img:not([src])"))
        {
            image.Remove();
        }

        return new EntryHtml(PlainText.Printable(body.ChildNodes.ToHtml(HtmlFormatter.Instance)).Trim(), TextOf(body));
    }

    /// <summary>The feeds that a web page names in its head, as RSS autodiscovery has it; relative to the page.</summary>
    public static IEnumerable<string> FeedsOf(string page) =>
        Parse(page)?.QuerySelectorAll("link[rel~=alternate i][href]")
            .Where(link => link.GetAttribute("type")?.Trim().ToLowerInvariant() is "application/rss+xml" or "application/atom+xml" or "application/feed+json")
            .Select(link => link.GetAttribute("href")!) ?? [];

    private static IHtmlDocument? Parse(string html)
    {
        INode? last = null;
        var elements = 0;
        var parser = new HtmlParser(new HtmlParserOptions
        {
            OnCreated = (element, _) => last = ++elements <= MaxElements && Depth(last) <= MaxDepth ? element : throw new TooMuchMarkupException(),
        });
        try
        {
            return parser.ParseDocument(html);
        }
        catch (TooMuchMarkupException)
        {
            return null;
        }
    }

    private static int Depth(INode? node)
    {
        var depth = 0;
        for (; node is not null; node = node.Parent)
        {
            depth++;
        }

        return depth;
    }

    private static string TextOf(IElement body)
    {
        var text = new StringBuilder();
        foreach (var node in body.GetDescendants())
        {
            if (node is IText { Data: var data })
            {
                text.Append(data);
            }
            else if (node is IElement element && !Inline.Contains(element.LocalName))
            {
                text.Append(' ');
            }
        }

        return PlainText.OneLine(text.ToString());
    }

    /// <summary>An image one pixel wide or high, or hidden, is there to watch the reader, not to be seen.</summary>
    private static bool IsPixel(IElement image) =>
        image.GetAttribute("width")?.Trim() is "0" or "1" or "0px" or "1px"
        || image.GetAttribute("height")?.Trim() is "0" or "1" or "0px" or "1px"
        || (image.GetAttribute("style") is { } style && PixelStyle().IsMatch(style));

    private static HtmlSanitizer CreateSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(
                [
                    "h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "blockquote", "pre", "hr", "br", "wbr", "ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "center",
                    "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "details", "summary", "img", .. Inline,
                ],
                StringComparer.OrdinalIgnoreCase),
            AllowedAttributes = new HashSet<string>(
                ["href", "src", "cite", "alt", "title", "width", "height", "lang", "dir", "datetime", "colspan", "rowspan", "align", "valign", "start", "reversed", "value"],
                StringComparer.OrdinalIgnoreCase),
            AllowedSchemes = new HashSet<string>(["http", "https", "mailto", "tel"], StringComparer.OrdinalIgnoreCase),
            UriAttributes = new HashSet<string>(["href", "src", "cite"], StringComparer.OrdinalIgnoreCase),
        });
        sanitizer.KeepChildNodes = true;
        sanitizer.FilterUrl += (_, url) =>
        {
            var address = url.SanitizedUrl is { } found && found.StartsWith("//", StringComparison.Ordinal) ? $"https:{found}" : url.SanitizedUrl;
            url.SanitizedUrl = Uri.TryCreate(address, UriKind.Absolute, out var absolute) && absolute.Scheme != Uri.UriSchemeFile ? address : null;
        };
        return sanitizer;
    }

    [GeneratedRegex(@"(^|[;\s])((max-)?(width|height)\s*:\s*[01](px)?\s*(!|;|$)|display\s*:\s*none|visibility\s*:\s*hidden)", RegexOptions.IgnoreCase)]
    private static partial Regex PixelStyle();

    private sealed class TooMuchMarkupException : Exception;
}
