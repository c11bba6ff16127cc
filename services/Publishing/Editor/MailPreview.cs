using System.Globalization;
using System.Net;
using System.Text;
using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.Mailings.Posts;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Alerts.Publishing.Editor;

/// <summary>The mail that a post would be, for one reader.</summary>
/// <param name="Content">What the post says; null when its text can't be read, which <paramref name="Problem"/> says.</param>
/// <param name="Html">A whole document.</param>
/// <param name="Headers">As they would stand in the mail, decoded.</param>
/// <param name="Bytes">The size of the mail, without the signature that the sender adds.</param>
/// <param name="HtmlBytes">The size of the HTML part, which Gmail clips at 102 KB.</param>
/// <param name="IsCut">The text didn't all fit: the mail ends with a link to the rest.</param>
internal sealed record PreviewedMail(
    PostContent? Content, string Html, string Text, IReadOnlyList<PreviewedHeader> Headers, int Bytes, int HtmlBytes, bool IsCut, string? Problem)
{
    public string Subject => Headers.FirstOrDefault(header => header.Name == "Subject")?.Value ?? "";
}

/// <summary>A header of a mail.</summary>
public sealed record PreviewedHeader(string Name, string Value);

/// <summary>Makes the mail of a post that isn't out yet, by the same code that will make the real one.</summary>
internal sealed class MailPreview(PostMail mail, MailHeaders headers, IAudience audience, IOptions<AlertsOptions> site, TimeProvider clock)
{
    /// <param name="reader">The address it is shown for.</param>
    public async Task<PreviewedMail> OfAsync(Guid postId, PostText text, string reader, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var content = Content(text);
        if (content is null)
        {
            return new PreviewedMail(null, "", "", [], 0, 0, false, text.Body.Length > Post.MaxBody ? "The text is too long to be sent: at most 1 MB." : "The text is nested too deeply: lists in lists, quotes in quotes, or tables in tables. Flatten it.");
        }

        var known = (await audience.ListsAsync(text.Lists, cancellationToken)).Select(list => list.Slug).ToList();
        var prepared = await mail.ComposeAsync(Publication(postId, text, content, known, now), null, now, cancellationToken);
        var (html, plain) = (Fill(prepared.Html, WebUtility.HtmlEncode), Fill(prepared.Text, value => value));
        var message = Message(prepared, html, plain, reader, now);
        return new PreviewedMail(
            content, html, plain, [.. message.Headers.Concat(message.Body!.Headers).Select(header => new PreviewedHeader(header.Field, header.Value))],
            await SizeAsync(message, cancellationToken), Encoding.UTF8.GetByteCount(html), MailHtml.Fit(content.Html, MailSize.Html, []).Cut, null);
    }

    /// <summary>Asks for the mail to be sent to an editor herself. Saved by the caller.</summary>
    /// <returns>False when the text can't be read.</returns>
    public async Task<bool> TestAsync(PublishingDb db, Guid postId, PostText text, Guid staffId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (Content(text) is not { } content)
        {
            return false;
        }

        var known = (await audience.ListsAsync(text.Lists, cancellationToken)).Select(list => list.Slug).ToList();
        var prepared = await mail.ComposeAsync(Publication(postId, text, content, known, now), null, now, cancellationToken);
        db.Enqueue(
            new TestMailRequested
            {
                TestId = Guid.CreateVersion7(now),
                StaffId = staffId,
                Lists = known,
                Subject = $"[Test] {prepared.Subject}",
                Html = Fill(prepared.Html, WebUtility.HtmlEncode),
                Text = Fill(prepared.Text, value => value),
                SenderName = prepared.SenderName,
                RequestedAt = now,
            },
            now);
        return true;
    }

    /// <summary>Null when it is too long, or nested too deeply, to be read.</summary>
    private PostContent? Content(PostText text)
    {
        var title = Feeds.PlainText.OneLine(text.Title) is { Length: > 0 } given ? given : "(no title yet)";
        var body = Feeds.PlainText.Printable(text.Body);
        return body.Length > Post.MaxBody
            ? null
            : PostContent.Of(title, body, !text.IsHtml, Feeds.PlainText.OneLine(text.Summary), Feeds.WebAddress.Resolve(null, text.Link)?.AbsoluteUri, new Uri(site.Value.PublicUrl));
    }

    private PostPublished Publication(Guid postId, PostText text, PostContent content, List<string> lists, DateTimeOffset now) => new()
    {
        PostId = postId,
        Version = 1,
        Title = content.Title,
        Summary = content.Summary,
        Html = content.Html,
        Text = content.Text,
        Link = content.Link ?? site.Value.Link($"/posts/{postId}"),
        Lists = lists,
        Tags = text.Tags,
        Urgent = text.Urgent,
        ReleasedAt = now,
        AudienceRevision = 0,
    };

    /// <summary>Links of nobody in particular stand where a reader's own will.</summary>
    private string Fill(string part, Func<string, string> encode)
    {
        var filled = new StringBuilder(part);
        filled.Replace(Hole.UnsubscribeUrl, site.Value.Link("/u/each-readers-own"));
        filled.Replace(Hole.PreferencesUrl, site.Value.Link("/preferences/each-readers-own"));
        filled.Replace(Hole.ConfirmUrl, site.Value.Link("/confirm/each-readers-own"));
        filled.Replace(Hole.Name, encode("Ada"));
        return filled.ToString();
    }

    private MimeMessage Message(MailingPrepared prepared, string html, string text, string reader, DateTimeOffset now)
    {
        var message = new MimeMessage();
        message.Headers.Clear();
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("To", reader);
        message.Headers.Add("Message-ID", $"<{Guid.Empty:N}@{headers.Domain}>");
        message.Headers.Add("Date", now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        if (prepared.Lists.Count > 0)
        {
            message.Headers.Add("List-Unsubscribe", $"<{site.Value.Link("/u/each-readers-own")}>");
        }

        foreach (var header in headers.Shared(prepared.Subject, prepared.SenderName, prepared.Lists))
        {
            message.Headers.Add(header);
        }

        message.Body = new MultipartAlternative { Part("plain", text), Part("html", html) };
        message.MimeVersion = new Version(1, 0);
        return message;
    }

    private static MimeKit.TextPart Part(string subtype, string text) => new(subtype) { ContentTransferEncoding = ContentEncoding.QuotedPrintable, Text = text };

    private static async Task<int> SizeAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await message.WriteToAsync(bytes, cancellationToken);
        return (int)bytes.Length;
    }
}
