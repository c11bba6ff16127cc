using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class JsonFeedTests
{
    [Fact]
    public void A_JSON_feed_is_read_with_all_it_has()
    {
        var feed = Read(
            """
            {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", "home_page_url": "https://harbour.example/", "items": [
              {"id": "a", "url": "/a", "title": "Boats & <ships>", "content_html": "<p>Hi <img src='b.jpg'></p>", "summary": "Hi", "date_published": "2026-03-01T10:00:00+01:00",
               "date_modified": "2026-03-02T10:00:00Z", "tags": ["x", 3, null, "X"]},
              {"id": 2, "external_url": "https://elsewhere.example/", "content_text": "Plain <text>\n\nof two paragraphs", "date_published": "never", "unknown": {}},
              "not an item"
            ]}
            """);

        Assert.Equal(("Harbour", "https://harbour.example/"), (feed.Title, feed.Link?.AbsoluteUri));
        Assert.Equal(["a", "2"], feed.Entries.Select(e => e.Key));
        var (first, second) = (feed.Entries[0], feed.Entries[1]);
        Assert.Equal("Boats & <ships>", first.Title);
        Assert.Equal("<p>Hi <img src=\"https://harbour.example/b.jpg\"></p>", first.Html);
        Assert.Equal(("Hi", "https://harbour.example/a"), (first.Summary, first.Link?.AbsoluteUri));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero), first.Published);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero), first.Updated);
        Assert.Equal(["x", "3"], first.Tags);
        Assert.Equal("<p>Plain &lt;text&gt;</p><p>of two paragraphs</p>", second.Html);
        Assert.Equal("Plain <text> of two paragraphs", second.Title);
        Assert.Equal("https://elsewhere.example/", second.Link?.AbsoluteUri);
        Assert.Null(second.Published);
    }

    [Fact]
    public void A_text_with_half_a_character_counts_as_none() =>
        Assert.Equal("Text", Assert.Single(Read("""{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "title": "\ud800", "content_text": "Text"}]}""").Entries).Title);
}
