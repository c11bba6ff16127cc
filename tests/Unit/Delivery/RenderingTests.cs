using System.Buffers;
using System.Text;
using Alerts.Contracts;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;
using Alerts.Delivery.Sending;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Links;
using CsCheck;
using MailKit.Security;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using MimeKit.Encodings;

namespace Alerts.Tests.Unit.Delivery;

public sealed class RenderingTests
{
    private static readonly Guid Reader = Guid.CreateVersion7();

    [Fact]
    public async Task A_mail_has_all_it_must_have()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var (mail, bytes) = await Render(app, Messages.Prepared("post/1"), "Ada <Lovelace> & Co. 😀");

        Assert.Equal("reader@xn--mller-kva.example", mail.To.Mailboxes.Single().GetAddress(idnEncode: true));
        Assert.Equal("Alerts <alerts@example.org>", mail.From.ToString().Replace("\"", "", StringComparison.Ordinal));
        Assert.Equal("Grüße aus dem Büro", mail.Subject);
        Assert.Equal(Messages.Then, mail.Date);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Equal("<news.lists.example.org>", mail.Headers[HeaderId.ListId]);
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers["List-Unsubscribe-Post"]);
        Assert.Equal("<https://alerts.example.org/archive>", mail.Headers[HeaderId.ListArchive]);
        Assert.Equal("<https://alerts.example.org/>", mail.Headers[HeaderId.ListHelp]);
        Assert.EndsWith("@example.org", mail.MessageId, StringComparison.Ordinal);

        var links = app.Services.GetRequiredService<LinkTokens>();
        var unsubscribe = mail.Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>');
        Assert.StartsWith("https://alerts.example.org/u/", unsubscribe, StringComparison.Ordinal);
        Assert.Equal(new LinkToken(LinkPurpose.Unsubscribe, Reader, "post:news"), links.Read(unsubscribe.Split('/')[^1], LinkPurpose.Unsubscribe));

        Assert.Contains("Dear Ada <Lovelace> & Co. 😀,", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("Dear Ada &lt;Lovelace&gt; &amp; Co. ", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"{unsubscribe}\">", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains($"Leave: {unsubscribe}\n", mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        var preferences = mail.TextBody!.Split("Choose: https://alerts.example.org/preferences/")[1].Trim();
        Assert.NotNull(links.Read(preferences, LinkPurpose.Preferences));
        Assert.DoesNotContain("alerts-hole", mail.HtmlBody + mail.TextBody, StringComparison.Ordinal);
        Assert.IsType<MultipartAlternative>(mail.Body);
        AssertOnTheWire(bytes);
    }

    [Fact]
    public async Task A_list_s_own_sender_name_stands_before_the_common_address()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var (mail, _) = await Render(app, Messages.Prepared("post/1") with { SenderName = "Grenz-Büro, \"Berlin\"\r\nBcc: eve@example.org" }, null);

        var from = mail.From.Mailboxes.Single();
        Assert.Equal("alerts@example.org", from.Address);
        Assert.StartsWith("Grenz-Büro, \"Berlin\"", from.Name, StringComparison.Ordinal);
        Assert.Empty(mail.Bcc);
    }

    [Fact]
    public async Task A_mail_s_id_is_the_same_each_time_and_another_for_each_reader()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);

        var first = (await Render(app, Messages.Prepared("post/1"), null)).Mail.MessageId;

        Assert.Equal(first, (await Render(app, Messages.Prepared("post/1"), "Ada")).Mail.MessageId);
        Assert.NotEqual(first, (await Render(app, Messages.Prepared("post/2"), null)).Mail.MessageId);
    }

    [Fact]
    public async Task Transactional_mail_has_no_list_headers_and_a_link_to_confirm()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var prepared = Messages.Prepared("signup/1") with { Lists = [], Kind = MailingKind.Confirmation, Text = $"{Hole.ConfirmUrl}", Html = $"<a href='{Hole.ConfirmUrl}'>Yes</a>" };

        var (mail, _) = await Render(app, prepared, null);

        Assert.DoesNotContain(mail.Headers, h => h.Field.StartsWith("List-", StringComparison.OrdinalIgnoreCase));
        Assert.StartsWith("https://alerts.example.org/confirm/", mail.TextBody, StringComparison.Ordinal);
        Assert.NotNull(app.Services.GetRequiredService<LinkTokens>().Read(mail.TextBody!.Trim().Split('/')[^1], LinkPurpose.Confirm));
    }

    [Fact]
    public async Task A_calendar_goes_along_as_a_part_with_its_method_and_as_a_file()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        const string calendar = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n";

        var (mail, bytes) = await Render(app, Messages.Prepared("event/1") with { Calendar = calendar }, null);

        var part = mail.BodyParts.OfType<TextPart>().First(p => p.ContentType.MediaSubtype == "calendar");
        Assert.Equal("CANCEL", part.ContentType.Parameters["method"]);
        Assert.Equal(calendar, part.Text.ReplaceLineEndings("\r\n"));
        var file = Assert.IsAssignableFrom<MimePart>(Assert.Single(mail.Attachments));
        Assert.Equal("event.ics", file.FileName);
        AssertOnTheWire(bytes);
    }

    [Fact]
    public async Task A_subject_with_line_breaks_stays_one_header()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);

        var (mail, _) = await Render(app, Messages.Prepared("post/1") with { Subject = "News\r\nBcc: all@example.org\n\0\u0007 ü" }, null);

        Assert.Equal("News Bcc: all@example.org ü", mail.Subject!.Trim());
        Assert.Empty(mail.Bcc);
    }

    [Fact]
    public async Task A_mailing_over_many_lists_has_one_id_and_links_that_end_all_of_it()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var lists = Enumerable.Range(0, 100).Select(i => $"a-list-with-a-name-{i}").ToArray();

        var (mail, bytes) = await Render(app, Messages.Prepared("post/1", MailingPriority.Bulk, lists), null);

        Assert.Equal("<lists.example.org>", mail.Headers[HeaderId.ListId]);
        var token = mail.Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>').Split('/')[^1];
        Assert.Equal("post:*", app.Services.GetRequiredService<LinkTokens>().Read(token, LinkPurpose.Unsubscribe)!.Detail);
        AssertOnTheWire(bytes);
    }

    [Fact]
    public void Pieces_encoded_apart_and_put_together_say_what_they_said()
    {
        var piece = Gen.String[Gen.OneOf(Gen.Char["abc .=\t\r\nFü日"], Gen.Char.AlphaNumeric), 0, 300];
        piece.Array[1, 6].Sample(
            pieces =>
            {
                // A bare CR, and a line end whose halves lie in two pieces, become CRLF like any other.
                pieces = [.. pieces.Select(p => p.ReplaceLineEndings("\n").Replace("\r", "\n", StringComparison.Ordinal))];
                var encoded = new ArrayBufferWriter<byte>();
                for (var i = 0; i < pieces.Length; i++)
                {
                    QuotedPrintable.Write(encoded, Encoding.UTF8.GetBytes(pieces[i]), last: i == pieces.Length - 1);
                }

                var decoder = new QuotedPrintableDecoder();
                var decoded = new byte[decoder.EstimateOutputLength(encoded.WrittenCount)];
                var length = decoder.Decode(encoded.WrittenSpan.ToArray(), 0, encoded.WrittenCount, decoded);
                Assert.Equal(string.Concat(pieces).ReplaceLineEndings("\r\n"), Encoding.UTF8.GetString(decoded, 0, length));
                foreach (var line in Encoding.ASCII.GetString(encoded.WrittenSpan).Split("\r\n"))
                {
                    Assert.True(line.Length <= 76, line);
                    Assert.False(line.StartsWith('.'), line);
                    Assert.False(line.EndsWith(' ') || line.EndsWith('\t'), line);
                }
            },
            seed: "0001Q6dCSCH6");
    }

    [Fact]
    public void The_envelope_sender_names_the_delivery()
    {
        Gen.Select(Gen.Guid, Gen.Guid).Sample((mailing, subscriber) =>
        {
            var local = EnvelopeToken.LocalPart(mailing, subscriber);
            Assert.True(local.Length <= 64);
            Assert.True(EnvelopeToken.TryRead(local.ToUpperInvariant(), out var m, out var s));
            Assert.Equal((mailing, subscriber), (m, s));
        });
        Assert.False(EnvelopeToken.TryRead("postmaster", out _, out _));
    }

    [Theory]
    [InlineData("ada@example.org", "ada@example.org")]
    [InlineData("ada+news@BÜCHER.example", "ada+news@xn--bcher-kva.example")]
    [InlineData("ädä@example.org", "ädä@example.org")]
    public void An_address_s_domain_is_written_in_ascii(string address, string encoded) => Assert.Equal(encoded, MailRenderer.EncodedAddress(address), ignoreCase: true);

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.org")]
    [InlineData("ada@example.org\r\nBcc: x@example.org")]
    [InlineData("Ada <ada@example.org>")]
    [InlineData("ada@example.org, bob@example.org")]
    [InlineData("ada@example.org>")]
    [InlineData("ada bob@example.org")]
    public void What_is_no_address_is_refused(string address) => Assert.Throws<FormatException>(() => MailRenderer.EncodedAddress(address));

    [Fact]
    public void A_relay_is_read_with_its_options()
    {
        var relay = RelayAddress.Parse("smtp://us%40er:p%3Ass@mail.example.org:587?tls=starttls&connections=12&rate=2.5&weight=3", "Smtp:Relays:0");

        Assert.Equal(new RelayAddress("mail.example.org", 587, "us@er", "p:ss", SecureSocketOptions.StartTls, 12, 2.5, 3), relay);
        Assert.Equal(SecureSocketOptions.SslOnConnect, RelayAddress.Parse("smtp://mail.example.org:465", "").Tls);
        Assert.Equal(25, RelayAddress.Parse("smtp://mail.example.org", "").Port);
    }

    [Theory]
    [InlineData("mail.example.org:25")]
    [InlineData("http://mail.example.org")]
    [InlineData("smtp://user@mail.example.org")]
    [InlineData("smtp://mail.example.org?tls=maybe")]
    [InlineData("smtp://mail.example.org?connections=0")]
    [InlineData("smtp://mail.example.org?connections=many")]
    [InlineData("smtp://mail.example.org?rate=-1")]
    [InlineData("smtp://mail.example.org?weight=0")]
    [InlineData("smtp://mail.example.org?colour=3")]
    public void A_relay_that_isn_t_right_is_refused_with_its_name_and_without_its_password(string value)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => RelayAddress.Parse(value, "Smtp:Relays:0"));

        Assert.StartsWith("Smtp:Relays:0 ", refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertOnTheWire(byte[] bytes)
    {
        var wire = Encoding.ASCII.GetString(bytes);
        Assert.DoesNotContain((byte)0, bytes);
        Assert.All(bytes, b => Assert.True(b < 128));
        Assert.DoesNotContain('\n', wire.Replace("\r\n", "", StringComparison.Ordinal));
        Assert.EndsWith("\r\n", wire, StringComparison.Ordinal);
        Assert.All(wire.Split("\r\n"), line => Assert.True(line.Length <= 998 && !line.StartsWith('.'), line));
    }

    private static async Task<(MimeMessage Mail, byte[] Bytes)> Render(DeliveryApp app, MailingPrepared prepared, string? name)
    {
        await app.Services.GetRequiredService<LinkTokens>().LoadAsync(TestContext.Current.CancellationToken);
        var renderer = app.Services.GetRequiredService<MailRenderer>();
        var mailing = new Mailing { Id = MailingId.Of(prepared.Cause), HeardAt = Messages.Then };
        mailing.Prepare(prepared);
        var content = new MailingContent { MailingId = mailing.Id, Html = prepared.Html, Text = prepared.Text, Calendar = prepared.Calendar };
        var buffer = new ArrayBufferWriter<byte>();
        renderer.Render(buffer, renderer.Prepare(mailing, content), mailing.Id, Reader, MailRenderer.EncodedAddress("reader@müller.example"), name, Messages.Then);
        var bytes = buffer.WrittenSpan.ToArray();
        using var stream = new MemoryStream(bytes);
        return (await MimeMessage.LoadAsync(stream, TestContext.Current.CancellationToken), bytes);
    }
}
