using System.Collections.Frozen;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Alerts.Mailings.Layout;

/// <summary>A post's body, made fit for mail.</summary>
/// <param name="Cut">It didn't all fit: say where to read on.</param>
public sealed record FittedHtml(string Html, bool Cut);

/// <summary>
/// Makes cleaned HTML fit for mail: styles stand in the elements (many clients know no others), pictures from strangers become links (loading one tells its host who reads
/// when), and what is too long is cut.
/// </summary>
public static class MailHtml
{
    /// <summary>No reader sees deeper, and walking a tree of a million levels would end the process.</summary>
    private const int Deepest = 60;

    private static readonly FrozenSet<string> Dropped = FrozenSet.ToFrozenSet(
    [
        "script", "style", "link", "meta", "base", "title", "template", "form", "input", "button", "select", "textarea", "svg", "math", "canvas", "object", "embed", "track", "map",
    ]);

    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
        ["href", "src", "alt", "title", "width", "height", "dir", "lang", "colspan", "rowspan", "start", "reversed", "value", "cite", "datetime"]);

    private static readonly FrozenDictionary<string, string> Styles = new Dictionary<string, string>
    {
        ["p"] = "margin:0 0 16px",
        ["h1"] = "margin:28px 0 12px;font-size:22px;line-height:1.3",
        ["h2"] = "margin:28px 0 12px;font-size:20px;line-height:1.3",
        ["h3"] = "margin:24px 0 10px;font-size:18px;line-height:1.35",
        ["h4"] = "margin:20px 0 8px;font-size:16px;line-height:1.4",
        ["ul"] = "margin:0 0 16px;padding-inline-start:24px",
        ["ol"] = "margin:0 0 16px;padding-inline-start:24px",
        ["li"] = "margin:0 0 6px",
        ["blockquote"] = "margin:0 0 16px;padding:2px 16px;border-inline-start:3px solid #cfd5dc;color:#4a5461",
        ["a"] = "color:#1d4ed8",
        ["img"] = "max-width:100%;height:auto;border:0",
        ["figure"] = "margin:0 0 16px",
        ["figcaption"] = "font-size:14px;line-height:1.45;color:#5b6572",
        ["hr"] = "border:0;border-top:1px solid #dfe3e8;margin:24px 0",
        ["pre"] = "margin:0 0 16px;padding:12px;background:#f4f6f8;border-radius:4px;font-family:Consolas,Menlo,monospace;font-size:14px;line-height:1.45;white-space:pre-wrap",
        ["code"] = "font-family:Consolas,Menlo,monospace;font-size:14px;background:#f4f6f8",
        ["table"] = "width:100%;margin:0 0 16px;border-collapse:collapse;font-size:15px;line-height:1.45",
        ["th"] = "padding:6px 8px;border:1px solid #dfe3e8;text-align:start;vertical-align:top",
        ["td"] = "padding:6px 8px;border:1px solid #dfe3e8;vertical-align:top",
    }.ToFrozenDictionary();

    /// <param name="html">A cleaned fragment; its links are absolute.</param>
    /// <param name="most">What it may weigh, see <see cref="MailSize"/>.</param>
    /// <param name="ownHosts">The hosts pictures may come from: the post's and ours.</param>
    public static FittedHtml Fit(string html, int most, IReadOnlyCollection<string> ownHosts)
    {
        ArgumentNullException.ThrowIfNull(html);
        ArgumentNullException.ThrowIfNull(ownHosts);

        var body = new HtmlParser().ParseDocument("<!doctype html><body>").Body!;
        body.InnerHtml = html;
        var left = most;
        var cut = false;
        var open = new Stack<(INode Node, int Depth)>();
        PushChildren(open, body, 0);
        while (open.TryPop(out var next))
        {
            var (node, depth) = next;
            if (cut || node is not (IText or IElement) || (node is IElement unwanted && Dropped.Contains(unwanted.LocalName)))
            {
                node.Parent!.RemoveChild(node);
                continue;
            }

            if (node is IElement element)
            {
                node = Dress(element, ownHosts);
            }

            var weight = MailSize.Of(node is IText ? node.ToHtml() : node.Clone(deep: false).ToHtml());
            if (weight > left)
            {
                cut = true;
                if (node is IText text)
                {
                    // Half, as encoding the HTML adds to it.
                    var beginning = MailSize.Beginning(text.Data, left / 2);
                    text.Data = beginning[..Math.Max(0, beginning.LastIndexOf(' '))] + "…";
                }
                else
                {
                    node.Parent!.RemoveChild(node);
                }

                continue;
            }

            left -= weight;
            if (depth < Deepest)
            {
                PushChildren(open, node, depth + 1);
            }
            else
            {
                while (node.FirstChild is { } tooDeep)
                {
                    node.RemoveChild(tooDeep);
                    cut = true;
                }
            }
        }

        return new FittedHtml(body.InnerHtml.Trim(), cut);
    }

    /// <summary>In reverse, so that the first child is walked first.</summary>
    private static void PushChildren(Stack<(INode Node, int Depth)> open, INode parent, int depth)
    {
        for (var child = parent.LastChild; child is not null; child = child.PreviousSibling)
        {
            open.Push((child, depth));
        }
    }

    private static INode Dress(IElement element, IReadOnlyCollection<string> ownHosts)
    {
        if (element is IHtmlImageElement image && !IsOwn(image, ownHosts))
        {
            return Replace(image, Address(image), Alternative(image));
        }

        if (element.LocalName is "iframe" or "video" or "audio")
        {
            var address = Address(element) ?? element.Children.Select(Address).FirstOrDefault(source => source is not null);
            return Replace(element, address, "Watch or listen on the web");
        }

        foreach (var attribute in element.Attributes.Where(a => !Kept.Contains(a.LocalName)).ToList())
        {
            element.RemoveAttribute(attribute.Name);
        }

        if (element is IHtmlImageElement own && own.GetAttribute("alt") is null)
        {
            own.SetAttribute("alt", "");
        }

        if (element.LocalName == "a" && !IsWebOrMail(element.GetAttribute("href")))
        {
            // An anchor within the page, which a mail isn't.
            element.RemoveAttribute("href");
        }

        if (Styles.TryGetValue(element.LocalName, out var style))
        {
            element.SetAttribute("style", style);
        }

        return element;
    }

    private static bool IsOwn(IHtmlImageElement image, IReadOnlyCollection<string> ownHosts) =>
        Address(image) is { } address && ownHosts.Contains(new Uri(address).Host, StringComparer.OrdinalIgnoreCase) && !IsDot(image);

    /// <summary>A picture nobody sees, which is there to be counted.</summary>
    private static bool IsDot(IElement image) => image.GetAttribute("width") is "0" or "1" || image.GetAttribute("height") is "0" or "1";

    /// <summary>What to call a picture; null for one that isn't there to be seen.</summary>
    private static string? Alternative(IElement image) =>
        IsDot(image) ? null : image.GetAttribute("alt") is { Length: > 0 } alt ? $"Picture: {alt}" : "Picture";

    private static string? Address(IElement element) =>
        element.GetAttribute("src") is { } source && Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri.AbsoluteUri : null;

    private static bool IsWebOrMail(string? href) =>
        href is not null && Uri.TryCreate(href, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "mailto" or "tel";

    private static INode Replace(IElement element, string? address, string? words)
    {
        var document = element.Owner!;
        INode instead;
        if (words is null || address is null)
        {
            instead = document.CreateTextNode("");
        }
        else if (element.Closest("a") is not null)
        {
            instead = document.CreateTextNode($"[{words}]");
        }
        else
        {
            var link = document.CreateElement("a");
            link.SetAttribute("href", address);
            link.SetAttribute("style", Styles["a"]);
            link.TextContent = $"[{words}]";
            instead = link;
        }

        element.Parent!.ReplaceChild(instead, element);
        return instead;
    }
}
