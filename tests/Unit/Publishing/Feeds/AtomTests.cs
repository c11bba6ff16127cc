using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class AtomTests
{
    [Fact]
    public void An_entry_is_read_with_all_it_has()
    {
        var entry = Entry(
            """
            <entry><id>tag:harbour.example,2026:1</id><title>High water</title><link rel="edit" href="/edit/1"/><link href="/1"/>
            <published>2026-03-01T10:00:00+01:00</published><updated>2026-03-02T10:00:00Z</updated>
            <category term="tide" label="Tides"/><category term="storm"/>
            <summary>In short.</summary><content type="html">&lt;p&gt;At length.&lt;/p&gt;</content></entry>
            """);

        Assert.Equal("tag:harbour.example,2026:1", entry.Key);
        Assert.Equal("https://harbour.example/1", entry.Link?.AbsoluteUri);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero), entry.Published);
        Assert.Equal(TimeSpan.Zero, entry.Published?.Offset);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero), entry.Updated);
        Assert.Equal(["Tides", "storm"], entry.Tags);
        Assert.Equal(("<p>At length.</p>", "In short."), (entry.Html, entry.Summary));
    }

    [Theory]
    [InlineData("<title>1 &lt; 2 &lt;b&gt;</title>", "1 < 2 <b>")]
    [InlineData("<title type='html'>1 &amp;lt; 2 &lt;b&gt;bold&lt;/b&gt;</title>", "1 < 2 bold")]
    [InlineData("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>1 &lt; 2 <b>bold</b></div></title>", "1 < 2 bold")]
    public void A_title_is_plain_text_whatever_its_type(string written, string read) =>
        Assert.Equal(read, Entry($"<entry><id>1</id>{written}</entry>").Title);

    [Theory]
    [InlineData("<content>1 &lt; 2\n\nNext</content>", "<p>1 &lt; 2</p><p>Next</p>")]
    [InlineData("<content type='text'>a\nb</content>", "<p>a<br>b</p>")]
    [InlineData("<content type='html'>&lt;p&gt;a&lt;/p&gt;</content>", "<p>a</p>")]
    [InlineData("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p/><b>a</b><br/></div></content>", "<div><p></p><b>a</b><br></div>")]
    [InlineData("<content type='xhtml'><x:div xmlns:x='http://www.w3.org/1999/xhtml'><x:i>a</x:i><x:script>evil()</x:script></x:div></content>", "<div><i>a</i></div>")]
    [InlineData("<content type='xhtml'><p xmlns='http://www.w3.org/1999/xhtml' title='&#1;'>&#xD800;a\uFFFF&#99999999999;</p></content>", "<p title=\"\">a</p>")]
    [InlineData("<content type='image/png'>iVBORw0KGgo=</content>", "")]
    [InlineData("<content src='https://elsewhere.example/'/><summary>Short</summary>", "<p>Short</p>")]
    public void Content_becomes_HTML_by_its_type(string written, string html) =>
        Assert.Equal(html, Entry($"<entry><id>1</id><title>t</title>{written}</entry>").Html);

    [Fact]
    public void Relative_addresses_follow_xml_base_from_the_feed_inwards()
    {
        var entry = Entry(
            """
            <entry xml:base="posts/"><id>1</id><title>t</title><link href="one.html"/>
            <content type="html" xml:base="one/">&lt;img src="boat.jpg"&gt;</content></entry>
            """,
            "xml:base=\"https://cdn.example/all/\"");

        Assert.Equal("https://cdn.example/all/posts/one.html", entry.Link?.AbsoluteUri);
        Assert.Equal("<img src=\"https://cdn.example/all/posts/one/boat.jpg\">", entry.Html);
    }

    [Fact]
    public void Without_xml_base_links_follow_the_feeds_own_address() =>
        Assert.Equal("https://harbour.example/feeds/1.html", Entry("<entry><id>1</id><title>t</title><link href='1.html'/></entry>").Link?.AbsoluteUri);
}
