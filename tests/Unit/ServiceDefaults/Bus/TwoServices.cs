using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Clock;
using Alerts.ServiceDefaults.Database;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Tests.Unit.ServiceDefaults.Bus;

/// <summary>A sender. Its name says which service's schema, file and queues it has.</summary>
public abstract class PublishingDb(DbContextOptions options) : AlertsDbContext(options)
{
    public override Services Service => Services.Publishing;
}

public sealed class SqlitePublishingDb(DbContextOptions<SqlitePublishingDb> options) : PublishingDb(options);

public sealed class PostgresPublishingDb(DbContextOptions<PostgresPublishingDb> options) : PublishingDb(options);

/// <summary>A taker.</summary>
public abstract class DigestsDb(DbContextOptions options) : AlertsDbContext(options)
{
    public override Services Service => Services.Digests;

    public DbSet<FiledBacklog> Backlogs => Set<FiledBacklog>();
}

public sealed class SqliteDigestsDb(DbContextOptions<SqliteDigestsDb> options) : DigestsDb(options);

public sealed class PostgresDigestsDb(DbContextOptions<PostgresDigestsDb> options) : DigestsDb(options);

public sealed class FiledBacklog
{
    public required Guid Id { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<FiledBacklog>
    {
        public void Configure(EntityTypeBuilder<FiledBacklog> builder) => builder.HasKey(b => b.Id);
    }
}

/// <summary>What the consumer saw and how often it is to fail; one per host.</summary>
public sealed class Diary
{
    private readonly Lock gate = new();
    private readonly List<DbContextId> contexts = [];

    /// <summary>The consumer throws this many times before it succeeds.</summary>
    public int Failures { get; set; }

    public IReadOnlyList<DbContextId> Contexts
    {
        get
        {
            lock (gate)
            {
                return [.. contexts];
            }
        }
    }

    /// <summary>True when this attempt is to fail.</summary>
    public bool Note(DbContextId context)
    {
        lock (gate)
        {
            contexts.Add(context);
            return contexts.Count <= Failures;
        }
    }
}

public sealed class BacklogConsumer(DigestsDb db, Diary diary) : IConsumer<BacklogPublished>
{
    public async Task Consume(ConsumeContext<BacklogPublished> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        db.Backlogs.Add(new FiledBacklog { Id = context.Message.BacklogId });
        if (diary.Note(db.ContextId))
        {
            throw new InvalidOperationException("The test wants this attempt to fail.");
        }

        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<BacklogConsumer, BacklogPublished, DigestsDb>("alerts.digests.backlog-published");
}

/// <summary>A sender and a taker in one process, in a folder of their own.</summary>
internal sealed class TwoServices : IAsyncDisposable
{
    private readonly IHost host;
    private readonly string folder;

    private TwoServices(IHost host, string folder) => (this.host, this.folder) = (host, folder);

    public Diary Diary => host.Services.GetRequiredService<Diary>();

    public IBus Bus => host.Services.GetRequiredService<IBus>();

    public static async Task<TwoServices> StartAsync(bool takerRuns = true, string? folder = null, int failures = 0)
    {
        folder ??= Directory.CreateTempSubdirectory("alerts-test-").FullName;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Test" });
        builder.Configuration.AddInMemoryCollection([new("Data", folder)]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(new Diary { Failures = failures });
        builder.AddClock();
        builder.AddDatabase<PublishingDb, SqlitePublishingDb, PostgresPublishingDb>();
        builder.AddDatabase<DigestsDb, SqliteDigestsDb, PostgresDigestsDb>();
        builder.AddOutboxRelay<PublishingDb>();
        builder.AddBus(bus =>
        {
            bus.AddOutbox<PublishingDb>();
            if (takerRuns)
            {
                bus.AddConsumer<BacklogConsumer, BacklogConsumer.Definition>();
            }
        });

        var services = new TwoServices(builder.Build(), folder);
        await services.InPublishing(db => db.Database.EnsureCreatedAsync());
        await services.InDigests(db => db.Database.EnsureCreatedAsync());
        await services.host.StartAsync(TestContext.Current.CancellationToken);
        return services;
    }

    /// <summary>Stops and starts again on the same files.</summary>
    public async Task<TwoServices> RestartAsync(bool takerRuns)
    {
        await StopAsync();
        return await StartAsync(takerRuns, folder);
    }

    public Task<T> InPublishing<T>(Func<PublishingDb, Task<T>> act) => In(act);

    public Task<T> InDigests<T>(Func<DigestsDb, Task<T>> act) => In(act);

    /// <summary>Commits a fact in the sender.</summary>
    public Task<int> Publish(Guid id) => InPublishing(db =>
    {
        db.Enqueue(
            new BacklogPublished { BacklogId = id, Posts = 1, Title = "A feed", Lists = ["news"], AudienceRevision = 1 },
            host.Services.GetRequiredService<TimeProvider>().GetUtcNow());
        return db.SaveChangesAsync();
    });

    public Task<int> Untaken() => InPublishing(db => db.Outbox.CountAsync());

    public Task<int> Filed() => InDigests(db => db.Backlogs.CountAsync());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StopAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    private async Task<T> In<TDb, T>(Func<TDb, Task<T>> act) where TDb : notnull
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TDb>());
    }
}
