using System.Text;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Alerts.Mailings.Layout;

/// <summary>The headers that all mails of a mailing share; the sender writes them, and a preview shows them.</summary>
public sealed class MailHeaders
{
    private readonly AlertsOptions alerts;
    private readonly InternetAddressList replyTo;

    public MailHeaders(IOptions<AlertsOptions> alerts, IOptions<MailOptions> mail)
    {
        ArgumentNullException.ThrowIfNull(alerts);
        ArgumentNullException.ThrowIfNull(mail);

        this.alerts = alerts.Value;
        From = MailboxAddress.Parse(mail.Value.From);
        Domain = MailboxAddress.EncodeAddrspec(From.Address).Split('@')[^1];
        replyTo = mail.Value.ReplyTo is { Length: > 0 } address ? InternetAddressList.Parse(address) : [];
    }

    public MailboxAddress From { get; }

    /// <summary>The sender's, in ASCII (RFC 5890).</summary>
    public string Domain { get; }

    /// <param name="senderName">In place of the common one; null: that.</param>
    /// <param name="lists">Slugs; empty for transactional mail, which carries no list headers.</param>
    public IEnumerable<Header> Shared(string subject, string? senderName, IReadOnlyList<string> lists)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(lists);

        yield return new Header(HeaderId.From, new InternetAddressList { senderName is { Length: > 0 } name ? new MailboxAddress(OneLine(name), From.Address) : From }.ToString(encode: true));
        if (replyTo.Count > 0)
        {
            yield return new Header(HeaderId.ReplyTo, replyTo.ToString(encode: true));
        }

        yield return new Header(Encoding.UTF8, HeaderId.Subject, OneLine(subject));
        if (lists.Count > 0)
        {
            // RFC 2919: one list's id is its own; a mailing over several lists carries that of the sender's lists as a whole.
            yield return new Header(HeaderId.ListId, lists is [var slug] ? $"<{slug}.lists.{Domain}>" : $"<lists.{Domain}>");
            yield return new Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
            yield return new Header(HeaderId.ListHelp, $"<{alerts.Link("/")}>");
            yield return new Header(HeaderId.ListArchive, $"<{alerts.Link("/archive")}>");
        }
    }

    /// <summary>A line break in a subject would be a header of the writer's own making.</summary>
    private static string OneLine(string text)
    {
        var words = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? string.Join(' ', words) : "(no subject)";
    }
}
