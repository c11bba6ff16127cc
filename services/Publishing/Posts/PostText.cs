namespace Alerts.Publishing.Posts;

/// <summary>A post as its editor sees it: what stands in the fields of the composer.</summary>
/// <param name="Body">As written: Markdown, or HTML where <paramref name="IsHtml"/>.</param>
/// <param name="Summary">Empty: the first sentences of the body.</param>
/// <param name="Link">Empty: it stands on our own page.</param>
/// <param name="Lists">Slugs, in order.</param>
public sealed record PostText(string Title, string Body, bool IsHtml, string Summary, string Link, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags, bool Urgent)
{
    /// <summary>What isn't begun yet.</summary>
    public static PostText Empty { get; } = new("", "", IsHtml: false, "", "", [], [], Urgent: false);

    internal static PostText Of(Post post) =>
        new(post.Title, post.Markdown ?? post.Html, post.Markdown is null, PostContent.IsSummaryMade(post) ? "" : post.Summary, post.Link ?? "", post.Lists, post.Tags, post.Urgent);

    /// <param name="change">See <see cref="PostRequest.Change"/>.</param>
    internal PostRequest ToRequest(int? change) => new()
    {
        Title = Title,
        Markdown = IsHtml ? null : Body,
        Html = IsHtml ? Body : null,
        Summary = Summary,
        Link = Link,
        Lists = Lists,
        Tags = Tags,
        Urgent = Urgent,
        Change = change,
    };

    /// <summary>Whether both say the same; records compare lists by reference.</summary>
    internal bool Says(PostText other) =>
        this with { Lists = other.Lists, Tags = other.Tags, Body = Lines(Body) } == other with { Body = Lines(other.Body) }
        && Lists.Order(StringComparer.Ordinal).SequenceEqual(other.Lists.Order(StringComparer.Ordinal)) && Tags.SequenceEqual(other.Tags);

    /// <summary>Browsers send CRLF.</summary>
    private static string Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd();
}
