using System.Globalization;
using System.Text;
using Alerts.Publishing.Feeds;
using CsCheck;

namespace Alerts.Tests.Unit.Publishing.Feeds;

/// <summary>Whatever bytes come, a feed or a <see cref="FeedException"/> comes of them, and what is read keeps the promises of <see cref="FeedEntry"/>.</summary>
public class FeedFuzzTests
{
    private static readonly string[] Seeds =
    [
        """
        <?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title><link>https://a.example/</link>
        <item><title>A &amp;amp; B</title><link>/1</link><guid isPermaLink="true">https://a.example/1</guid><pubDate>Tue, 10 Jun 2003 04:00:00 +0900</pubDate><category>c</category>
        <description>d &lt;b&gt;e</description><content:encoded><![CDATA[<p style="x">Hi <a href="/x">y</a><img src="z.png" width="1"><table><tr><td>q</table>]]></content:encoded></item></channel></rss>
        """,
        """
        <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/b/"><title type="html">T&amp;lt;</title><link href="c"/><entry xml:base="d/"><id>i</id><link href="e"/>
        <updated>2026-03-02T10:00:00Z</updated><published>2026-03-02</published><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p/>t<br/></div></content><summary>s</summary></entry></feed>
        """,
        """
        {"version": "https://jsonfeed.org/version/1.1", "title": "T", "home_page_url": "https://a.example/", "items": [{"id": "a", "url": "/a", "content_html": "<p>x</p>",
        "date_published": "2026-03-01T10:00:00+01:00", "tags": ["x"]}, {"id": 2, "content_text": "\u00e4\ud83d\ude00"}]}
        """,
        """<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="feed/"></head><body><p>x</body></html>""",
    ];

    private static readonly string[] Pieces =
    [
        "<", ">", "&", "\"", "'", "]]>", "<![CDATA[", "<!--", "-->", "<!DOCTYPE x [", "&#0;", "&#xD800;", "&nbsp;", "&lt;", "<item>", "</item>", "<entry>", "<b>", "<svg>", "<script>", "{", "}", "[", "]", ",",
        "\\ud800", "99999999999999999999", "xml:base=\"http://[\"", "http://", "//", "javascript:", "\0", "\uFFFD", "encoding=\"utf-16\"", "encoding=\"euc-kr\"", "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-14:00", "Sat, 31 Feb 99999 25:61:61 +9999", "\uD83D\uDE00", "<title>", "</title>", "<template>", "<math>",
    ];

    private static readonly Gen<byte[]> Mutated =
        from seed in Any(Seeds)
        from edits in Gen.Select(Gen.Int[0, 2_000], Gen.OneOf(Gen.Const(0), Gen.Int[0, 30]), Gen.OneOf(Any(Pieces), Any(Pieces), Gen.String[0, 5])).List[1, 4]
        from noise in Gen.Select(Gen.Int[0, 2_000], Gen.Byte).List[0, 1]
        select Mutate(seed, edits, noise);

    private static Gen<string> Any(string[] choices) => Gen.Int[0, choices.Length - 1].Select(choice => choices[choice]);

    [Fact]
    public void Damaged_feeds_end_in_a_feed_or_in_one_clear_line() =>
        Mutated.Sample(ReadKeepsItsPromises, iter: 5_000, threads: 1);

    [Fact]
    public void Random_bytes_end_in_one_clear_line() =>
        Gen.Byte.Array[0, 200].Sample(ReadKeepsItsPromises, iter: 1_000, threads: 1);

    private static void ReadKeepsItsPromises(byte[] bytes)
    {
        Feed feed;
        try
        {
            feed = Parsed.Read(bytes, "https://a.example/feed");
        }
        catch (FeedException exception)
        {
            Assert.DoesNotContain(exception.Message, character => char.IsControl(character));
            return;
        }

        Assert.NotEmpty(feed.Title);
        Assert.Equal(feed.Entries.Count, feed.Entries.Select(e => e.Key).Distinct().Count());
        Assert.All(feed.Entries, entry =>
        {
            Assert.InRange(entry.Key.Length, 1, FeedParser.MaxKey);
            Assert.InRange(entry.Title.Length, 1, FeedParser.MaxTitle);
            Assert.InRange(entry.Html.Length, 0, FeedParser.MaxBody);
            Assert.True(entry.Link is null or { Scheme: "http" or "https" });
            Assert.True((entry.Published ?? default).Offset == TimeSpan.Zero);
            Assert.DoesNotContain("<script", entry.Html, StringComparison.OrdinalIgnoreCase);
            Assert.All([entry.Key, entry.Title, entry.Html, entry.Summary ?? "", .. entry.Tags], AssertStorable);
        });
    }

    /// <summary>No NUL and no half of a surrogate pair: either would fail in PostgreSQL.</summary>
    private static void AssertStorable(string text)
    {
        Assert.DoesNotContain('\0', text);
        new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text);
    }

    private static byte[] Mutate(string seed, List<(int At, int Removed, string Piece)> edits, List<(int At, byte Value)> noise)
    {
        var text = new StringBuilder(seed);
        foreach (var (at, removed, piece) in edits)
        {
            var start = at % (text.Length + 1);
            text.Remove(start, Math.Min(removed, text.Length - start)).Insert(start, string.Create(CultureInfo.InvariantCulture, $"{piece}"));
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        foreach (var (at, value) in noise.Where(_ => bytes.Length > 0))
        {
            bytes[at % bytes.Length] = value;
        }

        return bytes;
    }
}
