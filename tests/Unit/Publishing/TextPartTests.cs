using Alerts.Publishing.Posts;
using CsCheck;

namespace Alerts.Tests.Unit.Publishing;

public sealed class TextPartTests
{
    [Theory]
    [InlineData("<h2>News</h2><p>One.</p><p>Two.</p>", "News\n\nOne.\n\nTwo.")]
    [InlineData("<p>See <a href=\"https://a.example/x\">the report</a>.</p>", "See the report (https://a.example/x).")]
    [InlineData("<p><a href=\"https://a.example/\">https://a.example</a></p>", "https://a.example")]
    [InlineData("<p><a href=\"mailto:ada@example.org\">Ada</a></p>", "Ada (ada@example.org)")]
    [InlineData("<ul><li>One</li><li>Two<ol><li>Deep</li><li>Deeper</li></ol></li></ul>", "- One\n- Two\n  1. Deep\n  2. Deeper")]
    [InlineData("<ol start=\"3\"><li>Three</li></ol>", "3. Three")]
    [InlineData("<blockquote><p>She said.</p><p>He said.</p><blockquote>So?</blockquote></blockquote>", "> She said.\n>\n> He said.\n>\n> > So?")]
    [InlineData("Bare <b>bold</b><br>next<hr>after", "Bare bold\nnext\n\n---\n\nafter")]
    [InlineData("<pre>a\n  b</pre>", "a\n  b")]
    [InlineData("<table><tr><th>Day</th><th>Place</th></tr><tr><td>Mon</td><td>Quay</td></tr></table>", "Day | Place\nMon | Quay")]
    [InlineData("<table><caption>Week</caption><tr><td><h2>News</h2><p>One.</p></td></tr><tr><td><p>Two.</p></td></tr></table>", "Week\n\nNews\n\nOne.\n\nTwo.")]
    [InlineData("<ol><li>One</li> and <li>Two</li></ol>", "1. One\n2. and\n3. Two")]
    [InlineData("<p>A <img src=\"https://a.example/x.png\" alt=\"boat\"> and <img src=\"https://a.example/y.png\"></p>", "A [boat] and")]
    [InlineData("", "")]
    public void Html_becomes_what_a_person_would_type(string html, string text) => Assert.Equal(text, TextPart.Of(html));

    [Fact]
    public void Lines_are_broken_between_words_and_addresses_stay_whole()
    {
        var address = "https://a.example/" + new string('x', 100);
        var text = TextPart.Of($"<p>{string.Join(' ', Enumerable.Repeat("word", 50))} <a href=\"{address}\">link</a></p>");

        Assert.All(text.Split('\n').Where(line => !line.Contains("https", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 1, TextPart.Width));
        Assert.Contains($"({address})", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_word_of_any_html_is_kept_in_order()
    {
        var word = Gen.Char['a', 'z'].Array[1, 12].Select(letters => new string(letters));
        string[] tags = ["p", "li", "ul", "blockquote", "b", "h2", "td", "pre", "div", "a", "ol"];
        var tag = Gen.Int[0, tags.Length - 1].Select(place => tags[place]);
        Gen.Select(word, tag).Array[0, 40].Sample(
            parts =>
            {
                var html = string.Concat(parts.Select(part => $"<{part.Item2}>{part.Item1} </{part.Item2}>"));
                var words = TextPart.Of(html).Split([' ', '\n', '>', '-', '|'], StringSplitOptions.RemoveEmptyEntries).Where(w => !w.EndsWith('.'));
                Assert.Equal(parts.Select(part => part.Item1), words);
            },
            seed: "0000AlertsTexts");
    }
}
