using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Encryption;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Lists;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.SignUp;
using Alerts.Subscriptions.Subscribers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>The tables of Subscriptions in a file of their own, or in a database of the PostgreSQL that <c>Database__Postgres</c> names.</summary>
internal sealed class SubscriptionsDatabase : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alerts-");
    private readonly string? postgres;

    private SubscriptionsDatabase(string? postgres)
    {
        this.postgres = postgres;
        Audience = new RevisionedAudience(Open, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(Noon);

    public RevisionedAudience Audience { get; }

    private string Sqlite => $"Data Source={folder.FullName}/subscriptions.db;Default Timeout=30";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<SubscriptionsDatabase> CreateAsync(params string[] lists)
    {
        var database = new SubscriptionsDatabase(await CreatePostgresAsync());
        await using var db = database.Open();
        await db.Database.MigrateAsync(Cancelled);
        foreach (var list in lists)
        {
            await MailingList.AddAsync(db, new NewList { Slug = list, Name = $"The list {list}" }, Noon, Cancelled);
        }

        return database;
    }

    /// <summary>What contexts are opened with from now on.</summary>
    public AddressKeys? Keys { get; set; }

    public SubscriptionsDb Open() => Open(Keys);

    public SubscriptionsDb Open(AddressKeys? keys)
    {
        if (postgres is not null)
        {
            var options = new DbContextOptionsBuilder<PostgresSubscriptionsDb>();
            options.UseAlertsPostgres(postgres, "subscriptions").UseAddressKeys(keys);
            return new PostgresSubscriptionsDb(options.Options);
        }

        var sqlite = new DbContextOptionsBuilder<SqliteSubscriptionsDb>();
        sqlite.UseSqlite(Sqlite).UseAddressKeys(keys);
        return new SqliteSubscriptionsDb(sqlite.Options);
    }

    /// <summary>Whether a text stands anywhere in SQLite's files, be it in a place that is free. PostgreSQL's can't be read from here.</summary>
    public async Task<bool> FileHoldsAsync(string text)
    {
        foreach (var file in folder.EnumerateFiles("subscriptions.db*"))
        {
            await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancelled);
            if (copy.ToArray().AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text)) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds a confirmed reader.</summary>
    public async Task<Guid> AddAsync(string address, params Wanted[] holds)
    {
        await using var db = Open();
        var (_, id) = await SignUps(db).AddAsync(Address(address), new SubscriberDetails(), holds, confirmed: true, new ConsentSource(ConsentMeans.Api, "test"), Cancelled);
        return id;
    }

    /// <summary>Changes a reader, and returns the revision of the change.</summary>
    public async Task<long> ChangeAsync(Guid id, Action<Subscriber, AudienceChange> how, long endedAt = Subscription.Held)
    {
        await using var db = Open();
        await using var change = await AudienceChange.BeginAsync(db, Clock, new ConsentSource(ConsentMeans.Api, "test"), Cancelled);
        var subscriber = await change.FindAsync(id, Cancelled, endedAt);
        how(subscriber!, change);
        await change.CommitAsync(Cancelled);
        return change.Revision;
    }

    public async Task EraseAsync(Guid id)
    {
        await using var db = Open();
        await using var change = await AudienceChange.BeginAsync(db, Clock, new ConsentSource(ConsentMeans.Api, "test"), Cancelled);
        await db.EraseAsync([(await change.FindAsync(id, Cancelled))!], change, Cancelled);
        await change.CommitAsync(Cancelled);
    }

    public async Task<Subscriber> GetAsync(string address)
    {
        await using var db = Open();
        return await db.Subscribers.AsNoTracking().Include(s => s.Subscriptions).SingleAsync(s => s.NormalizedAddress == address, Cancelled);
    }

    /// <summary>All candidates, read a few at a time.</summary>
    public async Task<List<Candidate>> AllAsync(IReadOnlyCollection<string> lists, Frequency? frequency, long revision, int size = 2)
    {
        var all = new List<Candidate>();
        while (true)
        {
            var page = await Audience.PageAsync(lists, frequency, revision, all.Count > 0 ? all[^1].SubscriberId : Guid.Empty, size, Cancelled);
            all.AddRange(page);
            if (page.Count < size)
            {
                return all;
            }
        }
    }

    /// <summary>All who are concerned by an event, read a few at a time.</summary>
    public async Task<List<Candidate>> AllNoticedAsync(IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, int size = 2)
    {
        var all = new List<Candidate>();
        while (true)
        {
            var page = await Audience.NoticePageAsync(lists, regions, revision, all.Count > 0 ? all[^1].SubscriberId : Guid.Empty, size, Cancelled);
            all.AddRange(page);
            if (page.Count < size)
            {
                return all;
            }
        }
    }

    public async Task AddRegionsAsync(params IEnumerable<AudienceRegion> regions)
    {
        await using var db = Open();
        foreach (var region in regions)
        {
            Assert.NotNull(await db.AddRegionAsync(new NewRegion { Slug = region.Slug, Name = region.Name, Parent = region.Parent }, Cancelled));
        }
    }

    public SignUps SignUps(SubscriptionsDb db) => new(db, Mail(db), Options.Create(new ReadingDefaults()), Clock);

    public SubscriberImport Import(SubscriptionsDb db) => new(db, Mail(db), Options.Create(new ReadingDefaults()), Clock);

    public static EmailAddress Address(string address) => EmailAddress.TryRead(address, out var read, out var problem) ? read : throw new ArgumentException(problem);

    public async ValueTask DisposeAsync()
    {
        if (postgres is not null)
        {
            await using var db = Open();
            await db.Database.EnsureDeletedAsync(CancellationToken.None);
        }

        await using (var connection = new SqliteConnection(Sqlite))
        {
            SqliteConnection.ClearPool(connection);
        }

        folder.Delete(recursive: true);
    }

    private static ConfirmationMail Mail(SubscriptionsDb db) =>
        new(db, new MailTemplates(Options.Create(new MailOptions()), Options.Create(new AlertsOptions())), Translations.Readers);

    private static async Task<string?> CreatePostgresAsync()
    {
        if (Environment.GetEnvironmentVariable("Database__Postgres") is not { Length: > 0 } server)
        {
            return null;
        }

        var name = $"alerts_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString();
    }
}
