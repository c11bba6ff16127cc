using System.Buffers;
using System.Text;
using Alerts.Contracts;
using Alerts.Delivery.Mailings;
using MimeKit;

namespace Alerts.Delivery.Rendering;

/// <summary>Where a mailing's text is filled for each reader, and how.</summary>
internal enum Fill : byte
{
    UnsubscribeUrl,
    PreferencesUrl,
    ConfirmUrl,
    Name,
    HtmlName,
    AnswerUrl,
    Address,
}

/// <summary>
/// A mailing as bytes, built once: the headers all its mails share, and the body (multipart/alternative of text and HTML, and what goes along) encoded in pieces between
/// the holes. A mail is a few headers of its own, these pieces, and what fills the holes.
/// </summary>
internal sealed class MailTemplate
{
    // A control character never occurs in encoded text, so a mark can't be mistaken for text, and stands on a line of its own, so a line break can't split it.
    private const byte Mark = 1;

    private readonly byte[][] pieces;
    private readonly Fill[] fills;

    private MailTemplate(byte[][] pieces, Fill[] fills) => (this.pieces, this.fills) = (pieces, fills);

    /// <summary>Bytes it takes in memory.</summary>
    public int Size => pieces.Sum(p => p.Length);

    /// <summary>The pieces, one more than <see cref="Fills"/>; the first begins with the shared headers.</summary>
    public ReadOnlySpan<byte[]> Pieces => pieces;

    /// <summary>What stands after each piece but the last.</summary>
    public ReadOnlySpan<Fill> Fills => fills;

    /// <param name="headers">The headers all mails of the mailing share.</param>
    /// <param name="calendar">The iCalendar object that goes along; null where there is none.</param>
    public static MailTemplate Build(IEnumerable<Header> headers, MailingContent content, string? calendar)
    {
        var message = new MimeMessage();
        message.Headers.Clear();
        foreach (var header in headers)
        {
            message.Headers.Add(header);
        }

        message.Body = Body(content, calendar);
        message.MimeVersion = new Version(1, 0);
        using var stream = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.EnsureNewLine = true;
        message.WriteTo(format, stream);

        var template = Split(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        var expected = Holes(content.Text).Count() + Holes(content.Html).Count() + (2 * Holes(calendar ?? "").Count());
        if (template.fills.Length != expected)
        {
            throw new InvalidOperationException($"The mail has {template.fills.Length} holes where its text has {expected}.");
        }

        return template;
    }

    private static MimeEntity Body(MailingContent content, string? calendar)
    {
        var alternative = new MultipartAlternative
        {
            Part("plain", content.Text, Fill.Name),
            Part("html", content.Html, Fill.HtmlName),
        };
        if (calendar is null)
        {
            return alternative;
        }

        // A line of a calendar ends with CRLF (RFC 5545 §3.1). RFC 6047 §2.4: the part's method is that of the object. The same as a file for those who read no calendar parts.
        var method = calendar.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("METHOD:", StringComparison.OrdinalIgnoreCase))?["METHOD:".Length..] ?? "PUBLISH";
        var part = Part("calendar", calendar, Fill.Name);
        part.ContentType.Parameters.Add("method", method);
        alternative.Add(part);
        var file = Part("calendar", calendar, Fill.Name);
        file.ContentType.Name = "event.ics";
        file.ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = "event.ics" };
        return new Multipart("mixed") { alternative, file };
    }

    private static MimePart Part(string subtype, string text, Fill name)
    {
        var encoded = new ArrayBufferWriter<byte>(text.Length + (text.Length / 4));
        var from = 0;
        foreach (var (index, hole) in Holes(text))
        {
            QuotedPrintable.Write(encoded, Encoding.UTF8.GetBytes(text[from..index]));
            encoded.Write([Mark, (byte)('0' + (int)FillOf(hole, name)), Mark]);
            from = index + hole.Length;
        }

        QuotedPrintable.Write(encoded, Encoding.UTF8.GetBytes(text[from..]), last: true);
        var part = new MimePart("text", subtype)
        {
            ContentTransferEncoding = ContentEncoding.QuotedPrintable,
            Content = new MimeContent(new MemoryStream(encoded.WrittenSpan.ToArray()), ContentEncoding.QuotedPrintable),
        };
        part.ContentType.Charset = "utf-8";
        return part;
    }

    private static Fill FillOf(string hole, Fill name) => hole switch
    {
        Hole.UnsubscribeUrl => Fill.UnsubscribeUrl,
        Hole.PreferencesUrl => Fill.PreferencesUrl,
        Hole.ConfirmUrl => Fill.ConfirmUrl,
        Hole.AnswerUrl => Fill.AnswerUrl,
        Hole.Address => Fill.Address,
        _ => name,
    };

    private static IEnumerable<(int Index, string Hole)> Holes(string text)
    {
        var from = 0;
        while (text.IndexOf("alerts-hole-", from, StringComparison.Ordinal) is var index and >= 0)
        {
            from = index + 1;
            if (Hole.All.FirstOrDefault(hole => string.CompareOrdinal(text, index, hole, 0, hole.Length) == 0) is { } hole)
            {
                from = index + hole.Length;
                yield return (index, hole);
            }
        }
    }

    private static MailTemplate Split(ReadOnlySpan<byte> mail)
    {
        var pieces = new List<byte[]>();
        var fills = new List<Fill>();
        while (mail.IndexOf(Mark) is var mark and >= 0)
        {
            pieces.Add(mail[..mark].ToArray());
            fills.Add((Fill)(mail[mark + 1] - '0'));
            mail = mail[(mark + 3)..];
        }

        pieces.Add(mail.ToArray());
        return new MailTemplate([.. pieces], [.. fills]);
    }
}
