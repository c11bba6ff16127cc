using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Alerts.Publishing.Feeds;

/// <summary>
/// Reads the XML feeds: RSS 0.9x and 2.0, RSS 1.0 (RDF), Atom 1.0 (RFC 4287) and 0.3. Each lays its names in one namespace (or none), so a child is
/// looked up in the namespace of its parent, which also keeps <c>itunes:title</c> and the like apart.
/// </summary>
/// <remarks>
/// Not with a library: <c>SyndicationFeed</c> refuses a whole feed for one bad link or an old version number and knows no RDF, and
/// <c>CodeHollow.FeedReader</c> loses Atom's markup and <c>xml:base</c>.
/// </remarks>
internal static partial class FeedXml
{
    private static readonly XNamespace Content = "http://purl.org/rss/1.0/modules/content/";
    private static readonly XNamespace DublinCore = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace DublinTerms = "http://purl.org/dc/terms/";
    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

    /// <summary>No document type is ever read, so no entity of its own is expanded and nothing outside is fetched.</summary>
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Ignore,
        XmlResolver = null,
        MaxCharactersFromEntities = 1_000,
    };

    /// <summary>Real feeds nest a few dozen deep. LINQ to XML walks all the way up for each element, so a hundred thousand would take minutes.</summary>
    private const int MaxDepth = 400;

    /// <summary>An element takes a hundred bytes of memory and more, a tag only four in the feed.</summary>
    private const int MaxElements = 500_000;

    /// <exception cref="XmlException">It is not well-formed.</exception>
    /// <exception cref="FeedException">It is built to exhaust whoever reads it.</exception>
    public static XElement Load(string text)
    {
        text = Reference().Replace(PlainText.Printable(text), reference => IsCharacter(reference.Groups[1].Value) ? reference.Value : "");
        try
        {
            return Parse(text);
        }
        catch (XmlException) when (NamedEntity().IsMatch(text))
        {
            // HTML's &nbsp; and its kin are unknown to XML, but not to those who write feeds.
            return Parse(NamedEntity().Replace(text, entity => WebUtility.HtmlDecode(entity.Value)));
        }
    }

    /// <summary>XML 1.0, 2.2. Programs write &amp;#0; or &amp;#x1F; all the same.</summary>
    private static bool IsCharacter(string number)
    {
        var isHex = number[0] is 'x' or 'X';
        return int.TryParse(isHex ? number[1..] : number, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && Rune.IsValid(value) && (value > char.MaxValue || XmlConvert.IsXmlChar((char)value));
    }

    private static XElement Parse(string text)
    {
        RefuseIfExhausting(text);
        using var reader = XmlReader.Create(new StringReader(text), Settings);
        return XElement.Load(reader);
    }

    private static void RefuseIfExhausting(string text)
    {
        using var reader = XmlReader.Create(new StringReader(text), Settings);
        for (var elements = 0; reader.Read(); elements += reader.NodeType == XmlNodeType.Element ? 1 : 0)
        {
            if (reader.Depth > MaxDepth || elements > MaxElements)
            {
                throw new FeedException(FormattableString.Invariant(
                    $"The feed has more than {MaxElements:N0} elements, or nests them more than {MaxDepth} deep: ask its publisher for a simpler one."));
            }
        }
    }

    /// <summary>Null when it is XML of another kind.</summary>
    public static RawFeed? Read(XElement root, Uri? address) => root.Name.LocalName switch
    {
        "rss" or "RDF" => ReadRss(root, address),
        "feed" => ReadAtom(root, address),
        _ => null,
    };

    private static RawFeed ReadRss(XElement root, Uri? address)
    {
        var channel = root.Elements().FirstOrDefault(e => e.Name.LocalName == "channel") ?? root;
        var site = WebAddress.Resolve(ExplicitBase(channel, address) ?? address, Text(Child(channel, "link")));
        // RSS 1.0 lists the items after the channel, the others inside.
        var items = root.Elements().Concat(channel == root ? [] : channel.Elements()).Where(e => e.Name.LocalName == "item");
        return new RawFeed(Html(Child(channel, "title")), site, [.. items.Select(item => ReadItem(item, site ?? address, address))]);
    }

    private static RawEntry ReadItem(XElement item, Uri? site, Uri? address)
    {
        var guid = Child(item, "guid");
        var explicitBase = ExplicitBase(item, address);
        var link = WebAddress.Resolve(explicitBase ?? site, Text(Child(item, "link")))
            ?? (IsPermaLink(guid) ? WebAddress.Resolve(null, Text(guid)) : null);
        return new RawEntry
        {
            Id = Text(guid) ?? item.Attribute(Rdf + "about")?.Value,
            Title = Html(Child(item, "title")),
            Link = link,
            Content = Html(item.Element(Content + "encoded")),
            Summary = Html(Child(item, "description")),
            Published = FeedDate.Parse(Text(Child(item, "pubDate"))) ?? FeedDate.Parse(Text(item.Element(DublinCore + "date"))),
            Updated = FeedDate.Parse(Text(item.Element(DublinTerms + "modified"))),
            Tags = item.Elements().Where(e => e.Name == item.Name.Namespace + "category" || e.Name == DublinCore + "subject").Select(e => e.Value),
            Base = explicitBase ?? link ?? site,
        };
    }

    /// <summary>RSS 2.0: true unless it says false.</summary>
    private static bool IsPermaLink(XElement? guid) =>
        guid is not null && !string.Equals(guid.Attribute("isPermaLink")?.Value.Trim(), "false", StringComparison.OrdinalIgnoreCase);

    private static RawFeed ReadAtom(XElement root, Uri? address)
    {
        var site = AtomLink(root, ExplicitBase(root, address) ?? address);
        var entries = root.Elements(root.Name.Namespace + "entry");
        return new RawFeed(AtomText(Child(root, "title")), site, [.. entries.Select(entry => ReadEntry(entry, site, address))]);
    }

    private static RawEntry ReadEntry(XElement entry, Uri? site, Uri? address)
    {
        var content = Child(entry, "content");
        var explicitBase = ExplicitBase(entry, address);
        var link = AtomLink(entry, explicitBase ?? address ?? site);
        return new RawEntry
        {
            Id = Text(Child(entry, "id")),
            Title = AtomText(Child(entry, "title")),
            Link = link,
            Content = AtomText(content),
            Summary = AtomText(Child(entry, "summary")),
            Published = FeedDate.Parse(Text(Child(entry, "published") ?? Child(entry, "issued"))),
            Updated = FeedDate.Parse(Text(Child(entry, "updated") ?? Child(entry, "modified"))),
            Tags = entry.Elements(entry.Name.Namespace + "category").Select(e => e.Attribute("label")?.Value ?? e.Attribute("term")?.Value ?? ""),
            Base = (content is null ? explicitBase : ExplicitBase(content, address)) ?? link ?? site ?? address,
        };
    }

    private static Uri? AtomLink(XElement of, Uri? baseAddress) =>
        of.Elements(of.Name.Namespace + "link")
            .Where(e => e.Attribute("rel")?.Value.Trim() is null or "" or "alternate")
            .Select(e => WebAddress.Resolve(BaseOf(e, baseAddress), e.Attribute("href")?.Value))
            .FirstOrDefault(link => link is not null);

    /// <summary>RFC 4287, 3.1 and 4.1.3. Content kept elsewhere (<c>src</c>) or of a kind that is not text is none.</summary>
    private static RawText AtomText(XElement? element)
    {
        if (element is null || element.Attribute("src") is not null)
        {
            return default;
        }

        var type = (element.Attribute("type")?.Value ?? "text").Trim().ToLowerInvariant();
        return type switch
        {
            "xhtml" or "application/xhtml+xml" => new RawText(InnerHtml(element), IsHtml: true),
            "html" or "text/html" => Html(element),
            // Atom 0.3 says "text/plain" even of markup, and HTML in an element called text is common elsewhere.
            "text" or "text/plain" => element.HasElements ? new RawText(InnerHtml(element), IsHtml: true) : new RawText(element.Value, IsHtml: false),
            _ => default,
        };
    }

    private static XElement? Child(XElement of, string name) => of.Element(of.Name.Namespace + name);

    private static string? Text(XElement? element) => element is null || string.IsNullOrWhiteSpace(element.Value) ? null : element.Value.Trim();

    private static RawText Html(XElement? element) => element switch
    {
        null => default,
        { HasElements: true } => new RawText(InnerHtml(element), IsHtml: true),
        _ => new RawText(element.Value, IsHtml: true),
    };

    /// <summary>Markup that stands in the feed as XML, written as HTML: no prefixes, and a closing tag for all but the void elements.</summary>
    private static string InnerHtml(XElement element)
    {
        foreach (var inner in element.Descendants())
        {
            inner.Name = inner.Name.LocalName;
            inner.Attributes().Where(a => a.IsNamespaceDeclaration || a.Name.Namespace != XNamespace.None).Remove();
            if (inner.IsEmpty && inner.Name.LocalName is not ("area" or "br" or "col" or "hr" or "img" or "source" or "wbr"))
            {
                inner.Value = "";
            }
        }

        return string.Concat(element.Nodes().Select(node => node.ToString(SaveOptions.DisableFormatting)));
    }

    /// <summary>The base that <c>xml:base</c> sets here or further out, or null where none does.</summary>
    private static Uri? ExplicitBase(XElement element, Uri? address)
    {
        var bases = element.AncestorsAndSelf().Select(e => e.Attribute(XNamespace.Xml + "base")?.Value).OfType<string>().Reverse();
        return bases.Aggregate((Uri?)null, (outer, inner) => WebAddress.Resolve(outer ?? address, inner) ?? outer);
    }

    private static Uri? BaseOf(XElement element, Uri? outer) =>
        element.Attribute(XNamespace.Xml + "base") is { } own ? WebAddress.Resolve(outer, own.Value) ?? outer : outer;

    [GeneratedRegex("&#([xX]?[0-9a-fA-F]+);")]
    private static partial Regex Reference();

    [GeneratedRegex("&(?!(amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,31};")]
    private static partial Regex NamedEntity();
}
