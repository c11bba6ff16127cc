using System.Text.RegularExpressions;
using Alerts.Publishing.Feeds;
using Markdig;

namespace Alerts.Publishing.Posts;

/// <summary>What a post says, in all the forms in which it is sent. Two that are equal say the same.</summary>
/// <param name="Markdown">As written; null where HTML was.</param>
/// <param name="Html">Cleaned.</param>
internal sealed partial record PostContent(string Title, string? Markdown, string Html, string Text, string Summary, string? Link)
{
    /// <summary>How long a summary made from the first sentences may be, in characters.</summary>
    private const int MaxFirstSentences = 300;

    /// <summary>Shorter first sentences than this are filled up with the words that follow.</summary>
    private const int MinFirstSentences = 80;

    /// <summary>Raw HTML is let through here: it is cleaned with the rest.</summary>
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseAutoLinks().UsePipeTables().UseListExtras().UseEmphasisExtras().Build();

    /// <summary>From what an editor wrote, HTML or Markdown. Null when it is nested too deeply to be read.</summary>
    /// <param name="site">What relative links in it are relative to.</param>
    public static PostContent? Of(string title, string body, bool isMarkdown, string? summary, string? link, Uri? site)
    {
        try
        {
            return EntryHtml.Clean(isMarkdown ? Markdig.Markdown.ToHtml(body, Pipeline) : body, site) is { } clean
                ? Of(title, isMarkdown ? body : null, clean, summary, link)
                : null;
        }
        catch (ArgumentException)
        {
            // Markdig's own bound on depth.
            return null;
        }
    }

    /// <summary>From an entry of a feed, which is clean already. One without a text says where to read it.</summary>
    public static PostContent Of(FeedEntry entry)
    {
        var html = entry.Html.Length > 0 ? entry.Html : PlainText.ToHtml(entry.Summary ?? entry.Title);
        var clean = EntryHtml.Clean(html, entry.Link) ?? new EntryHtml("", "");

        // Many feeds give the first so many characters of the text, cut within a word: ours end with a sentence.
        var isExcerpt = entry.Summary is { } given && clean.Text.StartsWith(given.TrimEnd('[', ']', '.', '…', ' '), StringComparison.Ordinal);
        return Of(entry.Title, null, clean, isExcerpt ? null : entry.Summary, entry.Link?.AbsoluteUri);
    }

    /// <summary>Whether nobody wrote the post's summary, so that it follows the text.</summary>
    public static bool IsSummaryMade(Post post) => Of(post.Title, post.Html, isMarkdown: false, null, null, null) is { } made && made.Summary == post.Summary;

    private static PostContent Of(string title, string? markdown, EntryHtml clean, string? summary, string? link) =>
        new(title, markdown, clean.Html, TextPart.Of(clean.Html), summary is { Length: > 0 } ? summary : FirstSentences(clean.Text), link);

    private static string FirstSentences(string text)
    {
        if (text.Length <= MaxFirstSentences)
        {
            return text;
        }

        var end = SentenceEnd().EnumerateMatches(text.AsSpan(0, MaxFirstSentences + 1));
        var last = 0;
        foreach (var match in end)
        {
            last = match.Index + match.Length;
        }

        return last >= MinFirstSentences ? text[..last] : PlainText.Cut(text, MaxFirstSentences);
    }

    /// <summary>A stop after a word, not after an initial such as "N." or "U.S."; stops of Chinese and Japanese need no space.</summary>
    [GeneratedRegex("""(?:(?<=[\w)\]'"”’]{2})[.!?…]+['"”’»)\]]*(?=\s)|[。！？]['"”’」』)]*)""")]
    private static partial Regex SentenceEnd();
}
