using System.Text;
using Alerts.Contracts;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Subscribers;

namespace Alerts.Tests.Unit.Subscriptions;

public class ExportTests
{
    private static readonly SubscriberFilter All = new(null, null, null, null);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_exported_can_be_imported_elsewhere_and_is_no_formula()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        await AddAsync(database, "ada@example.org", new SubscriberDetails { Name = "=HYPERLINK(\"http://evil.example\";\"Ada\")", Zone = "Asia/Seoul", Hour = 7, Weekday = "monday", Regions = ["KR", "US-NY"] });
        await AddAsync(database, "+eve@example.org", new SubscriberDetails { Name = "Eve, \"the Eve\"" });
        await using (var db = database.Open())
        {
            var text = await ExportAsync(db);
            Assert.StartsWith("email,name,list,frequency,", text, StringComparison.Ordinal);
            Assert.Contains("'=HYPERLINK", text, StringComparison.Ordinal);
            Assert.Contains("'+eve@example.org", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\n=", text, StringComparison.Ordinal);
            Assert.DoesNotContain(",=", text, StringComparison.Ordinal);

            await using var elsewhere = await SubscriptionsDatabase.CreateAsync("news");
            await using var there = elsewhere.Open();
            using var csv = new MemoryStream(Encoding.UTF8.GetBytes(text));
            var done = new ImportProgress();
            await elsewhere.Import(there).RunAsync(csv, new ImportOrder { List = "news", Confirmed = true }, done, (_, _, _) => Task.CompletedTask, Cancelled);
            Assert.Equal((2L, 0L), (done.Added, done.Rejected));
            var ada = await elsewhere.GetAsync("ada@example.org");
            Assert.Equal(("=HYPERLINK(\"http://evil.example\";\"Ada\")", "Asia/Seoul", 7, DayOfWeek.Monday), (ada.Name, ada.Zone, ada.Hour, ada.Weekday));
            Assert.Equal(["KR", "US-NY"], ada.Regions);
            Assert.Equal(Frequency.Weekly, ada.Holds.Single().Frequency);
            Assert.Equal("Eve, \"the Eve\"", (await elsewhere.GetAsync("+eve@example.org")).Name);
        }
    }

    [Fact]
    public async Task Every_reader_stands_in_it_once_for_each_list_however_many_pages_there_are()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        for (var n = 0; n < 1_001; n++)
        {
            await database.AddAsync($"r{n}@example.org", new Wanted("news", Frequency.Daily), new Wanted("jobs", Frequency.Weekly));
        }

        await database.EraseAsync((await database.GetAsync("r5@example.org")).Id);
        await using var db = database.Open();
        var all = await ExportAsync(db);
        Assert.Equal(1 + (2 * 1_000), all.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        var jobs = await ExportAsync(db, All with { List = "jobs" });
        var lines = jobs.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + 1_000, lines.Distinct().Count());
        Assert.All(lines.Skip(1), line => Assert.Contains(",jobs,weekly,", line, StringComparison.Ordinal));
    }

    private static async Task AddAsync(SubscriptionsDatabase database, string address, SubscriberDetails details)
    {
        var id = await database.AddAsync(address, new Wanted("news", Frequency.Weekly));
        await database.ChangeAsync(id, (reader, change) => reader.Describe(details, change));
    }

    private static async Task<string> ExportAsync(Alerts.Subscriptions.SubscriptionsDb db, SubscriberFilter? filter = null)
    {
        using var stream = new MemoryStream();
        await SubscriberExport.WriteAsync(db, filter ?? All, stream, Cancelled);
        return Encoding.UTF8.GetString(stream.ToArray()).TrimStart('\uFEFF');
    }
}
