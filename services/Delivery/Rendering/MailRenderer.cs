using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Alerts.Delivery.Dkim;
using Alerts.Delivery.Mailings;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Links;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Alerts.Delivery.Rendering;

/// <summary>Makes mails: a template once a mailing, then each reader's mail by putting bytes together.</summary>
internal sealed class MailRenderer
{
    /// <summary>The header that every mail begins with.</summary>
    public const string FirstHeader = "Auto-Submitted";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? unsigned;

    private readonly AlertsOptions alerts;
    private readonly LinkTokens links;
    private readonly DkimSigner signer;
    private readonly MailHeaders headers;
    private readonly string domain;
    private readonly string bounceDomain;

    public MailRenderer(IOptions<AlertsOptions> alerts, IOptions<MailOptions> mail, LinkTokens links, DkimSigner signer)
    {
        this.alerts = alerts.Value;
        this.links = links;
        this.signer = signer;
        headers = new MailHeaders(alerts, mail);
        domain = headers.Domain;
        bounceDomain = BounceDomain(mail.Value.BounceDomain, domain);
    }

    /// <summary>Everything about the mailing that its mails share.</summary>
    public RenderedMailing Prepare(Mailing mailing, MailingContent content)
    {
        var shared = headers.Shared(mailing.Subject, mailing.SenderName, mailing.Lists).ToList();
        var template = MailTemplate.Build(shared, content, content.Calendar);
        var attendees = content.AttendeeCalendar is { } calendar ? MailTemplate.Build(shared, content, calendar) : template;
        return new RenderedMailing(template, attendees, Detail(mailing), IsList(mailing), mailing.GroupId);
    }

    /// <summary>Writes one reader's mail, signed, ready for SMTP.</summary>
    /// <param name="address">As <see cref="EncodedAddress"/> gave it.</param>
    /// <param name="attends">See <see cref="Contracts.Recipient.Attends"/>.</param>
    public void Render(IBufferWriter<byte> to, RenderedMailing mailing, Guid mailingId, Guid subscriberId, string address, string? name, DateTimeOffset now, bool attends = false)
    {
        if (!signer.Signs)
        {
            Compose(to, mailing, attends ? mailing.Attendees : mailing.Template, mailingId, subscriberId, address, name, now);
            return;
        }

        var mail = unsigned ??= new ArrayBufferWriter<byte>(32_768);
        mail.ResetWrittenCount();
        Compose(mail, mailing, attends ? mailing.Attendees : mailing.Template, mailingId, subscriberId, address, name, now);
        signer.Write(to, mail.WrittenSpan, now);
    }

