using System.Text.Json;
using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Bulk;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Encryption;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Legal;
using Alerts.Subscriptions.Lists;
using Alerts.Subscriptions.Move;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Alerts.Subscriptions;

public abstract class SubscriptionsDb(DbContextOptions options) : MailingsDbContext(options)
{
    /// <summary>Null: addresses stand in the database as they are.</summary>
    internal AddressKeys? AddressKeys { get; } = options.FindExtension<AddressKeysExtension>()?.Keys;

    public override Services Service => Services.Subscriptions;

    public DbSet<MailingList> Lists => Set<MailingList>();

    public DbSet<Region> Regions => Set<Region>();

    public DbSet<Subscriber> Subscribers => Set<Subscriber>();

    public DbSet<Subscription> Subscriptions => Set<Subscription>();

    /// <summary>What readers agreed to and took back; see <see cref="ConsentEntry"/>.</summary>
    public DbSet<ConsentEntry> Consents => Set<ConsentEntry>();

    public DbSet<ErasedAddress> ErasedAddresses => Set<ErasedAddress>();

    public DbSet<ErasureKey> ErasureKeys => Set<ErasureKey>();

    public DbSet<ImportRun> Imports => Set<ImportRun>();

    public DbSet<ImportedReject> ImportRejects => Set<ImportedReject>();

    public DbSet<BulkChange> BulkChanges => Set<BulkChange>();

    public DbSet<BulkTouch> BulkTouches => Set<BulkTouch>();

    public DbSet<LegalPage> LegalPages => Set<LegalPage>();

    public DbSet<AddressEncryption> AddressEncryption => Set<AddressEncryption>();

    internal DbSet<RevisionMark> RevisionMarks => Set<RevisionMark>();

    internal DbSet<Revision> Revisions => Set<Revision>();

    /// <summary>Opens contexts to read from, in any process: the same tables, no tracking, no outbox.</summary>
    internal static Func<SubscriptionsDb> ReadOnly(IConfiguration configuration, ILoggerFactory loggers, AddressKeys? keys) =>
        Opener(configuration, loggers, keys, options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));

    /// <summary>Opens contexts that wake no relay, with keys or without.</summary>
    public static Func<SubscriptionsDb> Opener(IConfiguration configuration, ILoggerFactory loggers, AddressKeys? keys, Action<DbContextOptionsBuilder>? configure = null)
    {
        var schema = DatabaseExtensions.SchemaOf<SubscriptionsDb>();
        if (configuration.PostgresConnection() is not null)
        {
            var postgres = Options<PostgresSubscriptionsDb>();
            return () => new PostgresSubscriptionsDb(postgres);
        }

        var sqlite = Options<SqliteSubscriptionsDb>();
        return () => new SqliteSubscriptionsDb(sqlite);

        DbContextOptions<TDb> Options<TDb>() where TDb : SubscriptionsDb
        {
            var builder = new DbContextOptionsBuilder<TDb>();
            builder.UseLoggerFactory(loggers).UseAlertsDatabase(configuration, schema).UseAddressKeys(keys);
            configure?.Invoke(builder);
            return builder.Options;
        }
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        if (AddressKeys is { } keys)
        {
            var subscriber = modelBuilder.Entity<Subscriber>();
            subscriber.Property(s => s.Address).HasConversion(address => keys.Seal(address!), stored => keys.Open(stored));
            subscriber.Property(s => s.NormalizedAddress).HasConversion(address => keys.Hash(address!), stored => stored);
            subscriber.Property(s => s.Move).HasConversion(
                move => keys.Seal(JsonSerializer.Serialize(move, JsonSerializerOptions.Default)),
                stored => JsonSerializer.Deserialize<AddressMove>(keys.Open(stored), JsonSerializerOptions.Default));
        }
    }
}

public sealed class SqliteSubscriptionsDb(DbContextOptions<SqliteSubscriptionsDb> options) : SubscriptionsDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteSubscriptionsDb>(options => new(options));
}

public sealed class PostgresSubscriptionsDb(DbContextOptions<PostgresSubscriptionsDb> options) : SubscriptionsDb(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // By its bytes, as SQLite does: so the index also finds what an address begins with.
        modelBuilder.Entity<Subscriber>().Property(s => s.NormalizedAddress).UseCollation("C");
    }

    internal sealed class DesignTime() : PostgresDesignTime<PostgresSubscriptionsDb>(options => new(options));
}
