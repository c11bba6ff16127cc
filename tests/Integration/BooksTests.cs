using Alerts.Tests.Servers;
using Microsoft.Data.Sqlite;

namespace Alerts.Tests.Integration;

/// <summary>The books, as an operator asks after them on the command line.</summary>
public sealed class BooksTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_bounced_is_sent_again_once_to_exactly_those_readers()
    {
        await using var sink = await SmtpSink.StartAsync("-f", "RCPT");
        await using var house = await House.StartAsync(Setup.Embedded, adjust: (_, settings) => settings with { Relays = [sink.Relay] });
        await house.AddListAsync("border");
        await house.SubscribeAsync("ada@example.org", "border", "immediate");
        await house.SubscribeAsync("ben@example.org", "border", "immediate");
        await house.PublishAsync("border", "Refused");
        await Eventually.Get(() => BouncedAsync(house), bounced => bounced == 2, House.Patience, Cancellation);
        await house.SettleAsync();
        var mailing = (await house.GetAsync("delivery", "/api/mailings"))["items"]![0]!["id"]!.ToString();

        await sink.StopAsync();
        await sink.StartAgainAsync();
        await house.SubscribeAsync("late@example.org", "border", "immediate");
        Assert.Contains("to 2 readers", await house.RunAsync("resend", mailing, "--state", "bounced"), StringComparison.Ordinal);

        var mails = await Eventually.Get(() => sink.MailsAsync(Cancellation), mails => mails.Count == 2, House.Patience, Cancellation);
        Assert.Equal(["ada@example.org", "ben@example.org"], mails.Select(m => m.To.Single()).Order());
        await house.SettleAsync();
        Assert.Contains("2 mailings: 2 add up, 0 under way, 0 don't", await house.RunAsync("verify"), StringComparison.Ordinal);

        var repeated = await house.TryAsync("resend", mailing, "--state", "bounced");
        Assert.Equal(1, repeated.ExitCode);
        Assert.Contains("sent it again", repeated.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await house.TryAsync("resend", mailing, "--state", "accepted")).ExitCode);
        Assert.Equal(2, (await house.TryAsync("resend", Guid.NewGuid().ToString(), "--state", "bounced")).ExitCode);
        Assert.Equal(2, (await house.TryAsync("verify", Guid.NewGuid().ToString())).ExitCode);
        Assert.Equal(2, (await house.TryAsync("verify", "yesterday's")).ExitCode);
    }

    [Fact]
    public async Task Whatever_in_the_books_is_wrong_is_named()
    {
        await using var house = await House.StartAsync(Setup.Embedded);
        await house.AddListAsync("border");
        var ada = await house.SubscribeAsync("ada@example.org", "border", "immediate");
        await house.SubscribeAsync("ben@example.org", "border", "immediate");
        await house.PublishAsync("border", "Crossing reopens");
        await Eventually.Get(house.MailsAsync, mails => mails.Count == 2, House.Patience, Cancellation);
        await house.SettleAsync();
        var mailing = (await house.GetAsync("delivery", "/api/mailings"))["items"]![0]!["id"]!.ToString();
        Assert.Contains("adds up: 2 recipients, 2 accepted", await house.RunAsync("verify", mailing), StringComparison.Ordinal);

        var adas = $"\"SubscriberId\" = '{ada.ToString().ToUpperInvariant()}'";
        (string Database, string Wrong, string Right, string Named)[] mistakes =
        [
            ("delivery", """UPDATE "Batches" SET "Accepted" = 1, "Expired" = 1""", """UPDATE "Batches" SET "Accepted" = 2, "Expired" = 0""", "Batch 1: 1 accepted in its books, 2 in its rows."),
            ("delivery", """UPDATE "Batches" SET "Accepted" = 1""", """UPDATE "Batches" SET "Accepted" = 2""", "Batch 1 has 2 recipients, and its states add up to 1."),
            ("delivery", $"""UPDATE "Deliveries" SET "Batch" = 9 WHERE {adas}""", $"""UPDATE "Deliveries" SET "Batch" = 1 WHERE {adas}""", "1 rows belong to no batch."),
            ("delivery", """UPDATE "Mailings" SET "SealedRecipients" = 3, "Candidates" = 3""", """UPDATE "Mailings" SET "SealedRecipients" = 2, "Candidates" = 2""", "sealed with 3 recipients in 1 batches; the ledger has 2"),
            ("notices", """UPDATE "MailingPages" SET "Recipients" = 1""", """UPDATE "MailingPages" SET "Recipients" = 2""", "notices selected 1 readers, the ledger has 2."),
            ("notices", """UPDATE "Mailings" SET "Id" = '00000000-0000-0000-0000-000000000001'""", $"""UPDATE "Mailings" SET "Id" = '{mailing.ToUpperInvariant()}'""", "No service has made it"),
            ("subscriptions", $"""UPDATE "Subscriptions" SET "ToRev" = "FromRev" WHERE {adas}""", $"""UPDATE "Subscriptions" SET "ToRev" = {long.MaxValue} WHERE {adas}""", "1 of its 2 recipients held none of its lists"),
        ];
        foreach (var (database, wrong, right, named) in mistakes)
        {
            await ChangeAsync(house, database, wrong);
            var verified = await house.TryAsync("verify", mailing);
            Assert.Contains(named, verified.Output, StringComparison.Ordinal);
            Assert.Equal(1, verified.ExitCode);
            await ChangeAsync(house, database, right);
        }

        Assert.Contains("1 mailing: 1 add up", await house.RunAsync("verify"), StringComparison.Ordinal);
    }

    private static async Task<int> BouncedAsync(House house) =>
        (await house.GetAsync("delivery", "/api/mailings"))["items"]!.AsArray().Sum(m => m!["counts"]!["bounced"]!.GetValue<int>());

    private static async Task ChangeAsync(House house, string database, string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(house.Process(database).Data, database + ".db")}");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync(Cancellation));
    }
}
