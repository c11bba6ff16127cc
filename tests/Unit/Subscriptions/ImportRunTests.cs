using System.Text;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Jobs;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Import;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>Imports that an admin starts on the page or by the API.</summary>
public sealed class ImportRunTests : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("alerts-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ImportFiles Files => new(Options.Create(new AlertsOptions { Data = data.FullName }));

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public async Task Cut_off_anywhere_it_goes_on_and_counts_each_row_once()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        const int Bad = ((3 * ImportBatches.BatchSize) / 10) + 30;
        const int All = 10 * Bad;
        var id = await AddAsync(database, Rows(All, badEvery: 10));

        // The process "ends" after one batch, then after two; the third takes it to its end.
        foreach (var batches in new[] { 1, 2 })
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            await using var db = database.Open();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(database, db, () => EndAfter(database, ending, batches * ImportBatches.BatchSize), ending.Token));
        }

        await RunAsync(database);

        await using var after = database.Open();
        var import = await after.Imports.SingleAsync(Cancelled);
        Assert.Equal((ImportState.Done, (long)All, (long)All - Bad, (long)Bad), (import.State, import.Rows, import.Added, import.Rejected));
        Assert.Equal(0, import.Already);
        Assert.Equal(All - Bad, await after.Subscriptions.CountAsync(Cancelled));
        Assert.Equal([.. Enumerable.Range(0, Bad).Select(n => (10L * n) + 2)], await after.ImportRejects.OrderBy(r => r.Line).Select(r => r.Line).ToListAsync(Cancelled));
        Assert.False(Files.Has(id));
    }

    [Fact]
    public async Task Stopped_by_an_admin_it_stays_stopped_until_it_is_told_to_go_on()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var id = await AddAsync(database, Rows(3_000));
        await using (var db = database.Open())
        {
            Assert.True(await Imports(database, db).CancelAsync(id, Cancelled));
            Assert.False(await Imports(database, db).CancelAsync(id, Cancelled));
        }

        await RunAsync(database);
        await using (var db = database.Open())
        {
            Assert.Equal(0, await db.Subscribers.CountAsync(Cancelled));
            Assert.True(await Imports(database, db).ResumeAsync(id, Cancelled));
        }

        await RunAsync(database);
        await using var after = database.Open();
        Assert.Equal(3_000, await after.Subscribers.CountAsync(Cancelled));
        Assert.False(await Imports(database, after).ResumeAsync(id, Cancelled));
    }

    [Fact]
    public async Task One_at_a_time_works_on_a_file()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var id = await AddAsync(database, Rows(10));
        await using (Files.TryOpen(id))
        {
            await RunAsync(database);
            await using var db = database.Open();
            Assert.Equal(ImportState.Waiting, (await db.Imports.SingleAsync(Cancelled)).State);
        }

        await RunAsync(database);
        await using var after = database.Open();
        Assert.Equal(ImportState.Done, (await after.Imports.SingleAsync(Cancelled)).State);
    }

    [Fact]
    public async Task A_broken_file_fails_where_it_breaks_and_says_so()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        await AddAsync(database, Rows(ImportBatches.BatchSize) + "x@example.org,\"never closed\n" + new string('a', 200_000));
        await RunAsync(database);

        await using var db = database.Open();
        var import = await db.Imports.SingleAsync(Cancelled);
        Assert.Equal((ImportState.Failed, (long)ImportBatches.BatchSize), (import.State, import.Added));
        Assert.Contains($"after line {ImportBatches.BatchSize + 1} ", import.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name,phone\nAda,1\n", "one of them must be 'email'")]
    [InlineData("", "empty")]
    public async Task A_file_that_cant_be_imported_is_refused_and_not_kept(string file, string why)
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var refused = await Assert.ThrowsAsync<ImportException>(() => AddAsync(database, file));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Empty(data.GetFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_upload_shows_its_first_rows_and_the_columns_it_knows()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var id = await AddAsync(database, "Adresse;Vorname;Status\nada@example.org;Ada;active\n", ImportState.Uploaded);
        await using var db = database.Open();
        var imports = Imports(database, db);
        var sample = await imports.SampleAsync(id, Cancelled);

        Assert.Equal(["Adresse", "Vorname", "Status"], sample!.Header);
        Assert.Equal(["ada@example.org", "Ada", "active"], sample.Rows.Single());
        Assert.Equal("Status", Assert.Single(sample.Recognised).Value);

        var order = new ImportOrder { List = "news", Confirmed = true };
        await Assert.ThrowsAsync<ImportException>(() => imports.StartAsync(id, order, Cancelled));
        Assert.True(await imports.StartAsync(id, order with { Columns = new Dictionary<string, string> { ["email"] = "Adresse", ["name"] = "Vorname" } }, Cancelled));
        await RunAsync(database);
        Assert.Equal("Ada", (await database.GetAsync("ada@example.org")).Name);
    }

    [Fact]
    public async Task Files_nobody_started_are_deleted_after_a_week_and_imports_forgotten_after_a_month()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var uploaded = await AddAsync(database, Rows(1), ImportState.Uploaded);
        await AddAsync(database, Rows(1));
        await RunAsync(database);

        database.Clock.Advance(ImportRun.FileKept + TimeSpan.FromMinutes(1));
        await PurgeAsync();
        Assert.False(Files.Has(uploaded));
        await using (var db = database.Open())
        {
            Assert.Equal(ImportState.Done, (await db.Imports.SingleAsync(Cancelled)).State);
        }

        database.Clock.Advance(ImportRun.Kept);
        await PurgeAsync();
        await using var after = database.Open();
        Assert.Empty(await after.Imports.ToListAsync(Cancelled));

        async Task PurgeAsync()
        {
            await using var db = database.Open();
            await new PurgeImports(db, Files, database.Clock).RunAsync(Cancelled);
        }
    }

    [Fact]
    public async Task What_a_killed_process_left_behind_is_swept_up()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var stopped = await AddAsync(database, Rows(1));
        await using (var db = database.Open())
        {
            Assert.True(await Imports(database, db).CancelAsync(stopped, Cancelled));
        }

        var orphan = Guid.NewGuid();
        using (var csv = new MemoryStream("email\nada@example.org"u8.ToArray()))
        {
            await Files.SaveAsync(orphan, csv, Cancelled);
        }

        foreach (var file in data.GetFiles("*.csv", SearchOption.AllDirectories))
        {
            file.LastWriteTimeUtc = SubscriptionsDatabase.Noon.UtcDateTime.AddDays(-2);
        }

        await using var after = database.Open();
        await new PurgeImports(after, Files, database.Clock).RunAsync(Cancelled);
        Assert.False(Files.Has(orphan));
        Assert.True(Files.Has(stopped));
    }

    private static string Rows(int count, int badEvery = int.MaxValue)
    {
        var file = new StringBuilder("email,name\n");
        for (var n = 0; n < count; n++)
        {
            file.Append(n % badEvery == 0 && badEvery != int.MaxValue ? "not an address" : $"reader{n}@example.org").Append(",Reader ").Append(n).Append('\n');
        }

        return file.ToString();
    }

    private Imports Imports(SubscriptionsDatabase database, SubscriptionsDb db) => new(db, Files, new JobSignal<RunImports>(), database.Clock);

    private async Task<Guid> AddAsync(SubscriptionsDatabase database, string file, ImportState state = ImportState.Waiting)
    {
        await using var db = database.Open();
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(file));
        return (await Imports(database, db).AddAsync(csv, new ImportOrder { List = "news", Confirmed = true, Source = "members.csv" }, "admin@example.org", state, Cancelled)).Id;
    }

    private async Task RunAsync(SubscriptionsDatabase database)
    {
        await using var db = database.Open();
        await RunAsync(database, db, null, Cancelled);
    }

    private async Task RunAsync(SubscriptionsDatabase database, SubscriptionsDb db, Func<Task>? meanwhile, CancellationToken cancellationToken)
    {
        var running = new RunImports(db, database.Import(db), Files, database.Clock).RunAsync(cancellationToken);
        if (meanwhile is not null)
        {
            await meanwhile();
        }

        await running;
    }

    /// <summary>Cancels, as a process that stops does, when so many rows are written.</summary>
    private static async Task EndAfter(SubscriptionsDatabase database, CancellationTokenSource ending, int rows)
    {
        await using var db = database.Open();
        await Eventually.Get(() => db.Imports.AsNoTracking().Select(i => i.Rows).SingleAsync(Cancelled), now => now >= rows, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1), Cancelled);
        await ending.CancelAsync();
    }
}
