using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Alerts.Contracts;
using Alerts.Digests;
using Alerts.Digests.Backlogs;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Digests.Posts;
using Alerts.Digests.Readers;
using Alerts.ServiceDefaults.Database;
using Alerts.Tests.Unit.Mailings;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Digests;

/// <summary>Digests on a SQLite file of its own or on PostgreSQL, with an audience in memory and a clock that stands until it is moved. Nothing is relayed: what was sent lies in the outbox.</summary>
internal sealed class DigestsHouse : IAsyncDisposable
{
    private readonly string file = Path.Combine(Path.GetTempPath(), $"digests-{Guid.NewGuid():N}.db");
    private readonly ServiceProvider services;

    private readonly string? postgres;
    private readonly int workers;
    private long lastRead;

    private DigestsHouse(string? postgres, int workers)
    {
        (this.postgres, this.workers) = (postgres, workers);
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<TimeProvider>(Clock);
        collection.AddSingleton<IAudience>(Audience);
        collection.AddSingleton(Given.Templates);
        collection.AddSingleton(Given.Options);
        collection.AddSingleton<EditionMail>();
        collection.AddSingleton<BacklogDigest>();
        collection.AddSingleton<FollowAudience>();
        collection.AddSingleton<DigestMetrics>();
        collection.AddScoped<DigestsDb>(_ => Open());
        collection.AddTransient<PurgeFiledPosts>();
        services = collection.BuildServiceProvider();
    }

    public AudienceModel Audience { get; } = new();

    public FakeTimeProvider Clock { get; } = new(Given.Now);

    public Crash Crash { get; } = new();

