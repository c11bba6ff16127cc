using System.Text;
using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.Mailings.Posts;

namespace Alerts.Tests.Unit.Mailings;

public sealed class LayoutTests
{
    private static object Model(string title, string html, string text, bool transactional = false, string dir = "ltr") =>
        new { Title = title, Preheader = "First line", Why = "You asked for it.", Dir = dir, Html = html, Text = text, Link = "https://blog.example.org/1", Lists = "Rivers", Transactional = transactional };

    private static Task<MailBody> RenderAsync(object model) =>
        Given.Templates.RenderAsync(typeof(PostMail).Assembly, "post", model, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_mail_says_who_writes_why_and_how_to_leave_in_both_parts()
    {
        var mail = await RenderAsync(Model("Title", "<p>Body</p>", "Body"));

        foreach (var part in new[] { mail.Html, mail.Text })
        {
            Assert.Contains("River Watch", part, StringComparison.Ordinal);
            Assert.Contains("You asked for it.", part, StringComparison.Ordinal);
            Assert.Contains("12 Long Street, Oslo", part, StringComparison.Ordinal);
            Assert.Contains(Hole.UnsubscribeUrl, part, StringComparison.Ordinal);
            Assert.Contains(Hole.PreferencesUrl, part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_transactional_mail_has_nothing_to_leave()
    {
        var mail = await RenderAsync(Model("Title", "<p>Body</p>", "Body", transactional: true));

        Assert.DoesNotContain(Hole.UnsubscribeUrl, mail.Html + mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Hole.PreferencesUrl, mail.Html + mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_printed_is_encoded_in_HTML_and_plain_in_text()
    {
        var mail = await RenderAsync(Model("Tom & <Jerry>", "<p>Body</p>", "Tom & <Jerry>"));

        Assert.Contains("Tom &amp; &lt;Jerry&gt;", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<Jerry>", mail.Html, StringComparison.Ordinal);
        Assert.Contains("Tom & <Jerry>", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_that_spells_out_a_hole_learns_no_readers_links()
    {
        var mail = await RenderAsync(Model(
            $"See {Hole.UnsubscribeUrl}", $"<a href=\"https://thief.example.org/?x={Hole.PreferencesUrl.ToUpperInvariant()}\">x</a> {Hole.PreferencesUrl}", Hole.UnsubscribeUrl));

        foreach (var part in new[] { mail.Html, mail.Text })
        {
            Assert.Equal(2, part.Split("alerts-hole-", StringSplitOptions.None).Length - 1);
            Assert.DoesNotContain("ALERTS-HOLE", part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_mail_in_a_right_to_left_script_runs_right_to_left() =>
        Assert.Contains("<html lang=\"en\" dir=\"rtl\">", (await RenderAsync(Model("שלום", "<p>שלום</p>", "שלום", dir: Direction.Of("1. שלום world")))).Html, StringComparison.Ordinal);

    [Fact]
    public async Task A_template_that_is_not_there_is_named() =>
        Assert.Contains(
            "nothing.html.liquid",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => Given.Templates.RenderAsync(typeof(PostMail).Assembly, "nothing", new object(), TestContext.Current.CancellationToken))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Short.", "Short.")]
    [InlineData("One sentence is here. And the second one goes on.", "One sentence is here.")]
    [InlineData("A sentence without any end that just goes on and on", "A sentence without any end…")]
    [InlineData("  White\r\n space\t\u0000 ", "White space")]
    public void An_excerpt_ends_after_a_sentence_or_a_word(string text, string excerpt) => Assert.Equal(excerpt, Excerpt.Of(text, 30));

    [Fact]
    public void An_excerpt_of_a_script_without_spaces_is_cut_between_characters()
    {
        var excerpt = Excerpt.Of(string.Concat(Enumerable.Repeat("𠀋", 100)), 30);

        Assert.True(excerpt.Length <= 30);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(excerpt)));
    }

    [Fact]
    public void Pictures_from_strangers_become_links_and_dots_go()
    {
        var html = MailHtml.Fit(
            "<p><img src=\"https://own.example.org/a.jpg\"><img src=\"https://far.example.org/b.jpg\" alt=\"A bridge\"><img src=\"https://far.example.org/c.gif\" width=\"1\" height=\"1\">"
            + "<img src=\"data:image/png;base64,AAAA\" alt=\"x\"></p>",
            MailSize.Html,
            ["own.example.org"]).Html;

        Assert.Contains("<img src=\"https://own.example.org/a.jpg\" alt=\"\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://far.example.org/b.jpg\"", html, StringComparison.Ordinal);
        Assert.Contains("[Picture: A bridge]", html, StringComparison.Ordinal);
        Assert.DoesNotContain("c.gif", html, StringComparison.Ordinal);
        Assert.DoesNotContain("data:", html, StringComparison.Ordinal);
    }

    [Fact]
    public void What_runs_or_asks_is_taken_out()
    {
        var html = MailHtml.Fit(
            "<script>x</script><style>y</style><form><input name=z></form><p onclick=\"x\" class=\"c\" id=\"i\">Text <a href=\"#top\">up</a> <a href=\"javascript:x\">no</a></p>"
            + "<iframe src=\"https://video.example.org/1\"></iframe>",
            MailSize.Html,
            []).Html;

        Assert.Equal(
            "<p style=\"margin:0 0 16px\">Text <a style=\"color:#1d4ed8\">up</a> <a style=\"color:#1d4ed8\">no</a></p>"
            + "<a href=\"https://video.example.org/1\" style=\"color:#1d4ed8\">[Watch or listen on the web]</a>",
            html);
    }

    [Theory]
    [InlineData("<p>Paragraph &amp; “quoted” words in it</p>", 10_000)]
    [InlineData("Слово за словом ", 40_000)]
    [InlineData("<ul><li>One<ul><li>Two", 2_000)]
    [InlineData("<b>", 20_000)]
    [InlineData("<img src=\"https://far.example.org/picture.jpg\" alt=\"Some picture\">", 5_000)]
    [InlineData("&amp;&lt;&gt;", 100_000)]
    public void Whatever_is_in_it_the_body_fits_and_stays_well_formed(string piece, int times)
    {
        var fitted = MailHtml.Fit(string.Concat(Enumerable.Repeat(piece, times)), MailSize.Html, []);

        Assert.True(fitted.Cut);
        Assert.InRange(MailSize.Of(fitted.Html), 0, MailSize.Html * 11 / 10);
        Assert.Equal(fitted.Html, MailHtml.Fit(fitted.Html, int.MaxValue, []).Html);
    }

    [Fact]
    public void A_body_that_fits_is_whole() => Assert.False(MailHtml.Fit("<p>All of it</p>", MailSize.Html, []).Cut);
}
