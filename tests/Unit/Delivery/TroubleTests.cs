using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Staff;
using Alerts.Tests.Servers;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Eventually = Alerts.Tests.Unit.ServiceDefaults.Eventually;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>Relays that misbehave, decisions in the middle of a slow mailing, and lanes that stand still.</summary>
public sealed class TroubleTests
{
    private static readonly Guid Id = MailingId.Of("post/1");

    [Theory]
    [InlineData("CONNECT", "hello\0\u00ff\u00fe \u001b[2J")]
    [InlineData("EHLO", "250-\u0001\u0002\r\nnonsense")]
    [InlineData("CONNECT", "421 4.3.2 come back later")]
    [InlineData("CONNECT", ScriptedSmtp.Silence)]
    [InlineData("EHLO", ScriptedSmtp.Silence)]
    [InlineData("EHLO", ScriptedSmtp.HangUp)]
    [InlineData("CONNECT", "554 5.7.1 not you")]
    public async Task A_server_that_can_t_be_spoken_to_is_named_tried_seldom_and_waited_for(string command, string reply)
    {
        var well = false;
        await using var server = new ScriptedSmtp(said => !well && said.Command == command ? reply : null);
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        await app.Send(Messages.Mailing("post/1", 20));
        await Eventually.Get(() => app.Books(Id), b => b.Sending == 20, 60);

        Assert.NotEmpty((await Eventually.Get(() => Task.FromResult(TheRelay(app).DownBecause), why => why is not null))!);

        // A second's pause, then two: no more than a few tries by now.
        Assert.InRange(server.Connections, 1, 12);
        well = true;
        await app.Completed(Id);
        Assert.All(await app.Rows(Id), r => Assert.Equal((DeliveryState.Accepted, 1), (r.State, r.Attempts)));
        Assert.Null(TheRelay(app).DownBecause);
    }

    [Theory]
    [InlineData("250 PIPELINING")]
    [InlineData("250 one at a time")]
    public async Task A_sender_that_is_refused_is_not_the_recipients_fault(string offers)
    {
        await using var server = new ScriptedSmtp(said => said.Command switch { "EHLO" => offers, "MAIL" => "550 5.7.1 you may not send from there", _ => null });
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        await app.Send(Messages.Mailing("post/1", 3));

        var books = await Eventually.Get(() => app.Books(Id), b => b.Deferred + b.Bounced == 3, 60);

        Assert.Equal((3, 0), (books.Deferred, books.Bounced));
    }

    [Fact]
    public async Task A_server_that_never_answers_a_mail_leaves_it_uncertain_at_most_and_goes_on()
    {
        var silent = 0;
        await using var server = new ScriptedSmtp(said => said.Command == "." && Interlocked.Increment(ref silent) <= 2 ? ScriptedSmtp.Silence : null);
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        await app.Send(Messages.Mailing("post/1", 20));

        await app.Completed(Id);

        Assert.Equal((20, 2), ((await app.Books(Id)).Accepted, (await app.Books(Id)).Uncertain));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_server_that_closes_each_session_after_a_few_mails_gets_them_all_without_a_pause()
    {
        await using var server = new ScriptedSmtp(said => said is { Command: "MAIL", Mail: > 5 } ? "421 4.7.0 enough for this session" : null);
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        await app.Send(Messages.Mailing("post/1", 100));

        await app.Completed(Id, 30);

        Assert.Equal(100, server.Taken.Distinct().Count());
        Assert.Equal(100, server.Taken.Count);
    }

    [Fact]
    public async Task A_mail_that_ends_every_session_is_put_off_and_the_others_go()
    {
        var poison = Guid.CreateVersion7();
        await using var server = new ScriptedSmtp(said => said.Command == "RCPT" && said.Line.Contains($"{poison:N}", StringComparison.Ordinal) ? ScriptedSmtp.HangUp : null);
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        var batch = Messages.Batch("post/1", 1, [poison, .. Messages.Readers(20)]);
        await app.Send(Messages.Prepared("post/1"), batch, Messages.Sealed("post/1", batch));

        var books = await Eventually.Get(() => app.Books(Id), b => b is { Accepted: 20, Deferred: 1 }, 90);

        Assert.Equal(0, books.Uncertain);
        Assert.NotEmpty((await app.Rows(Id)).Single(r => r.SubscriberId == poison).LastReply!);
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_no_mail_goes_unsigned_in()
    {
        await using var server = new ScriptedSmtp(said => said.Command switch
        {
            "EHLO" => "250-scripted\r\n250 AUTH PLAIN",
            "AUTH" => "535 5.7.8 wrong password",
            _ => null,
        });
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = server.Relay.Replace("smtp://", "smtp://ada:secret@", StringComparison.Ordinal) });
        await app.Send(Messages.Mailing("post/1", 5));

        var why = await Eventually.Get(() => Task.FromResult(TheRelay(app).DownBecause), why => why is not null);

        Assert.Contains("refused user and password", why, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", why, StringComparison.Ordinal);
        Assert.Equal(0, server.Count("MAIL"));
    }

    [Fact]
    public async Task A_relay_that_asks_for_user_and_password_gets_them_on_each_connection()
    {
        await using var server = new ScriptedSmtp(said => said.Command switch
        {
            "EHLO" => "250-scripted\r\n250-PIPELINING\r\n250 AUTH PLAIN",
            "AUTH" => "235 2.7.0 welcome",
            "MAIL" when said.Mail > 5 => "421 4.7.0 enough for this session",
            _ => null,
        });
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = server.Relay.Replace("smtp://", "smtp://ada:s%40cret@", StringComparison.Ordinal) });
        await app.Send(Messages.Mailing("post/1", 20));

