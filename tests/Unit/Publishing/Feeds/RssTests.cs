using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class RssTests
{
    [Fact]
    public void A_blog_archive_without_dates_is_read_whole_and_in_order()
    {
        var items = string.Concat(Enumerable.Range(1, 17).Select(number =>
            $"""
            <item>
            <title>Post {number} &amp; what it’s about</title>
            <link>https://harbour.example/post-{number}/</link>
            <guid isPermaLink="true">https://harbour.example/post-{number}/</guid>
            <category>Ships</category>
            <description>What post {number} says in short.</description>
            <content:encoded><![CDATA[<p>What post {number} says in short.</p><p>And then at length, with “quotes”.</p>]]></content:encoded>
            </item>
            """));

        var feed = Rss(items);

        Assert.Equal("Harbour news", feed.Title);
        Assert.Equal("https://harbour.example/news/", feed.Link?.AbsoluteUri);
        Assert.Empty(feed.Notes);
        Assert.Equal(Enumerable.Range(1, 17).Select(n => $"Post {n} & what it’s about"), feed.Entries.Select(e => e.Title));
        Assert.Equal(17, feed.Entries.Select(e => e.Key).Distinct().Count());
        Assert.All(feed.Entries, entry =>
        {
            Assert.Null(entry.Published);
            Assert.Null(entry.Updated);
            Assert.Equal(entry.Key, entry.Link?.AbsoluteUri);
            Assert.StartsWith("<p>What post ", entry.Html, StringComparison.Ordinal);
            Assert.EndsWith("<p>And then at length, with “quotes”.</p>", entry.Html, StringComparison.Ordinal);
            Assert.Matches(@"^What post \d+ says in short\.$", entry.Summary);
            Assert.Equal(["Ships"], entry.Tags);
        });
    }

    [Fact]
    public void A_description_alone_is_the_text_and_not_a_summary()
    {
        var entry = Item("<title>t</title><description>&lt;p&gt;All there is.&lt;/p&gt;</description>");

        Assert.Equal("<p>All there is.</p>", entry.Html);
        Assert.Null(entry.Summary);
    }

    [Fact]
    public void A_summary_is_plain_text_with_a_space_between_paragraphs() =>
        Assert.Equal("One. Two words.", Item(
            "<title>t</title><description><![CDATA[<p>One.</p><p>T<b>wo</b>&nbsp;words.</p>]]></description><content:encoded>Long</content:encoded>").Summary);

    [Theory]
    [InlineData("AT&amp;T", "AT&T")]
    [InlineData("AT&amp;amp;T", "AT&T")]
    [InlineData("It&amp;amp;#8217;s here", "It’s here")]
    [InlineData("<![CDATA[<b>Bold</b> &amp; &ldquo;quoted&rdquo;]]>", "Bold & “quoted”")]
    [InlineData("&amp;lt;em&amp;gt;Twice&amp;lt;/em&amp;gt; escaped", "Twice escaped")]
    [InlineData("List&lt;T&gt; is &lt; 3", "List<T> is < 3")]
    [InlineData("  Two\n  lines&#160;and a gap ", "Two lines and a gap")]
    [InlineData("Marked <b>up</b> as XML", "Marked up as XML")]
    public void A_title_becomes_plain_text_however_it_was_escaped(string written, string read) =>
        Assert.Equal(read, Item($"<title>{written}</title>").Title);

    [Fact]
    public void Without_a_title_the_first_words_are_the_title() =>
        Assert.Equal(
            "The ferry to the islands will not run on Monday, because the harbour is being…",
            Item("<description>&lt;p&gt;The ferry to the islands will not run on Monday, because the harbour is being dredged for the first time in years.&lt;/p&gt;</description>").Title);

    [Fact]
    public void An_entry_with_nothing_but_a_link_is_called_by_it() =>
        Assert.Equal("https://harbour.example/only", Item("<link>https://harbour.example/only</link>").Title);

    [Theory]
    [InlineData("<guid isPermaLink=\"false\">tag:1</guid><link>https://harbour.example/1</link>", "tag:1", "https://harbour.example/1")]
    [InlineData("<guid>https://harbour.example/1</guid>", "https://harbour.example/1", "https://harbour.example/1")]
    [InlineData("<guid isPermaLink=\"false\">https://harbour.example/?p=1</guid>", "https://harbour.example/?p=1", null)]
    [InlineData("<guid> </guid><link>https://harbour.example/1</link>", "https://harbour.example/1", "https://harbour.example/1")]
    [InlineData("<link>http://[broken</link><guid isPermaLink=\"false\">7</guid>", "7", null)]
    [InlineData("<link>javascript:alert(1)</link><guid isPermaLink=\"false\">8</guid>", "8", null)]
    public void The_key_is_the_guid_else_the_link_and_a_permanent_guid_is_a_link(string written, string key, string? link)
    {
        var entry = Item($"<title>t</title>{written}");

        Assert.Equal(key, entry.Key);
        Assert.Equal(link, entry.Link?.AbsoluteUri);
    }

    [Fact]
    public void Without_guid_and_link_the_key_comes_from_title_and_text_and_stays_the_same()
    {
        const string written = "<title>Storm</title><description>Stay inside.</description>";

        var key = Item(written).Key;

        Assert.Equal(key, Item(written).Key);
        Assert.Matches("^sha256:[0-9a-f]{64}$", key);
        Assert.NotEqual(key, Item("<title>Storm</title><description>Go outside.</description>").Key);
    }

    [Theory]
    [InlineData("<pubDate>Tue, 10 Jun 2003 04:00:00 GMT</pubDate>", "2003-06-10T04:00:00Z")]
    [InlineData("<pubDate>Tue, 10 Jun 2003 04:00:00 +0900</pubDate>", "2003-06-09T19:00:00Z")]
    [InlineData("<pubDate>10 Jun 03 04:00 EST</pubDate>", "2003-06-10T09:00:00Z")]
    [InlineData("<pubDate>Sun, 10 Jun 2003 04:00:00 GMT</pubDate>", "2003-06-10T04:00:00Z")]
    [InlineData("<pubDate>2003-06-10T04:00:00+02:00</pubDate>", "2003-06-10T02:00:00Z")]
    [InlineData("<dc:date>2003-06-10T04:00:00-05:00</dc:date>", "2003-06-10T09:00:00Z")]
    [InlineData("<dc:date>2003-06-10</dc:date>", "2003-06-10T00:00:00Z")]
    [InlineData("<pubDate>soon</pubDate><dc:date>2003-06-10</dc:date>", "2003-06-10T00:00:00Z")]
    [InlineData("<pubDate>Mon, 32 Foo 2003 99:99:99 QQQ</pubDate>", null)]
    [InlineData("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>", null)]
    [InlineData("<pubDate>yesterday</pubDate>", null)]
    [InlineData("<pubDate/>", null)]
    public void A_date_is_read_in_all_common_spellings_and_what_is_none_is_no_date(string written, string? published)
    {
        var entry = Item($"<title>t</title>{written}");

        Assert.Equal(published, entry.Published?.ToString("yyyy-MM-dd'T'HH:mm:ssK", System.Globalization.CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal));
    }

    [Fact]
    public void Relative_links_and_images_are_absolute_against_the_post()
    {
        var entry = Item(
            """
            <title>t</title><link>posts/1/</link>
            <content:encoded><![CDATA[<a href="/about">a</a> <a href="#note">b</a> <a href="//cdn.example/x">c</a> <img src="boat.jpg" alt="A boat">]]></content:encoded>
            """);

        Assert.Equal("https://harbour.example/news/posts/1/", entry.Link?.AbsoluteUri);
        Assert.Equal(
            """
            <a href="https://harbour.example/about">a</a> <a href="https://harbour.example/news/posts/1/#note">b</a> <a href="https://cdn.example/x">c</a> <img src="https://harbour.example/news/posts/1/boat.jpg" alt="A boat">
            """,
            entry.Html);
    }

    [Fact]
    public void Without_any_base_a_relative_link_goes_and_its_words_stay()
    {
        var entry = Assert.Single(Read("<rss version=\"2.0\"><channel><item><title>t</title><description><![CDATA[<a href=\"/x\">words</a><img src=\"/y\">]]></description></item></channel></rss>").Entries);

        Assert.Equal("<a>words</a>", entry.Html);
    }

    [Fact]
    public void A_feed_without_title_is_called_by_its_host() =>
        Assert.Equal("harbour.example", Read("<rss version=\"2.0\"><channel/></rss>", "https://harbour.example/feed").Title);

    [Fact]
    public void Other_vocabularies_do_not_get_in_the_way()
    {
        var feed = Read(
            """
            <rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom">
            <channel><atom:link rel="self" href="https://harbour.example/feed"/><itunes:title>Wrong</itunes:title><title>Right</title><link>https://harbour.example/</link>
            <item><itunes:title>Wrong</itunes:title><title>Right</title><atom:link href="https://wrong.example/"/><link>https://harbour.example/1</link></item></channel></rss>
            """);

        Assert.Equal("Right", feed.Title);
        Assert.Equal("https://harbour.example/", feed.Link?.AbsoluteUri);
        Assert.Equal(("Right", "https://harbour.example/1"), (feed.Entries[0].Title, feed.Entries[0].Link?.AbsoluteUri));
    }

    [Fact]
    public void Old_RSS_and_RDF_are_read_too()
    {
        var old = Read(
            """
            <?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
            <rss version="0.91"><channel><title>Old</title><item><title>First</title></item></channel></rss>
            """);
        var rdf = Read(
            """
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <channel rdf:about="https://harbour.example/"><title>RDF</title><link>https://harbour.example/</link></channel>
            <item rdf:about="https://harbour.example/1"><title>First</title><link>https://harbour.example/1</link><dc:subject>Boats</dc:subject></item></rdf:RDF>
            """);

        Assert.Equal(("Old", "First"), (old.Title, Assert.Single(old.Entries).Title));
        Assert.Equal(("RDF", "https://harbour.example/1"), (rdf.Title, Assert.Single(rdf.Entries).Key));
        Assert.Equal(["Boats"], rdf.Entries[0].Tags);
    }

    [Fact]
    public void Entities_of_HTML_and_control_characters_do_not_break_a_feed()
    {
        var entry = Item("<title>A&nbsp;B &copy; C&#x1F;\u0001D it&#146;s</title><description>x&#0;&#xD800;y</description>");

        Assert.Equal("A B © CD it’s", entry.Title);
        Assert.DoesNotContain('\0', entry.Html);
    }

    [Fact]
    public void Tags_are_listed_once_and_as_words() =>
        Assert.Equal(["News & views", "Boats"], Item(
            "<title>t</title><category>News &amp;amp; views</category><category> Boats</category><category>boats</category><category/>").Tags);
}
