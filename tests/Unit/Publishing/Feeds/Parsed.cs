using System.Text;
using Alerts.Publishing.Feeds;
using Microsoft.Extensions.Options;

namespace Alerts.Tests.Unit.Publishing.Feeds;

/// <summary>Feeds written in the tests, read as the product reads them.</summary>
internal static class Parsed
{
    public static FeedParser Parser(FeedOptions? options = null) => new(Options.Create(options ?? new FeedOptions()));

    public static Feed Read(string text, string? address = null) => Read(Encoding.UTF8.GetBytes(text), address);

    public static Feed Read(byte[] bytes, string? address = null, string? charset = null) =>
        Parser().Read(bytes, address is null ? null : new Uri(address), charset, TestContext.Current.CancellationToken);

    /// <summary>The one entry of an RSS 2.0 feed with this item.</summary>
    public static FeedEntry Item(string item, string? address = null) => Assert.Single(Rss($"<item>{item}</item>", address).Entries);

    public static Feed Rss(string items, string? address = null) => Read(
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel><title>Harbour news</title><link>https://harbour.example/news/</link>{items}</channel></rss>
        """,
        address);

    /// <summary>The one entry of an Atom feed at https://harbour.example/feeds/all.atom.</summary>
    public static FeedEntry Entry(string entry, string attributes = "") => Assert.Single(Read(
        $"""<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Harbour</title><id>urn:harbour</id>{entry}</feed>""",
        "https://harbour.example/feeds/all.atom").Entries);

    /// <summary>What is left of an entry's HTML.</summary>
    public static string Html(string html) => Item($"<title>t</title><link>https://harbour.example/news/1/</link><content:encoded><![CDATA[{html}]]></content:encoded>").Html;

    public static FeedException Refused(string text, string? address = null)
    {
        var refusal = Assert.Throws<FeedException>(() => Read(text, address));
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal;
    }
}
