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
        for (var i = 0; i < 2_500; i++)
        {
            file.Append("reader").Append(i).Append("@example.org\n");
        }

        await ImportAsync(database, confirmed: true, file.ToString());
        Assert.Equal(3, await database.Audience.CurrentRevisionAsync(Cancelled));
        Assert.Equal(2_500, (await database.AllAsync(["news"], Frequency.Daily, 3, size: 500)).Count);
        Assert.Equal(1_000, (await database.AllAsync(["news"], Frequency.Daily, 1, size: 500)).Count);
    }

    [Theory]
    [InlineData("", "email")]
    [InlineData("name,address\nAda,ada@example.org", "email")]
    [InlineData("email,name\nada@example.org,\"Ada\neve@example.org,Eve", "line 1 ")]
    public async Task A_file_that_is_none_is_refused_in_one_line(string file, string says)
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, file));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task A_list_that_isnt_there_is_refused()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync();
        var refused = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, confirmed: true, "email\nada@example.org"));
        Assert.Contains("no list 'news'", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<(ImportProgress Done, List<ImportReject> Rejects)> ImportAsync(SubscriptionsDatabase database, bool confirmed, string file)
    {
        await using var db = database.Open();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(file));
        var rejects = new List<ImportReject>();
        var done = await database.Import(db).RunAsync(stream, new ImportOrder { List = "news", Confirmed = confirmed }, rejects.Add, _ => { }, Cancelled);
        return (done, rejects);
    }
}
