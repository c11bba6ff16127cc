using System.Globalization;
using System.Text.Json.Serialization;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Alerts.Publishing.Editor;

/// <summary>How a point of the checklist stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckState>))]
public enum CheckState
{
    Good,

    /// <summary>Worth a look; publishing is allowed.</summary>
    Look,

    /// <summary>It can't be published like this.</summary>
    Stop,
}

/// <summary>A point of the checklist, in words that say what to do.</summary>
/// <param name="What">Such as <c>Subject</c>.</param>
public sealed record Check(CheckState State, string What, string Says);

/// <summary>What an editor should know of a post before it goes out. It asks nobody outside: see <see cref="Links.LinkCheck"/> for that.</summary>
internal static class Checklist
{
    /// <summary>Gmail shows no more of an HTML part, in bytes.</summary>
    public const int Clip = 102 * 1024;

    /// <summary>What most inboxes show of a subject, in characters; phones show about 40.</summary>
    private const int LongSubject = 70;

    private const int Named = 3;

    private static readonly string[] SaysNothing = ["here", "click here", "link", "this link", "read more", "more", "hier", "여기", "هنا"];

    public static IReadOnlyList<Check> Of(PostText text, PreviewedMail mail, IReadOnlyCollection<string> unknownLists, AlertsOptions site)
    {
        if (mail.Content is not { } content)
        {
            return [new Check(CheckState.Stop, "Text", mail.Problem!)];
        }

        var body = new HtmlParser().ParseDocument(content.Html).Body!;
        return [Subject(text.Title), Text(content), ToWhom(text, unknownLists), Links(body), Pictures(body, site), Size(mail)];
    }

    private static Check Subject(string title)
    {
        var subject = Feeds.PlainText.OneLine(title);
        var length = new StringInfo(subject).LengthInTextElements;
        return subject.Length switch
        {
            0 => new(CheckState.Stop, "Subject", "There is no title, and it is the mail's subject: give one."),
            > Post.MaxTitle => new(CheckState.Stop, "Subject", string.Create(CultureInfo.InvariantCulture, $"The title has {subject.Length:N0} characters; at most {Post.MaxTitle} fit.")),
            _ when length > LongSubject => new(CheckState.Look, "Subject", $"{length} characters: most inboxes cut it after {LongSubject}, phones after 40. What matters should come first."),
            _ when length > 12 && subject.Any(char.IsLetter) && subject.Where(char.IsLetter).All(char.IsUpper) => new(CheckState.Look, "Subject", "All in capitals: spam filters mind, and so do readers."),
            _ => new(CheckState.Good, "Subject", $"{length} characters: shown whole."),
        };
    }

    private static Check Text(PostContent content) =>
        content.Text.Length > 0 ? new(CheckState.Good, "Plain text", string.Create(CultureInfo.InvariantCulture, $"The mail has a text part for those who read no HTML; its post has {content.Text.Length:N0} characters."))
        : content.Html.Contains("<img", StringComparison.Ordinal) ? new(CheckState.Look, "Plain text", "There are only pictures: who reads plain text, or has pictures off, sees nothing. Write a sentence.")
        : new(CheckState.Stop, "Plain text", "There is no text yet: write some.");

    private static Check ToWhom(PostText text, IReadOnlyCollection<string> unknown) =>
        text.Lists.Count == 0 ? new(CheckState.Stop, "Lists", "No list is chosen, so nobody would get it.")
        : unknown.Count > 0 ? new(CheckState.Stop, "Lists", $"There is no list {string.Join(", ", unknown.Select(slug => $"“{slug}”"))} any more: choose others.")
        : text.Lists.Count > Post.MaxLists ? new(CheckState.Stop, "Lists", $"Choose at most {Post.MaxLists} lists.")
        : new(CheckState.Good, "Lists", text.Lists.Count == 1 ? "One list." : $"{text.Lists.Count} lists; who is on several gets it once.");

    private static Check Links(IElement body)
    {
        var links = body.QuerySelectorAll("a").ToList();
        var dead = links.Where(link => string.IsNullOrWhiteSpace(link.GetAttribute("href"))).Select(link => link.TextContent.Trim()).ToList();
        var local = links.Where(link => link.GetAttribute("href") is { } href && Uri.TryCreate(href, UriKind.Absolute, out var address) && (address.IsLoopback || !address.Host.Contains('.', StringComparison.Ordinal)) && address.Scheme.StartsWith("http", StringComparison.Ordinal)).ToList();
        var empty = links.Where(link => SaysNothing.Contains(link.TextContent.Trim().ToLowerInvariant())).ToList();
        return dead.Count > 0 ? new(CheckState.Look, "Links", $"{Names(dead)} leads nowhere: a web address begins with https://.")
            : local.Count > 0 ? new(CheckState.Look, "Links", $"{Names([.. local.Select(link => link.GetAttribute("href")!)])} can only be reached from your own network.")
            : empty.Count > 0 ? new(CheckState.Look, "Links", $"{Names([.. empty.Select(link => link.TextContent.Trim())])} says nothing about where it leads, to those who hear links read out: name it.")
            : new(CheckState.Good, "Links", links.Count switch { 0 => "None in the text.", 1 => "One, and it says where it leads.", _ => $"{links.Count}, and they say where they lead." });
    }

    private static Check Pictures(IElement body, AlertsOptions site)
    {
        var pictures = body.QuerySelectorAll("img").ToList();
        var ours = new Uri(site.PublicUrl).Host;
        var strange = pictures.Count(image => !(Uri.TryCreate(image.GetAttribute("src"), UriKind.Absolute, out var address) && string.Equals(address.Host, ours, StringComparison.OrdinalIgnoreCase)));
        var mute = pictures.Count(image => string.IsNullOrWhiteSpace(image.GetAttribute("alt")));
        return mute > 0 ? new(CheckState.Look, "Pictures", $"{(mute == 1 ? "One has" : $"{mute} have")} no words in place of the picture: write in ![…] what it shows, for those who can't see it.")
            : strange > 0 ? new(CheckState.Look, "Pictures", $"{(strange == 1 ? "One comes" : $"{strange} come")} from another site, and mails show a link instead, so that nobody watches your readers: upload it here.")
            : new(CheckState.Good, "Pictures", pictures.Count switch { 0 => "None.", 1 => "One, with words in its place.", _ => $"{pictures.Count}, with words in their place." });
    }

    private static Check Size(PreviewedMail mail) =>
        mail.IsCut || mail.HtmlBytes >= Clip ? new(CheckState.Look, "Size", "It is too long for a mail, so the mail ends with a link to the rest.")
        : new(CheckState.Good, "Size", string.Create(CultureInfo.InvariantCulture, $"{mail.HtmlBytes / 1024.0:0.0} KB of HTML; Gmail clips at 102 KB."));

    private static string Names(List<string> texts) =>
        string.Join(", ", texts.Take(Named).Select(text => $"“{Feeds.PlainText.Cut(text, 60)}”")) + (texts.Count > Named ? $" and {texts.Count - Named} more" : "");
}
