using System.Diagnostics;
using Alerts.Publishing.Feeds;
using static Alerts.Tests.Unit.Publishing.Feeds.Parsed;

namespace Alerts.Tests.Unit.Publishing.Feeds;

public class FeedBoundsTests
{
    [Fact]
    public async Task An_endless_stream_is_refused_as_soon_as_it_passes_the_bound()
    {
        await using var endless = new Endless();

        var refusal = await Assert.ThrowsAsync<FeedException>(() => Parser().ReadAsync(endless, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("The feed is larger than 10 MB, the most that is read: ask its publisher for one with fewer entries, or raise Feeds:MaxBytes.", refusal.Message);
        Assert.InRange(endless.Given, 10 * 1024 * 1024, 11 * 1024 * 1024);
    }

    [Fact]
    public void Of_a_feed_with_too_many_entries_the_newest_are_read_and_the_rest_is_mentioned()
    {
        var start = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

        var feed = Rss(string.Concat(Enumerable.Range(0, 1_200).Select(day => $"<item><title>Day {day}</title><guid>{day}</guid><pubDate>{start.AddDays(day):R}</pubDate></item>")));

        Assert.Equal(Enumerable.Range(200, 1_000).Select(day => $"Day {day}"), feed.Entries.Select(e => e.Title));
        Assert.Equal(["The feed has 1,200 entries; the newest 1,000 were read."], feed.Notes);
    }

    [Fact]
    public void A_repeated_key_is_read_once_and_mentioned()
    {
        var feed = Rss("<item><guid>1</guid><title>First</title></item><item><guid>1</guid><title>Again</title></item><item><guid>2</guid><title>Other</title></item>");

        Assert.Equal(["First", "Other"], feed.Entries.Select(e => e.Title));
        Assert.Equal(["1 entry repeated the id of an earlier one and was left out."], feed.Notes);
    }

    [Fact]
    public void An_entry_with_nothing_in_it_is_left_out_and_mentioned() =>
        Assert.Equal(["2 entries had neither title, text nor link and were left out."], Rss("<item/><item><guid isPermaLink='false'>1</guid></item>").Notes);

    [Fact]
    public void A_long_title_is_cut_at_a_word()
    {
        var title = Item($"<title>{string.Concat(Enumerable.Repeat("word ", 200))}</title>").Title;

        Assert.InRange(title.Length, 480, FeedParser.MaxTitle);
        Assert.EndsWith("word…", title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_title_without_spaces_is_cut_between_characters()
    {
        var title = Item($"<title>{string.Concat(Enumerable.Repeat("😀", 600))}</title>").Title;

        Assert.InRange(title.Length, 490, FeedParser.MaxTitle);
        Assert.EndsWith("😀…", title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_very_long_text_is_cut_and_mentioned()
    {
        var feed = Rss($"<item><title>War and peace</title><description>{string.Concat(Enumerable.Repeat("&lt;p&gt;Prince Andrew smiled, and said nothing for a long while.&lt;/p&gt;", 20_000))}</description></item>");

        Assert.InRange(feed.Entries[0].Html.Length, 890_000, FeedParser.MaxBody);
        Assert.EndsWith("</p>", feed.Entries[0].Html, StringComparison.Ordinal);
        Assert.Equal(["“War and peace” is longer than 1,000,000 characters and was cut."], feed.Notes);
    }

    [Fact]
    public void Short_addresses_made_long_do_not_swell_a_text_past_its_bound()
    {
        var feed = Rss($"<item><title>Swell</title><link>https://harbour.example/{new string('x', 900)}/</link><description>{string.Concat(Enumerable.Repeat("&lt;a href=y&gt;z&lt;/a&gt; ", 15_000))}</description></item>");

        Assert.InRange(feed.Entries[0].Html.Length, 1, FeedParser.MaxBody);
        Assert.Single(feed.Notes);
    }

    [Fact]
    public void A_very_long_id_is_replaced_by_its_hash() => Assert.Matches("^sha256:[0-9a-f]{64}$", Item($"<title>t</title><guid>{new string('x', 5_000)}</guid>").Key);

    [Theory]
    [InlineData("<div>")]
    [InlineData("<ul><li>")]
    [InlineData("<a><div>")]
    [InlineData("<div><select></div></select>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<i><b></i>")]
    [InlineData("<b><p>")]
    [InlineData("<x>a</x>")]
    [InlineData("<svg><desc>")]
    [InlineData("<p")]
    [InlineData("<a href=\"")]
    [InlineData("<!--")]
    [InlineData("&amp")]
    public void Markup_made_to_exhaust_the_parser_is_read_or_given_up_in_seconds(string piece)
    {
        var watch = Stopwatch.StartNew();

        var feed = Rss($"<item><title>Bomb</title><description><![CDATA[{string.Concat(Enumerable.Repeat(piece, 900_000 / piece.Length))}]]></description></item>");

        Assert.Single(feed.Entries);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("<a>", "</a>")]
    [InlineData("<a/>", "")]
    public void XML_made_to_exhaust_the_parser_is_refused_at_once(string open, string close)
    {
        var watch = Stopwatch.StartNew();
        var bomb = string.Concat(Enumerable.Repeat(open, 1_000_000)) + string.Concat(Enumerable.Repeat(close, 1_000_000));

        var refusal = Refused($"<rss><channel><item>{bomb}</item></channel></rss>");

        Assert.Equal("The feed has more than 500,000 elements, or nests them more than 400 deep: ask its publisher for a simpler one.", refusal.Message);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Entities_are_not_expanded()
    {
        var refusal = Refused(
            """
            <?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;"><!ENTITY file SYSTEM "file:///etc/passwd">]>
            <rss version="2.0"><channel><title>&lol2;&file;</title></channel></rss>
            """);

        Assert.StartsWith("The feed is not well-formed XML (line 2, ", refusal.Message, StringComparison.Ordinal);
    }

    private sealed class Endless : Stream
    {
        public long Given { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Fill(buffer, (byte)' ', offset, count);
            Given += count;
            return count;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