    private void Compose(IBufferWriter<byte> to, RenderedMailing mailing, MailTemplate template, Guid mailingId, Guid subscriberId, string address, string? name, DateTimeOffset now)
    {
        var unsubscribe = mailing.IsList ? Link("/u/", LinkPurpose.Unsubscribe, subscriberId, mailing.Detail) : null;
        string? preferences = null;
        string? confirm = null;
        string? answer = null;

        // RFC 3834 §5: nobody's machine is to answer it.
        Write(to, FirstHeader);
        Write(to, ": auto-generated\r\nTo: ");
        Write(to, address);
        Write(to, "\r\nMessage-ID: <");
        Write(to, MessageId(mailingId, subscriberId));
        Write(to, "@");
        Write(to, domain);
        Write(to, ">\r\nDate: ");
        Write(to, now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        if (unsubscribe is not null)
        {
            // RFC 8058 §3: with List-Unsubscribe-Post, which all mails of the mailing share.
            Write(to, "\r\nList-Unsubscribe: <");
            Write(to, unsubscribe);
            Write(to, ">");
        }

        Write(to, "\r\n");
        var pieces = template.Pieces;
        var fills = template.Fills;
        for (var i = 0; i < fills.Length; i++)
        {
            to.Write(pieces[i]);
            var value = fills[i] switch
            {
                Fill.UnsubscribeUrl => unsubscribe ??= Link("/u/", LinkPurpose.Unsubscribe, subscriberId, mailing.Detail),
                Fill.PreferencesUrl => preferences ??= Link("/preferences/", LinkPurpose.Preferences, subscriberId, ""),
                Fill.ConfirmUrl => confirm ??= Link("/confirm/", LinkPurpose.Confirm, subscriberId, ""),
                Fill.AnswerUrl => answer ??= Link("/rsvp/", LinkPurpose.Answer, subscriberId, mailing.GroupId?.ToString("N") ?? ""),
                Fill.Address => CalendarAddress(address),
                Fill.HtmlName => WebUtility.HtmlEncode(name),
                _ => name,
            };
            if (!string.IsNullOrEmpty(value))
            {
                QuotedPrintable.Write(to, Encoding.UTF8.GetBytes(value));
            }
        }

        to.Write(pieces[^1]);
    }

    /// <summary>The envelope sender: it names the delivery, so that a bounce does, and nobody but those who saw a mail can know it (mailing and subscriber are random enough).</summary>
    public string EnvelopeSender(Guid mailingId, Guid subscriberId) => EnvelopeToken.LocalPart(mailingId, subscriberId) + "@" + bounceDomain;

    /// <summary>Where bounces go, in ASCII: as configured (<c>Mail:BounceDomain</c>), or the sender's domain.</summary>
    public static string BounceDomain(string? configured, string senderDomain) =>
        configured is { Length: > 0 } ? MailboxAddress.EncodeAddrspec("x@" + configured)[2..] : senderDomain;

    /// <summary>The address as it stands in a header and in SMTP: its domain in ASCII (RFC 5890).</summary>
    /// <exception cref="FormatException">It isn't an address.</exception>
    public static string EncodedAddress(string address)
    {
        if (address.Length > 254 || address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || !MailboxAddress.TryParse(address, out var mailbox)
            || mailbox.Address != address || mailbox.LocalPart.Length == 0 || mailbox.Domain.Length == 0)
        {
            throw new FormatException("That isn't an e-mail address.");
        }

        return MailboxAddress.EncodeAddrspec(mailbox.Address);
    }

    /// <summary>Fixed for a delivery: a repeat carries the same (RFC 5322 §3.6.4). It tells nothing about either.</summary>
    private static string MessageId(Guid mailingId, Guid subscriberId)
    {
        Span<byte> ids = stackalloc byte[32];
        mailingId.TryWriteBytes(ids, bigEndian: true, out _);
        subscriberId.TryWriteBytes(ids[16..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(ids, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>The address as a mailto URI has it (RFC 6068 §2), at the end of a line of a calendar, folded where that gets too long (RFC 5545 §3.1).</summary>
    private static string CalendarAddress(string address)
    {
        var at = address.LastIndexOf('@');
        var uri = Uri.EscapeDataString(address[..at]) + address[at..];
        return string.Join("\r\n ", uri.Chunk(60).Select(part => new string(part)));
    }

    private static bool IsList(Mailing mailing) => mailing.Lists.Count > 0;

    /// <summary>What an unsubscribe link says besides its reader: the kind of mailing and the lists it ends; <c>*</c> where these are too many.</summary>
    private static string Detail(Mailing mailing)
    {
        var detail = $"{mailing.Kind}:{string.Join(',', mailing.Lists)}";
        return Encoding.UTF8.GetByteCount(detail) <= LinkTokens.MaxDetail ? detail : $"{mailing.Kind}:*";
    }

    private string Link(string path, LinkPurpose purpose, Guid subscriberId, string detail) => alerts.Link(path + links.Create(purpose, subscriberId, detail));

    private static void Write(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);
}

/// <summary>A mailing ready to be sent to anyone.</summary>
/// <param name="Detail">See <see cref="LinkTokens.Create"/>: what its unsubscribe links end.</param>
/// <param name="Attendees">For whoever said that she comes to the event: with a calendar of her own.</param>
/// <param name="IsList">It went to lists, so it carries list headers; transactional mail doesn't.</param>
/// <param name="GroupId">The event that its links to answer are about.</param>
internal sealed record RenderedMailing(MailTemplate Template, MailTemplate Attendees, string Detail, bool IsList, Guid? GroupId);
