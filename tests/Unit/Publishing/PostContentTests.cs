using Alerts.Publishing.Feeds;
using Alerts.Publishing.Posts;

namespace Alerts.Tests.Unit.Publishing;

public sealed class PostContentTests
{
    private static readonly Uri Site = new("https://alerts.example");

    [Fact]
    public void Markdown_becomes_html_and_text()
    {
        var content = Markdown("Come **now**: [map](/map)\n\n- one\n- two");

        Assert.Equal("<p>Come <strong>now</strong>: <a href=\"https://alerts.example/map\">map</a></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>", content.Html);
        Assert.Equal("Come now: map (https://alerts.example/map)\n\n- one\n- two", content.Text);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>Hello")]
    [InlineData("<img src=x onerror=alert(1)>Hello")]
    [InlineData("[Hello](javascript:alert(1))")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe>Hello")]
    public void What_acts_is_taken_out_of_markdown(string markdown)
    {
        var content = Markdown(markdown);

        Assert.Contains("Hello", content.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)", content.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("iframe", content.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_summary_is_the_first_whole_sentences()
    {
        var content = Markdown(string.Join(' ', Enumerable.Repeat("The harbour is closed for ten days.", 20)));

        Assert.EndsWith("ten days.", content.Summary, StringComparison.Ordinal);
        Assert.InRange(content.Summary.Length, 250, 300);
    }

    [Fact]
    public void A_summary_does_not_end_at_an_initial()
    {
        var content = Markdown("In the harbour of the town of Y. " + string.Join(' ', Enumerable.Repeat("word", 30)) + " N. Korean " + string.Join(' ', Enumerable.Repeat("word", 60)));

        Assert.EndsWith("word…", content.Summary, StringComparison.Ordinal);
        Assert.InRange(content.Summary.Length, 200, 300);
    }

    [Fact]
    public void A_given_summary_stays() => Assert.Equal("Closed.", PostContent.Of("t", "Long text.", true, "Closed.", null, Site)!.Summary);

    [Theory]
    [InlineData("The harbour is closed. It will op", "The harbour is closed. It will open on Monday.")]
    [InlineData("The harbour is closed. It will op […]", "The harbour is closed. It will open on Monday.")]
    [InlineData("Closed until Monday.", "Closed until Monday.")]
    public void A_feeds_own_summary_stays_unless_it_is_a_cut_piece_of_the_text(string given, string summary) => Assert.Equal(
        summary,
        PostContent.Of(new FeedEntry { Key = "1", Title = "t", Html = "<p>The harbour is closed.</p><p>It will open on Monday.</p>", Summary = given }).Summary);

    [Fact]
    public void Text_nested_beyond_reason_is_refused() => Assert.Null(PostContent.Of("t", new string('>', 100_000) + " deep", true, null, null, Site));

    private static PostContent Markdown(string markdown) => PostContent.Of("t", markdown, true, null, null, Site)!;
}