        await app.Completed(Id);

        Assert.Equal(20, server.Taken.Distinct().Count());
        Assert.Equal(server.Connections, server.Count("AUTH"));
        Assert.All(
            server.Heard.Where(said => said.Command == "AUTH"),
            said => Assert.Equal("\0ada\0s@cret", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(said.Line.Split(' ')[2]))));
    }

    [Fact]
    public async Task A_certificate_nobody_trusts_is_told_and_no_mail_goes()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=somebody.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync();
        await using (var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = $"smtp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}?tls=tls&connections=1" }))
        {
            await app.Send(Messages.Mailing("post/1", 5));
            var why = await Eventually.Get(() => Task.FromResult(TheRelay(app).DownBecause), why => why is not null, 30);
            Assert.StartsWith("No TLS with 127.0.0.1", why, StringComparison.Ordinal);
            Assert.Equal(5, (await app.Books(Id)).Open);
        }

        listener.Stop();
        await serving;

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(certificate).WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }

    [Fact]
    public async Task A_subject_with_raw_bytes_and_line_breaks_stays_one_header()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay });
        var batch = Messages.Batch("post/1", 1, Messages.Readers(1));
        await app.Send(Messages.Prepared("post/1") with { Subject = "caf\u00e9 \u0080\u00ff\r\nBcc: all@example.org\u2028x" }, batch, Messages.Sealed("post/1", batch));

        await app.Completed(Id);

        var mail = (await sink.MailsAsync(TestContext.Current.CancellationToken)).Single();
        Assert.DoesNotContain(mail.Message.Headers, h => h.Id == HeaderId.Bcc);
        Assert.StartsWith("caf\u00e9", mail.Message.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_30_MB_that_the_server_refuses_is_a_bounce_with_its_reply()
    {
        await using var server = new ScriptedSmtp(said => said.Command == "." ? "552 5.3.4 message too big" : null);
        var settings = Settings(server);
        settings["Smtp:AnswerTimeout"] = "60"; // On a busy machine so much takes longer than the three seconds of the others.
        await using var app = await DeliveryApp.CreateAsync(start: false, settings);
        await SendBigAsync(app, new string('é', 15_000_000));

        await app.Completed(Id);

        Assert.All(await app.Rows(Id), r => Assert.Equal((DeliveryState.Bounced, "552 5.3.4 message too big"), (r.State, r.LastReply)));
    }

    [Theory]
    [InlineData(4, 20, DeliveryState.Accepted)] // Longer than it may take for a command.
    [InlineData(30, 3, DeliveryState.Deferred)] // Longer than it may take for a mail.
    public async Task A_server_may_pause_before_it_reads_a_content_as_long_as_the_answer_may_take(int pause, int answer, DeliveryState state)
    {
        await using var server = new ScriptedSmtp(async said =>
        {
            await Task.Delay(said.Command == "CONTENT" ? TimeSpan.FromSeconds(pause) : TimeSpan.Zero, TestContext.Current.CancellationToken);
            return null;
        });
        var settings = Settings(server);
        settings["Smtp:AnswerTimeout"] = answer.ToString(CultureInfo.InvariantCulture);
        await using var app = await DeliveryApp.CreateAsync(start: false, settings);
        await SendBigAsync(app, new string('a', 15_000_000)); // More than the buffers between us hold.

        await Eventually.Get(() => app.Books(Id), b => b.Queued + b.Sending == 0, 60);

        Assert.All(await app.Rows(Id), r => Assert.Equal((state, state == DeliveryState.Deferred), (r.State, r.Uncertain)));
    }

    [Fact]
    public async Task What_loses_its_point_while_a_slow_relay_is_busy_is_not_sent()
    {
        await using var server = Slow();
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        var batch = Messages.Batch("post/1", 1, Messages.Readers(100));
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(4);
        await app.Send(Messages.Prepared("post/1") with { ExpiresAt = expires }, batch, Messages.Sealed("post/1", batch));

        await app.Completed(Id);

        var books = await app.Books(Id);
        Assert.Equal(100, books.Accepted + books.Expired);
        Assert.InRange(books.Accepted, 1, 60);
        Assert.InRange((await app.Mailing(Id))!.CompletedAt!.Value, expires, expires.AddSeconds(3));
        Assert.All((await app.Rows(Id)).Where(r => r.State == DeliveryState.Accepted), r => Assert.True(r.UpdatedAt < expires.AddSeconds(1)));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_pause_and_the_switch_are_in_force_within_a_second_under_a_slow_relay()
    {
        await using var server = Slow();
        await using var app = await DeliveryApp.CreateAsync(start: true, Settings(server));
        await app.Send(Messages.Mailing("post/1", 60));
        await Eventually.Get(() => Task.FromResult(server.Count("MAIL")), n => n > 3, 60);

        await AssertStops(() => app.Db(db => Decisions.PauseAsync(db, Id, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken)));
        await app.Db(db => Decisions.ResumeAsync(db, Id, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        var before = server.Count("MAIL");
        await Eventually.Get(() => Task.FromResult(server.Count("MAIL")), n => n > before, 5);

        await AssertStops(() => app.Db(db => SendingSwitch.StopAsync(db, "admin", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken)));
        await app.Db(db => SendingSwitch.StartAsync(db, "admin", TestContext.Current.CancellationToken));
        await app.Completed(Id);
        Assert.Equal(60, server.Taken.Count);
        await app.AssertBooksBalance();

        async Task AssertStops(Func<Task> decide)
        {
            await decide();
            await Task.Delay(1_000, TestContext.Current.CancellationToken);
            var begun = server.Count("MAIL");
            await Task.Delay(1_000, TestContext.Current.CancellationToken);
            Assert.Equal(begun, server.Count("MAIL"));
        }
    }

    [Fact]
    public async Task A_mailing_is_called_off_though_its_relay_is_away()
    {
        await using var sink = await SmtpSink.StartAsync();
        await sink.StopAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay });
        await app.Send(Messages.Mailing("post/1", 700));
        await Eventually.Get(() => app.Books(Id), b => b.Sending > 0, 60);

        await app.Db(db => Decisions.CancelAsync(db, Id, "editor", "A mistake", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        await app.Completed(Id, 10);

        Assert.Equal(700, (await app.Books(Id)).Cancelled);
    }

    [Fact]
    public async Task A_lane_that_stands_still_is_told_once_with_its_cause_and_again_when_it_moves()
    {
        await using var slow = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: false, new() { ["Smtp:Relays:0"] = slow.Relay + "&connections=2&rate=0.05", ["Smtp:Standstill:Normal"] = "0.03" });
        await AddAdminAsync(app);
        await app.StartAsync();
        await app.Send(Messages.Mailing("post/1", 5));

        var still = await Eventually.Get(() => app.Db(db => db.Standstills.AsNoTracking().SingleOrDefaultAsync()), s => s?.ToldAt is not null, 60);
        Assert.Equal(Lane.Normal, still!.Lane);
        Assert.StartsWith("Everything is at its rate: 127.0.0.1:", still.Cause, StringComparison.Ordinal);
        await app.Db(db => Decisions.CancelAsync(db, Id, "editor", "", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        await Eventually.Get(() => app.Db(db => db.Standstills.CountAsync()), n => n == 0, 30);

        var told = await Eventually.Get(() => Told(slow), mails => mails.Count >= 2, 30);
        Assert.Equal(["Mail of the normal lane stands still", "Mail of the normal lane moves again"], told.Select(m => m.Message.Subject));
        Assert.Contains("Everything is at its rate", told[0].Message.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_relay_can_be_used_it_is_told_when_one_can()
    {
        await using var sink = await SmtpSink.StartAsync();
        await sink.StopAsync();
        await using var app = await DeliveryApp.CreateAsync(start: false, new() { ["Smtp:Relays:0"] = sink.Relay, ["Smtp:Standstill:Normal"] = "0.03" });
        await AddAdminAsync(app);
        await app.StartAsync();
        await app.Send(Messages.Mailing("post/1", 5));

        var still = await Eventually.Get(() => app.Db(db => db.Standstills.AsNoTracking().SingleOrDefaultAsync()), s => s is not null, 60);
        Assert.StartsWith("No relay can be used: 127.0.0.1:", still!.Cause, StringComparison.Ordinal);
        await sink.StartAgainAsync();
        await app.Completed(Id);

        var told = await Eventually.Get(() => Told(sink), mails => mails.Count >= 1, 30);
        Assert.Equal("Mail of the normal lane moves again", Assert.Single(told).Message.Subject);
        Assert.Contains("No relay can be used", told[0].Message.TextBody, StringComparison.Ordinal);
    }

    private static async Task<List<ReceivedMail>> Told(SmtpSink sink) => [.. (await sink.MailsAsync(TestContext.Current.CancellationToken)).Where(m => m.To[0] == "admin@example.org")];

    private static async Task AddAdminAsync(DeliveryApp app)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<StaffDb>();
        var role = new IdentityRole<Guid>(Policies.Admin) { Id = Guid.CreateVersion7() };
        var user = new StaffUser { Id = Guid.CreateVersion7(), UserName = "admin@example.org", Email = "admin@example.org", CreatedAt = Messages.Then };
        var editor = new StaffUser { Id = Guid.CreateVersion7(), UserName = "editor@example.org", Email = "editor@example.org", CreatedAt = Messages.Then };
        db.AddRange(role, user, editor, new IdentityUserRole<Guid> { UserId = user.Id, RoleId = role.Id });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A mailing to two readers, larger than the bus carries.</summary>
    private static async Task SendBigAsync(DeliveryApp app, string text)
    {
        var big = Messages.Prepared("post/1") with { Html = string.Join('\n', text.Chunk(1_000).Select(line => $"<p>{new string(line)}</p>")) };
        await app.Db(async db =>
        {
            var mailing = new Mailing { Id = big.MailingId, HeardAt = Messages.Then };
            mailing.Prepare(big);
            db.Mailings.Add(mailing);
            db.Contents.Add(new MailingContent { MailingId = big.MailingId, Html = big.Html, Text = big.Text });
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        });
        await app.StartAsync();
        var batch = Messages.Batch("post/1", 1, Messages.Readers(2));
        await app.Send(batch, Messages.Sealed("post/1", batch));
    }

    private static Relay TheRelay(DeliveryApp app) => app.Services.GetRequiredService<Relays>().All[0];

    private static Dictionary<string, string?> Settings(ScriptedSmtp server) =>
        new() { ["Smtp:Relays:0"] = server.Relay + "&connections=3", ["Smtp:CommandTimeout"] = "1", ["Smtp:AnswerTimeout"] = "3" };

    /// <summary>Takes 200 ms for a mail.</summary>
    private static ScriptedSmtp Slow() => new(async said =>
    {
        await Task.Delay(said.Command == "." ? 200 : 0, TestContext.Current.CancellationToken);
        return null;
    });

    [Fact]
    public async Task Why_no_relay_can_be_used_is_said_in_a_sentence()
    {
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = "smtp://127.0.0.1:1?tls=none", ["Smtp:Standstill:Normal"] = "0.03" });
        await app.Send(Messages.Mailing("post/1", 1));

        var still = await Eventually.Get(() => app.Db(db => db.Standstills.AsNoTracking().SingleOrDefaultAsync()), s => s is not null, 60);

        Assert.Equal("No relay can be used: 127.0.0.1:1: Connection refused.", still!.Cause);
    }
}
