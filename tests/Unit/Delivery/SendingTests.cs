using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.Mailings;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using Eventually = Alerts.Tests.Unit.ServiceDefaults.Eventually;

namespace Alerts.Tests.Unit.Delivery;

public sealed class SendingTests
{
    private static readonly Guid Id = MailingId.Of("post/1");

    [Fact]
    public async Task A_mailing_ends_complete_in_the_local_mailbox_with_one_mail_for_each_reader()
    {
        await using var app = await DeliveryApp.CreateAsync(start: true);
        await app.Send(Messages.Mailing("post/1", 700));

        await app.Completed(Id);

        Assert.Equal(700, (await app.Books(Id)).Accepted);
        await app.AssertBooksBalance();
        var mails = Directory.GetFiles(app.MailboxFolder, "*.eml");
        Assert.Equal(700, mails.Length);
        Assert.Equal("Grüße aus dem Büro", (await MimeMessage.LoadAsync(mails[0], TestContext.Current.CancellationToken)).Subject);
    }

    [Fact]
    public async Task A_relay_gets_each_mail_once_with_one_recipient_a_transaction()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, Smtp(sink));
        await app.Send(Messages.Mailing("post/1", 2_000));

        await app.Completed(Id);

        var mails = await sink.MailsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2_000, mails.Count);
        Assert.All(mails, m => Assert.Single(m.To));
        Assert.Equal(2_000, mails.Select(m => m.To[0]).Distinct().Count());
        Assert.Equal(2_000, mails.Select(m => m.From).Distinct().Count());
        Assert.Equal(2_000, mails.Select(m => m.Message.MessageId).Distinct().Count());
        Assert.Contains("\n. a dot alone\n.\n", mails[0].Message.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task Urgent_mail_overtakes_bulk_mail()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay + "&connections=1&rate=200" });
        await app.Send(Messages.Mailing("cut/1", 1_000, MailingPriority.Bulk));
        await Eventually.Get(() => app.Books(MailingId.Of("cut/1")), b => b.Accepted > 0, 60);

        await app.Send(Messages.Mailing("post/1", 50, MailingPriority.Urgent));
        await app.Completed(Id);

        Assert.True((await app.Books(MailingId.Of("cut/1"))).Accepted < 1_000);
        await app.Completed(MailingId.Of("cut/1"));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task Who_left_was_suppressed_or_paused_since_gets_nothing()
    {
        var readers = Messages.Readers(5);
        await using var app = await DeliveryApp.CreateAsync(start: true);
        app.Readers.Known[readers[0]] = new Reachable(null, Exclusion.Unsubscribed);
        app.Readers.Known[readers[1]] = new Reachable(null, Exclusion.Suppressed);
        app.Readers.Known[readers[2]] = new Reachable(null, Exclusion.Paused);
        app.Readers.Known[readers[3]] = new Reachable("not an address\r\nBcc: all@example.org", null);
        var batch = Messages.Batch("post/1", 1, readers);
        await app.Send(Messages.Prepared("post/1"), batch, Messages.Sealed("post/1", batch));

        await app.Completed(Id);

        var states = (await app.Rows(Id)).ToDictionary(r => r.SubscriberId, r => r.State);
        Assert.Equal(
            [DeliveryState.Unsubscribed, DeliveryState.Suppressed, DeliveryState.Unsubscribed, DeliveryState.Bounced, DeliveryState.Accepted],
            readers.Select(r => states[r]));
        Assert.Single(Directory.GetFiles(app.MailboxFolder));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task The_confirmation_of_a_new_address_goes_to_that_address()
    {
        var reader = Guid.CreateVersion7();
        await using var app = await DeliveryApp.CreateAsync(start: true);
        var batch = new RecipientsAdded { MailingId = Id, Batch = 1, Recipients = [new Recipient { SubscriberId = reader, Address = "new@example.com" }] };
        await app.Send(Messages.Prepared("post/1") with { Lists = [], Kind = MailingKind.Confirmation }, batch, Messages.Sealed("post/1", batch));

        await app.Completed(Id);

        var mail = await MimeMessage.LoadAsync(Directory.GetFiles(app.MailboxFolder).Single(), TestContext.Current.CancellationToken);
        Assert.Equal("new@example.com", mail.To.Mailboxes.Single().Address);
        Assert.DoesNotContain(mail.Headers, h => h.Field.StartsWith("List-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_has_lost_its_point_is_not_sent()
    {
        await using var app = await DeliveryApp.CreateAsync(start: true);
        var batch = Messages.Batch("post/1", 1, Messages.Readers(20));
        await app.Send(Messages.Prepared("post/1") with { ExpiresAt = Messages.Then.AddYears(-2) }, batch, Messages.Sealed("post/1", batch));

        await app.Completed(Id);

        Assert.Equal(20, (await app.Books(Id)).Expired);
        Assert.Empty(Directory.GetFiles(app.MailboxFolder));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_refusal_for_good_is_a_bounce_with_its_reply()
    {
        await using var sink = await SmtpSink.StartAsync("-f", "RCPT");
        await using var app = await DeliveryApp.CreateAsync(start: true, Smtp(sink));
        await app.Send(Messages.Mailing("post/1", 30));

        await app.Completed(Id);

        Assert.All(await app.Rows(Id), r => Assert.Equal((DeliveryState.Bounced, 1), (r.State, r.Attempts)));
        Assert.StartsWith("500", (await app.Rows(Id))[0].LastReply, StringComparison.Ordinal);
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_refusal_for_now_is_tried_again_later()
    {
        await using var sink = await SmtpSink.StartAsync("-r", "RCPT");
        await using var app = await DeliveryApp.CreateAsync(start: true, Smtp(sink));
        await app.Send(Messages.Mailing("post/1", 4));

        await Eventually.Get(() => app.Books(Id), b => b.Deferred == 4, 60);

        Assert.All(await app.Rows(Id), r => Assert.InRange(r.NextAttemptAt!.Value - r.UpdatedAt, TimeSpan.FromSeconds(48), TimeSpan.FromSeconds(72)));
        await app.AssertBooksBalance();

        await sink.StopAsync();
        await sink.StartAgainAsync();
        await app.Db(async db =>
        {
            var past = Messages.Then.AddYears(-1);
            await db.Rows.ExecuteUpdateAsync(set => set.SetProperty(r => r.NextAttemptAt, past), TestContext.Current.CancellationToken);
            await db.Batches.ExecuteUpdateAsync(set => set.SetProperty(b => b.NextAt, past).SetProperty(b => b.DueAt, past), TestContext.Current.CancellationToken);
        });
        await app.Completed(Id);
        Assert.All(await app.Rows(Id), r => Assert.Equal((DeliveryState.Accepted, 2), (r.State, r.Attempts)));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_relay_that_hangs_up_instead_of_answering_leaves_mails_uncertain_and_loses_none()
    {
        await using var sink = await SmtpSink.StartAsync("-q", ".");
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay + "&connections=2" });
        await app.Send(Messages.Mailing("post/1", 10));

        await Eventually.Get(() => app.Books(Id), b => b.Uncertain >= 2, 60);
        await sink.StopAsync();
        await sink.StartAgainAsync();
        await app.Db(db => db.Batches.Where(b => b.Deferred > 0).ExecuteUpdateAsync(set => set.SetProperty(b => b.NextAt, Messages.Then.AddYears(-1)), TestContext.Current.CancellationToken));
        await Eventually.Get(() => app.Books(Id), b => b.Accepted + b.Deferred == 10, 90);

        var mails = await sink.MailsAsync(TestContext.Current.CancellationToken);
        var rows = await app.Rows(Id);
        Assert.All(rows.Where(r => r.State == DeliveryState.Accepted), r => Assert.Contains(mails, m => m.To[0] == $"{r.SubscriberId:N}@example.net"));
        Assert.All(mails.GroupBy(m => m.To[0]), copies => Assert.Single(copies.Select(m => m.Message.MessageId).Distinct()));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_relay_that_is_away_is_waited_for_and_costs_no_attempt()
    {
        await using var sink = await SmtpSink.StartAsync();
        await sink.StopAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, Smtp(sink));
        await app.Send(Messages.Mailing("post/1", 10));
        await Eventually.Get(() => app.Books(Id), b => b.Sending == 10, 60);

        await sink.StartAgainAsync();
        await app.Completed(Id);

        Assert.All(await app.Rows(Id), r => Assert.Equal((DeliveryState.Accepted, 1), (r.State, r.Attempts)));
    }

    [Fact]
    public async Task Mail_takes_the_next_relay_while_one_is_away()
    {
        await using var away = await SmtpSink.StartAsync();
        await away.StopAsync();
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = away.Relay, ["Smtp:Relays:1"] = sink.Relay });
        await app.Send(Messages.Mailing("post/1", 200));

        await app.Completed(Id);

        Assert.Equal(200, (await sink.MailsAsync(TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task A_mailing_that_is_called_off_stops_and_its_books_are_closed()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay + "&connections=1&rate=50" });
        await app.Send(Messages.Mailing("post/1", 1_500));
        await Eventually.Get(() => app.Books(Id), b => b.Accepted > 0, 60);

        await app.Db(db => Decisions.CancelAsync(db, Id, "editor", "A mistake", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        await app.Completed(Id);

        var books = await app.Books(Id);
        Assert.Equal(1_500, books.Accepted + books.Cancelled);
        Assert.Equal(books.Accepted, (await sink.MailsAsync(TestContext.Current.CancellationToken)).Count);
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_paused_mailing_goes_on_when_it_is_resumed()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = sink.Relay + "&connections=1&rate=100" });
        await app.Send(Messages.Mailing("post/1", 600));
        await Eventually.Get(() => app.Books(Id), b => b.Accepted > 0, 60);

        await app.Db(db => Decisions.PauseAsync(db, Id, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        var paused = await Eventually.Get(() => app.Books(Id), b => b.Sending == 0, 60);

        // Another mailing goes over the same connection meanwhile.
        await app.Send(Messages.Mailing("post/2", 50));
        await app.Completed(MailingId.Of("post/2"));
        Assert.Equal(paused.Accepted, (await app.Books(Id)).Accepted);

        await app.Db(db => Decisions.ResumeAsync(db, Id, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        await app.Completed(Id);
        Assert.Equal(650, (await sink.MailsAsync(TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task The_switch_stops_all_sending_and_starts_it_again()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        await app.Db(db => SendingSwitch.StopAsync(db, "admin", Messages.Then, TestContext.Current.CancellationToken));
        await app.StartAsync();
        await app.Send(Messages.Mailing("post/1", 10));
        await Eventually.Get(() => app.Books(Id), b => b.Recipients == 10, 60);
        await Task.Delay(1_000, TestContext.Current.CancellationToken);
        Assert.Equal(10, (await app.Books(Id)).Queued);

        await app.Db(db => SendingSwitch.StartAsync(db, "admin", TestContext.Current.CancellationToken));
        await app.Completed(Id);
    }

    [Fact]
    public async Task What_was_under_way_at_a_stop_goes_on_at_the_next_start_and_nothing_is_sent_twice()
    {
        await using var sink = await SmtpSink.StartAsync();
        var folder = Directory.CreateTempSubdirectory("alerts-delivery-").FullName;
        Dictionary<string, string?> slow = new() { ["Smtp:Relays:0"] = sink.Relay + "&connections=2&rate=200" };
        string? postgres;
        await using (var first = await DeliveryApp.CreateAsync(start: true, slow, folder))
        {
            postgres = first.Postgres;
            await first.Send(Messages.Mailing("post/1", 1_000));
            await Eventually.Get(() => first.Books(Id), b => b.Accepted > 0, 60);
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "journal")));
        await using (var second = await DeliveryApp.CreateAsync(start: true, Smtp(sink), folder, postgres: postgres))
        {
            await second.Completed(Id);
            await second.AssertBooksBalance();
        }

        var mails = await sink.MailsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1_000, mails.Count);
        Assert.Equal(1_000, mails.Select(m => m.To[0]).Distinct().Count());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_bounced_can_be_sent_again_to_exactly_those_recipients()
    {
        var readers = Messages.Readers(10);
        await using var app = await DeliveryApp.CreateAsync(start: true);
        foreach (var reader in readers[..3])
        {
            app.Readers.Known[reader] = new Reachable("nowhere", null);
        }

        var batch = Messages.Batch("post/1", 1, readers);
        await app.Send(Messages.Prepared("post/1"), batch, Messages.Sealed("post/1", batch));
        await app.Completed(Id);
        app.Readers.Known.Clear();

        var resent = await app.Db(db => Resend.MakeAsync(db, Id, "bounced", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken));
        await app.Completed(resent.MailingId!.Value);

        Assert.Equal(readers[..3].Order(), (await app.Rows(resent.MailingId.Value)).Where(r => r.State == DeliveryState.Accepted).Select(r => r.SubscriberId).Order());
        Assert.Equal(3, (await app.Books(Id)).Bounced);
        Assert.NotNull((await app.Db(db => Resend.MakeAsync(db, Id, "bounced", TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken))).Problem);
        await app.AssertBooksBalance();
    }

    private static Dictionary<string, string?> Smtp(SmtpSink sink) => new() { ["Smtp:Relays:0"] = sink.Relay };
}
