using Alerts.Publishing.Calendar;
using Alerts.Publishing.Feeds;
using Alerts.ServiceDefaults;

namespace Alerts.Publishing.Posts;

/// <summary>A post as an editor or a program writes it.</summary>
public sealed record PostRequest
{
    /// <summary>Plain text in one line, at most 500 characters.</summary>
    public string? Title { get; init; }

    /// <summary>The body; either this or <see cref="Html"/>. At most 1 MB.</summary>
    public string? Markdown { get; init; }

    /// <summary>The body; either this or <see cref="Markdown"/>. Scripts, styles and forms are removed. At most 1 MB.</summary>
    public string? Html { get; init; }

    /// <summary>Plain text of a few sentences, at most 1,000 characters. Absent: the first sentences of the body.</summary>
    public string? Summary { get; init; }

    /// <summary>Where it stands elsewhere on the web. Absent: on our own page.</summary>
    public string? Link { get; init; }

    /// <summary>Slugs of the lists whose readers get it; at least one.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>At once to all readers of its lists, whatever their frequency.</summary>
    public bool Urgent { get; init; }

    /// <summary>Absent: a draft. In the past: at once.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    /// <summary>An IANA zone, such as Asia/Seoul, in which editors are shown the time at which it is published.</summary>
    public string? Zone { get; init; }

    /// <summary>With a correction of a published post: whether those who got it at once get a mail that says what is right. Default: false.</summary>
    public bool CorrectionMail { get; init; }

    /// <summary>How long publishing at once waits, so that it can be called off: ISO 8601, at most PT1H.</summary>
    public string? Undo { get; init; }

    /// <summary>The <c>change</c> of the post as it was read: when it has been changed since, this is refused. Absent: whatever it was.</summary>
    public int? Change { get; init; }

    internal List<string> TidyLists() => KnownLists.Tidy(Lists);

    internal List<string> TidyTags() => [.. (Tags ?? []).Select(PlainText.OneLine).Where(tag => tag.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>When it is to be published, the time to think again included; null for a draft.</summary>
    internal DateTimeOffset? PublishTime(DateTimeOffset now, Errors errors)
    {
        if (Zone is not null && !LocalTime.IsZone(Zone))
        {
            errors.Say("zone", "Give an IANA time zone, such as Europe/Berlin.");
        }

        if (Undo is not { Length: > 0 } undo)
        {
            return PublishAt;
        }

        if (Duration.Parse(undo, TimeSpan.Zero, TimeSpan.FromHours(1)) is not { } wait)
        {
            errors.Say("undo", "Give a duration of at most an hour, such as PT30S.");
            return PublishAt;
        }

        return PublishAt <= now ? now + wait : PublishAt;
    }

    /// <summary>What it says, or null when <paramref name="errors"/> say what is wrong with it.</summary>
    internal PostContent? Read(AlertsOptions site, Errors errors)
    {
        var title = PlainText.OneLine(Title);
        if (title.Length == 0)
        {
            errors.Say("title", "Give the post a title.");
        }

        var lists = TidyLists();
        if (lists.Count is 0 or > Post.MaxLists)
        {
            errors.Say("lists", lists.Count == 0 ? "Name at least one list." : $"Name at most {Post.MaxLists} lists.");
        }

        var tags = TidyTags();
        if (tags.Count > Post.MaxTags || tags.Any(tag => tag.Length > Post.MaxTag))
        {
            errors.Say("tags", $"Give at most {Post.MaxTags} tags of at most {Post.MaxTag} characters each.");
        }

        if (string.IsNullOrWhiteSpace(Markdown) && string.IsNullOrWhiteSpace(Html))
        {
            errors.Say("markdown", "Write the post, as markdown or as html.");
        }

        return ReadWords(title, Markdown, Html, Summary, Link, site, errors);
    }

    /// <summary>Title, body, summary and link, or null when <paramref name="errors"/> say what is wrong with these or anything before.</summary>
    /// <param name="title">In one line.</param>
    internal static PostContent? ReadWords(string title, string? markdown, string? html, string? summary, string? link, AlertsOptions site, Errors errors)
    {
        summary = PlainText.OneLine(summary);
        var address = WebAddress.Resolve(null, link);
        CheckLength("title", title, Post.MaxTitle, errors);
        CheckLength("summary", summary, Post.MaxSummary, errors);
        if (address is null && !string.IsNullOrWhiteSpace(link))
        {
            errors.Say("link", "Give a whole web address that begins with https:// or http:// (at most 2,000 characters), or leave it out.");
        }

        var isMarkdown = !string.IsNullOrWhiteSpace(markdown);
        var field = isMarkdown ? "markdown" : "html";
        var body = isMarkdown ? markdown! : html ?? "";
        if (isMarkdown && !string.IsNullOrWhiteSpace(html))
        {
            errors.Say("html", "Give either markdown or html, not both.");
        }
        else if (body.Length > Post.MaxBody)
        {
            errors.Say(field, TooLong(body.Length));
        }

        if (errors.Count > 0)
        {
            return null;
        }

        body = PlainText.Printable(body);
        var content = PostContent.Of(title, body, isMarkdown, summary, address?.AbsoluteUri, new Uri(site.PublicUrl));
        if (content is null)
        {
            errors.Say(field, "The text is nested too deeply: lists in lists, quotes in quotes, or tables in tables. Flatten it.");
        }
        else if (content.Html.Length > Post.MaxBody)
        {
            errors.Say(field, TooLong(content.Html.Length));
        }
        else if (body.Length > 0 && content.Text.Length == 0 && !content.Html.Contains("<img", StringComparison.Ordinal))
        {
            errors.Say(field, "Nothing is left of the text when scripts, styles and forms are removed: write some.");
        }

        return errors.Count == 0 ? content : null;
    }

    private static string TooLong(int length) =>
        FormattableString.Invariant($"The text has {length:N0} characters of HTML; at most {Post.MaxBody:N0} (1 MB) can be sent. Shorten it, and link to images rather than embed them.");

    internal static void CheckLength(string field, string text, int most, Errors errors)
    {
        if (text.Length > most)
        {
            errors.Say(field, FormattableString.Invariant($"It has {text.Length:N0} characters; at most {most:N0} fit."));
        }
    }
}