    /// <param name="postgres">The connection string of an empty database; null: SQLite.</param>
    /// <param name="workers">How many stretches of a cut one process cuts side by side.</param>
    public static async Task<DigestsHouse> BuildAsync(string? postgres = null, int workers = 1)
    {
        var house = new DigestsHouse(postgres, workers);
        await using var db = house.Open();
        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);
        return house;
    }

    public DigestsDb Open() => postgres is null
        ? new SqliteDigestsDb(new DbContextOptionsBuilder<SqliteDigestsDb>().UseSqlite($"Data Source={file}").AddInterceptors(Crash, Unhurried.Instance).Options)
        : new PostgresDigestsDb(((DbContextOptionsBuilder<PostgresDigestsDb>)new DbContextOptionsBuilder<PostgresDigestsDb>().UseAlertsPostgres(postgres, "digests")).AddInterceptors(Crash).Options);

    public async Task TakeAsync(PostPublished message) =>
        await WithAsync(db => new PostPublishedConsumer(db, services.GetRequiredService<BacklogDigest>(), Clock).Consume(Given.Context(message)));

    public async Task TakeAsync(PostCorrected message) => await WithAsync(db => new PostCorrectedConsumer(db, Clock).Consume(Given.Context(message)));

    public async Task TakeAsync(PostWithdrawn message) => await WithAsync(db => new PostWithdrawnConsumer(db, Clock).Consume(Given.Context(message)));

    public async Task TakeAsync(BacklogPublished message) =>
        await WithAsync(db => new BacklogPublishedConsumer(db, services.GetRequiredService<BacklogDigest>(), Clock).Consume(Given.Context(message)));

    /// <summary>What one process has in common for all its sweeps. So small that a few readers take several stretches of several pages.</summary>
    public CutStretches Process() => new(services.GetRequiredService<IServiceScopeFactory>(), Audience, services.GetRequiredService<EditionMail>(), Clock)
    {
        PageSize = 2,
        Length = 4,
        ReadersSavedAtOnce = 2,
        Workers = workers,
    };

    /// <param name="process">Null: one of its own.</param>
    public Task SweepAsync(CutStretches? process = null) =>
        ActivatorUtilities.CreateInstance<CutDueDigests>(services, process ?? Process()).RunAsync(TestContext.Current.CancellationToken);

    public Task PurgeAsync() => services.GetRequiredService<PurgeFiledPosts>().RunAsync(TestContext.Current.CancellationToken);

    public async Task<Guid> AskForCutAsync(params Guid[] afterMessages)
    {
        await using var db = Open();
        return await CutRequests.AskAsync(db, afterMessages, Clock.GetUtcNow(), TestContext.Current.CancellationToken);
    }

    public async Task CutNowAsync()
    {
        await AskForCutAsync();
        await SweepAsync();
    }

    public async Task<List<T>> SentAsync<T>()
    {
        await using var db = Open();
        var bodies = await db.Outbox.Where(m => m.Type == typeof(T).Name).OrderBy(m => m.Id).Select(m => m.Body).ToListAsync(TestContext.Current.CancellationToken);
        return [.. bodies.Select(body => JsonSerializer.Deserialize<T>(body)!)];
    }

    /// <summary>The numbers of the posts each mail told of, by reader, in the order of the mails; an edition's posts are told by their links.</summary>
    public async Task<ILookup<Guid, int[]>> MailsAsync(IReadOnlyCollection<PostPublished> posts)
    {
        var numbers = (await SentAsync<MailingPrepared>()).ToDictionary(
            m => m.MailingId, m => posts.Where(p => m.Text.Contains(p.Link, StringComparison.Ordinal)).Select(p => int.Parse(p.Title[6..], System.Globalization.CultureInfo.InvariantCulture)).ToArray());
        return (await SentAsync<RecipientsAdded>())
            .SelectMany(batch => batch.Recipients.Select(r => (r.SubscriberId, batch.MailingId)))
            .ToLookup(r => r.SubscriberId, r => numbers[r.MailingId]);
    }

    /// <summary>Who was put into which edition since the last look, with the posts it has and, as far as the mail had room for them, the versions their titles tell.</summary>
    public async Task<List<(Guid Reader, IReadOnlyList<(int Number, int? Version)> Posts)>> NewMailsAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var db = Open();
        var rows = await db.Outbox.AsNoTracking().Where(m => m.Id > lastRead && m.Type == nameof(RecipientsAdded)).OrderBy(m => m.Id).ToListAsync(stop);
        lastRead = rows.Count > 0 ? rows[^1].Id : lastRead;
        var batches = rows.ConvertAll(row => JsonSerializer.Deserialize<RecipientsAdded>(row.Body)!);
        var ids = batches.Select(b => b.MailingId).Distinct().ToList();
        var editions = await db.Editions.AsNoTracking().Where(e => ids.Contains(e.Id)).ToDictionaryAsync(e => e.Id, stop);
        var texts = new Dictionary<Guid, string>();
        if (ids.Count > 0)
        {
            foreach (var body in await db.Outbox.AsNoTracking().Where(m => m.Type == nameof(MailingPrepared)).OrderByDescending(m => m.Id).Take(ids.Count + 50).Select(m => m.Body).ToListAsync(stop))
            {
                var prepared = JsonSerializer.Deserialize<MailingPrepared>(body)!;
                texts[prepared.MailingId] = prepared.Text;
            }
        }

        var posts = editions.ToDictionary(e => e.Key, IReadOnlyList<(int, int?)> (e) =>
        {
            var shown = Regex.Matches(texts[e.Key], "Title ([0-9]+) v([0-9]+)").GroupBy(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))
                .ToDictionary(g => g.Key, g => int.Parse(g.First().Groups[2].Value, CultureInfo.InvariantCulture));
            return [.. e.Value.Posts.Select(Given.NumberOf).Select(number => (number, shown.TryGetValue(number, out var version) ? version : (int?)null))];
        });
        return [.. batches.SelectMany(b => b.Recipients.Select(r => (r.SubscriberId, posts[b.MailingId])))];
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (postgres is null)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            foreach (var each in new[] { file, file + "-wal", file + "-shm" })
            {
                File.Delete(each);
            }
        }
    }

    public async Task WithAsync(Func<DigestsDb, Task> consume)
    {
        await using var db = Open();
        await consume(db);
    }
}

/// <summary>Doesn't wait for the disk: a process that ends loses nothing by it, only a machine would.</summary>
internal sealed class Unhurried : DbConnectionInterceptor
{
    public static readonly Unhurried Instance = new();

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 30000;";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>Ends the process at a commit, as far as one can without ending it: right before (nothing is saved) or right after (all is, and nobody learns of it).</summary>
internal sealed class Crash : DbTransactionInterceptor
{
    private int commits = int.MaxValue;

    /// <param name="atCommit">From 1; every second one is a crash after the commit.</param>
    public void At(int atCommit) => commits = atCommit;

    public void Never() => commits = int.MaxValue;

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (--commits == 0)
        {
            throw new CrashException();
        }

        return new(result);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        --commits == 0 ? throw new CrashException() : Task.CompletedTask;
}

internal sealed class CrashException : Exception
{
    public CrashException() : base("The process ended here.")
    {
    }
}
