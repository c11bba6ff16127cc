using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

/// <summary>What is no feed ends in one line that says what to do.</summary>
public class FeedRefusalTests
{
    [Theory]
    [InlineData("", "The feed is empty: check its address, or ask its publisher.")]
    [InlineData(" \n\uFEFF", "The feed is empty: check its address, or ask its publisher.")]
    [InlineData("Not found", "This is not a feed: it is neither RSS, Atom nor JSON Feed. Check the address.")]
    [InlineData("\u0089PNG\r\n\u001a", "This is not a feed: it is neither RSS, Atom nor JSON Feed. Check the address.")]
    [InlineData("{\"a\": 1}", "This is JSON of another kind, not a JSON Feed (it has no version of jsonfeed.org). Check the address.")]
    [InlineData("[1, 2]", "This is JSON of another kind, not a JSON Feed (it has no version of jsonfeed.org). Check the address.")]
    [InlineData("{\"version\": ", "The JSON feed is broken at line 1: it may have been cut off. Try again, or ask its publisher to repair it.")]
    [InlineData("{\"version\": \"https://jsonfeed.org/version/1\", \"home_page\\ud800\": 1}", "The JSON feed has a name that is no text: ask its publisher to repair it.")]
    [InlineData("<opml version=\"2.0\"><body/></opml>", "This is XML of another kind (<opml>), neither RSS nor Atom. Check the address.")]
    [InlineData("<rss><channel>\n<title>Cut o", "The feed is not well-formed XML (line 2, position 13): it may have been cut off. Try again, or ask its publisher to repair it.")]
    [InlineData("<!DOCTYPE html><html><body>Hello</body></html>", "This is a web page, not a feed. Look on it for its RSS or Atom address, and use that.")]
    public void What_is_no_feed_is_refused_in_a_line(string text, string message) => Assert.Equal(message, Refused(text).Message);

    [Fact]
    public void A_web_page_that_names_its_feed_is_refused_with_that_address()
    {
        var refusal = Refused(
            """
            <!-- made by hand --><!doctype html>
            <html><head><title>Harbour<link rel="stylesheet" href="x.css"></title>
            <link rel="alternate" hreflang="ko" href="/ko"><link rel="Alternate" type="application/rss+xml" href="feed/">
            <body><p>Hello
            """,
            "https://harbour.example/news/");

        Assert.Equal("This is a web page, not a feed. It names its feed as https://harbour.example/news/feed/: use that address.", refusal.Message);
        Assert.Equal("https://harbour.example/news/feed/", refusal.FeedAddress?.AbsoluteUri);
    }

    [Fact]
    public void An_empty_feed_is_a_feed() => Assert.Empty(Rss("").Entries);
}
