using System.Text;
using Alerts.Contracts;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Subscriptions;

public class ImportTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_rows_are_taken_and_bad_ones_named_by_line()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var (done, rejects) = await ImportAsync(database, confirmed: true,
            """"
            Email,NAME,frequency,zone,hour,weekday,regions,phone
            ada@example.org,Ada,immediate,Europe/London,7,monday,GB US-NY,1
            not an address,Bob,daily,,,,,2
            "Eve@example.org","Eve
            of two lines",,,,,,3
            zoe@example.org,Zoe,hourly,,,,,4
            ian@example.org,Ian,,Mars/Olympus,,,,5
            una@example.org,Una,,,25,,,6
            ada@Example.org,Ada again,weekly,,,,,7
            sue@example.org,"Sue, ""the Sue""",weekly,,,,,8
            kim@example.org
            """");

        Assert.Equal([3L, 4, 6, 7, 8], rejects.Select(r => r.Line));
        Assert.Equal((9, 3, 1, 5), (done.Rows, done.Added, done.Already, done.Rejected));
        var ada = await database.GetAsync("ada@example.org");
        Assert.Equal(
            ("Ada", "Europe/London", 7, DayOfWeek.Monday, SubscriberState.Confirmed), (ada.Name, ada.Zone, ada.Hour, ada.Weekday, ada.State));
        Assert.Equal(["GB", "US-NY"], ada.Regions);
        Assert.Equal(SubscriptionsDatabase.Noon, ada.ConfirmedAt);
        Assert.Equal(("news", Frequency.Immediate), ada.Holds.Select(s => (s.List, s.Frequency)).Single());
        Assert.Equal("Sue, \"the Sue\"", (await database.GetAsync("sue@example.org")).Name);
        Assert.Equal(Frequency.Daily, (await database.GetAsync("kim@example.org")).Holds.Single().Frequency);
        Assert.Equal(3, (await database.AllAsync(["news"], null, await database.Audience.CurrentRevisionAsync(Cancelled))).Count);
    }

    [Fact]
    public async Task Readers_stand_in_the_order_of_the_file()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var addresses = Enumerable.Range(0, 300).Select(i => $"reader{i * 7919 % 300}@example.org").ToList();
        await ImportAsync(database, confirmed: true, string.Join('\n', ["email", .. addresses]));

        await using var db = database.Open();
        Assert.Equal(addresses, await db.Subscribers.OrderBy(s => s.Id).Select(s => s.Address!).ToListAsync(Cancelled));
    }

    [Fact]
    public async Task Who_left_is_suppressed_or_was_erased_is_not_brought_back()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        var left = await database.AddAsync("left@example.org", new Wanted("news", Frequency.Daily));
        await database.ChangeAsync(left, (reader, change) => reader.Leave("news", change));
        var suppressed = await database.AddAsync("suppressed@example.org", new Wanted("jobs", Frequency.Daily));
        await database.ChangeAsync(suppressed, (reader, change) => reader.Suppress("complaint", change));
        var erased = await database.AddAsync("erased@example.org", new Wanted("jobs", Frequency.Daily));
        await database.EraseAsync(erased);
        await database.AddAsync("elsewhere@example.org", new Wanted("jobs", Frequency.Immediate));
        await database.AddAsync("here@example.org", new Wanted("news", Frequency.Immediate));

        var file = "email;frequency\nleft@example.org;daily\nsuppressed@example.org;\nERASED@example.org;\nelsewhere@example.org;weekly\nhere@example.org;weekly\nnew@example.org;";
        var (done, rejects) = await ImportAsync(database, confirmed: true, file);

        Assert.Empty(rejects);
        Assert.Equal((5 + 1, 1, 1, 1, 3), (done.Rows, done.Added, done.Joined, done.Already, done.KeptOut));
        Assert.Equal([("jobs", Frequency.Immediate), ("news", Frequency.Weekly)], (await database.GetAsync("elsewhere@example.org")).Holds.Select(s => (s.List, s.Frequency)).Order());
        Assert.Equal(Frequency.Immediate, (await database.GetAsync("here@example.org")).Holds.Single().Frequency);

        var revision = await database.Audience.CurrentRevisionAsync(Cancelled);
        var (again, _) = await ImportAsync(database, confirmed: true, file);
        Assert.Equal((0, 0, 3, 3), (again.Added, again.Joined, again.Already, again.KeptOut));
        Assert.Equal(revision, await database.Audience.CurrentRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task Unconfirmed_readers_are_asked_once_each()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var file = new StringBuilder("email,frequency\n");
        for (var i = 0; i < 1_200; i++)
        {
            file.Append("reader").Append(i).Append("@example.org,").AppendLine(i % 2 == 0 ? "daily" : "weekly");
        }

        var (done, _) = await ImportAsync(database, confirmed: false, file.ToString());
        var (again, _) = await ImportAsync(database, confirmed: false, file.ToString());

        Assert.Equal((1_200, 0, 1_200), (done.Added, again.Added, again.Already));
        await using var db = database.Open();
        Assert.Equal(0, await db.Subscriptions.CountAsync(Cancelled));
        var mailings = await db.Mailings.ToListAsync(Cancelled);
        Assert.Equal(1_200, mailings.Sum(m => m.Recipients));
        Assert.All(mailings, mailing => Assert.NotNull(mailing.SealedAt));

        var weekly = await database.GetAsync("reader1@example.org");
        Assert.Equal([new Wanted("news", Frequency.Weekly)], weekly.Pending);
    }

    [Fact]
    public async Task A_batch_is_one_revision()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var file = new StringBuilder("email\n");
        for (var i = 0; i < (2 * ImportBatches.BatchSize) + 1_000; i++)
        {
            file.Append("reader").Append(i).Append("@example.org\n");
        }

        await ImportAsync(database, confirmed: true, file.ToString());
        Assert.Equal(3, await database.Audience.CurrentRevisionAsync(Cancelled));
        Assert.Equal((2 * ImportBatches.BatchSize) + 1_000, (await database.AllAsync(["news"], Frequency.Daily, 3, size: 500)).Count);
        Assert.Equal(ImportBatches.BatchSize, (await database.AllAsync(["news"], Frequency.Daily, 1, size: 500)).Count);
    }

    [Theory]
    [InlineData("", "email")]
    [InlineData("name,phone\nAda,1", "'email'")]
    [InlineData("PK\u0003\u0004 and so on", "packed")]
    [InlineData("email,name\nada@example.org,\"Ada\neve@example.org,Eve", "line 1 ")]
    public async Task A_file_that_is_none_is_refused_in_one_line(string file, string says)
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, file));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData(
        "uuid,email,name,attributes,status,created_at\n1,ada@example.org,Ada,\"{\"\"city\"\": \"\"Seoul\"\"}\",enabled,2026-01-01\n2,eve@example.org,Eve,{},blocklisted,2026-01-01",
        "Ada", Frequency.Daily, "UTC")] // listmonk
    [InlineData(
        "Email Address,First Name,Last Name,Address,MEMBER_RATING,TIMEZONE,TAGS\nada@example.org,Ada,Lovelace,\"1 Main St, Town\",2,Europe/London,\"a,b\"\neve@example,Eve,,,2,,",
        "Ada Lovelace", Frequency.Daily, "Europe/London")] // Mailchimp
    [InlineData("address;display_name\nada@example.org;Ada\n;Nobody", "Ada", Frequency.Daily, "UTC")] // Mailman
    [InlineData("subscription_id,address,frequency\n1,ada@example.org,immediately\n2,eve@example.org,hourly", null, Frequency.Immediate, "UTC")] // GOV.UK
    public async Task Exports_of_other_systems_are_understood(string file, string? name, Frequency frequency, string zone)
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var (done, rejects) = await ImportAsync(database, confirmed: true, file);

        Assert.Equal((1, 3), (done.Added, Assert.Single(rejects).Line));
        var ada = await database.GetAsync("ada@example.org");
        Assert.Equal((name, frequency, zone), (ada.Name, ada.Holds.Single().Frequency, ada.Zone));
    }

    [Fact]
    public async Task Columns_may_be_named_by_hand()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        const string file = "Adresse,Prénom\nada@example.org,Ada";
        await ImportAsync(database, confirmed: true, file, new() { ["email"] = "adresse", ["name"] = "Prénom" });
        Assert.Equal("Ada", (await database.GetAsync("ada@example.org")).Name);

        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, file, new() { ["email"] = "Courriel" }));
        Assert.Contains("no column 'Courriel'", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, file, new() { ["mood"] = "Adresse" }));
        Assert.Contains("nothing called 'mood'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_recognised_may_be_left_out()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        await ImportAsync(database, confirmed: true, "email,hour\nada@example.org,noon", new() { ["hour"] = "" });
        Assert.Equal(18, (await database.GetAsync("ada@example.org")).Hour);

        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, "email\nada@example.org", new() { ["email"] = "" }));
        Assert.Contains("must be 'email'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8", "Zoë Müller")]
    [InlineData("utf-16", "Zoë Müller")]
    [InlineData("windows-1252", "Zoë Müller")]
    [InlineData("euc-kr", "김하나")]
    [InlineData("shift_jis", "田中さくら")]
    [InlineData("windows-1251", "Анна Петрова")]
    public async Task Any_usual_encoding_is_told_from_the_file(string encoding, string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var text = "email,name\n" + string.Concat(Enumerable.Range(0, 40).Select(n => $"r{n}@example.org,{name}\n"));
        var chosen = Encoding.GetEncoding(encoding);
        var (done, _) = await ImportAsync(database, [.. chosen.GetPreamble(), .. chosen.GetBytes(text)]);

        Assert.Equal(40, done.Added);
        Assert.Equal(name, (await database.GetAsync("r39@example.org")).Name);
    }

    [Fact]
    public async Task A_row_in_another_encoding_than_the_rest_is_rejected()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        byte[] mixed =
        [
            .. Encoding.UTF8.GetBytes("email,name\n" + string.Concat(Enumerable.Range(0, 100_000).Select(n => $"r{n}@example.org,Zoë\n"))),
            .. Encoding.Latin1.GetBytes("eve@example.org,Zoë\n"),
            .. Encoding.UTF8.GetBytes("una@example.org,Zoë\n"),
        ];
        var (done, rejects) = await ImportAsync(database, mixed);

        Assert.Equal(100_001, done.Added);
        Assert.Equal(100_002, Assert.Single(rejects).Line);
    }

    [Fact]
    public async Task A_list_that_isnt_there_is_refused()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync();
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, "email\nada@example.org"));
        Assert.Contains("no list 'news'", refused.Message, StringComparison.Ordinal);
    }

    private static Task<(ImportProgress Done, List<ImportReject> Rejects)> ImportAsync(
        SubscriptionsDatabase database, bool confirmed, string file, Dictionary<string, string>? columns = null) => ImportAsync(database, Encoding.UTF8.GetBytes(file), confirmed, columns);

    private static async Task<(ImportProgress Done, List<ImportReject> Rejects)> ImportAsync(
        SubscriptionsDatabase database, byte[] file, bool confirmed = true, Dictionary<string, string>? columns = null)
    {
        await using var db = database.Open();
        using var stream = new MemoryStream(file);
        var rejects = new List<ImportReject>();
        var done = new ImportProgress();
        await database.Import(db).RunAsync(
            stream,
            new ImportOrder { List = "news", Confirmed = confirmed, Columns = columns ?? [] },
            done,
            (_, rejected, _) =>
            {
                rejects.AddRange(rejected);
                return Task.CompletedTask;
            },
            Cancelled);
        return (done, rejects);
    }
}
