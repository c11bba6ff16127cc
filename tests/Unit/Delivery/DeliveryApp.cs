using Alerts.Contracts;
using Alerts.Delivery;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Clock;
using Alerts.ServiceDefaults.Staff;
using Alerts.Tests.Unit.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>The Delivery service alone, on a real SQLite file in a folder of its own, with an audience that wants everything unless told otherwise.</summary>
internal sealed class DeliveryApp : IAsyncDisposable
{
    private readonly IHost host;
    private readonly bool ownsFolder;

    private DeliveryApp(IHost host, string folder, bool ownsFolder) => (this.host, Folder, this.ownsFolder) = (host, folder, ownsFolder);

    public string Folder { get; }

    public Readers Readers => host.Services.GetRequiredService<Readers>();

    public IServiceProvider Services => host.Services;

    /// <summary>The database of its own in the PostgreSQL that <c>Database__Postgres</c> names; null on SQLite.</summary>
    public string? Postgres { get; private init; }

    public string MailboxFolder => Path.Combine(Folder, "mailbox");

    /// <param name="start">False: tables only; nothing runs.</param>
    public static async Task<DeliveryApp> CreateAsync(bool start, Dictionary<string, string?>? settings = null, string? folder = null, Readers? readers = null, string? postgres = null)
    {
        var data = folder ?? Directory.CreateTempSubdirectory("alerts-delivery-").FullName;
        postgres ??= await CreatePostgresAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data"] = data,
            ["Mail:From"] = "Alerts <alerts@example.org>",
            ["PublicUrl"] = "https://alerts.example.org",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        builder.AddClock();
        builder.Services.AddSingleton(readers ?? new Readers());
        builder.Services.AddSingleton<IAudience>(services => services.GetRequiredService<Readers>());
        builder.Services.AddDbContext<StaffDb, SqliteStaffDb>(options => options.UseSqlite($"Data Source={Path.Combine(data, "staff.db")}"));
        if (postgres is not null)
        {
            builder.Configuration["Database:Postgres"] = postgres;
        }

        builder.AddBus(DeliveryService.AddConsumers);
        builder.AddDelivery();
        var host = builder.Build();
        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<StaffDb>().Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
            await scope.ServiceProvider.GetRequiredService<DeliveryDb>().Database.MigrateAsync(TestContext.Current.CancellationToken);
        }

        if (start)
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
        }

        return new DeliveryApp(host, data, folder is null) { Postgres = postgres };
    }

    public async Task<T> Db<T>(Func<DeliveryDb, Task<T>> ask)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<DeliveryDb>());
    }

    public Task Db(Func<DeliveryDb, Task> act) => Db(async db =>
    {
        await act(db);
        return true;
    });

    /// <summary>Puts messages into the outbox of the service itself, whence they come to its consumers as another service's would.</summary>
    public Task Send(params object[] messages) => Db(async db =>
    {
        foreach (dynamic message in messages)
        {
            db.Enqueue(message, DateTimeOffset.UnixEpoch);
        }

        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    });

    public Task<Mailing?> Mailing(Guid id) => Db(db => db.Mailings.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id, TestContext.Current.CancellationToken));

    public async Task<Books> Books(Guid id) =>
        (await Db(db => Alerts.Delivery.Mailings.Books.AddUpAsync(db, [id], TestContext.Current.CancellationToken))).GetValueOrDefault(id, Alerts.Delivery.Mailings.Books.Empty);

    public Task<List<LedgerRow>> Rows(Guid id) => Db(db => db.Rows.AsNoTracking().Where(r => r.MailingId == id).ToListAsync(TestContext.Current.CancellationToken));

    public async Task<Mailing> Completed(Guid id, int seconds = 120) => (await Eventually.Get(() => Mailing(id), m => m is { CompletedAt: not null }, seconds))!;

    /// <summary>Asserts that the books add up, in every batch and against the rows.</summary>
    public async Task AssertBooksBalance()
    {
        var batches = await Db(db => db.Batches.AsNoTracking().ToListAsync());
        var rows = (await Db(db => db.Rows.AsNoTracking().ToListAsync())).ToLookup(r => (r.MailingId, r.Batch));
        foreach (var batch in batches)
        {
            var mine = rows[(batch.MailingId, batch.Number)].CountBy(r => r.State).ToDictionary();
            Assert.Equal(batch.Recipients, batch.Queued + batch.Deferred + batch.Accepted + batch.Bounced + batch.Suppressed + batch.Unsubscribed + batch.Expired + batch.Cancelled);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Queued), batch.Queued);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Deferred), batch.Deferred);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Accepted), batch.Accepted);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Bounced), batch.Bounced);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Suppressed), batch.Suppressed);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Unsubscribed), batch.Unsubscribed);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Expired), batch.Expired);
            Assert.Equal(mine.GetValueOrDefault(DeliveryState.Cancelled), batch.Cancelled);
            Assert.Equal(rows[(batch.MailingId, batch.Number)].Count(r => r.Uncertain), batch.Uncertain);
            Assert.Equal(batch.IsClosed, batch.DueAt is null);
        }

        Assert.Equal(batches.Sum(b => b.Recipients), rows.Sum(r => r.Count()));
    }

    public Task StartAsync() => host.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync() => host.StopAsync(TestContext.Current.CancellationToken);

    private static async Task<string?> CreatePostgresAsync()
    {
        if (Environment.GetEnvironmentVariable("Database__Postgres") is not { Length: > 0 } server)
        {
            return null;
        }

        var name = $"alerts_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
        if (ownsFolder)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(Folder, recursive: true);
        }
    }
}

/// <summary>An audience of whoever is asked for, <c>{id}@example.net</c>, except those it was told of.</summary>
internal sealed class Readers : IAudience
{
    public System.Collections.Concurrent.ConcurrentDictionary<Guid, Reachable> Known { get; } = new();

    public Task<IReadOnlyDictionary<Guid, Reachable>> StillWantedAsync(IReadOnlyCollection<string> lists, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Guid, Reachable>>(subscribers.ToDictionary(s => s, s => Known.GetValueOrDefault(s, new Reachable($"{s:N}@example.net", null))));

    public Task<long> CurrentRevisionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AudienceList>> ListsAsync(IReadOnlyCollection<string>? slugs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Candidate>> PageAsync(
        IReadOnlyCollection<string> lists, Frequency? frequency, long revision, Guid after, int size, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<AudienceEstimate> EstimateAsync(IReadOnlyCollection<string> lists, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Candidate>> NoticePageAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, Guid after, int size, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<DigestReader>> ChangedAsync(long revision, Guid after, int size, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<HeldSubscription>> HeldAsync(IReadOnlyCollection<Guid> subscribers, long sinceRevision, CancellationToken cancellationToken) => throw new NotSupportedException();
}
