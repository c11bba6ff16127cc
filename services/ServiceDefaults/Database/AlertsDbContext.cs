using Alerts.Contracts;
using Alerts.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Alerts.ServiceDefaults.Database;

/// <summary>What every service's database has in common: UTC instants, an outbox, and the messages it has taken.</summary>
public abstract class AlertsDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>The service that owns this database. Its name in lower case is the schema on PostgreSQL and the file on SQLite.</summary>
    public abstract Services Service { get; }

    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    public DbSet<TakenMessage> TakenMessages => Set<TakenMessage>();

    /// <summary>True from <see cref="Enqueue"/> until the commit; tells the waker that there is something to relay.</summary>
    internal bool HasNews { get; set; }

    /// <summary>Queues a message; it reaches the bus only if the next save commits. The clock gives <paramref name="now"/>.</summary>
    /// <param name="rank">See <see cref="OutboxMessage.Rank"/>.</param>
    public void Enqueue<T>(T message, DateTimeOffset now, short rank = 0) where T : class
    {
        Outbox.Add(OutboxMessage.Of(message, now, rank));
        HasNews = true;
    }

#if !DEBUG
    /// <summary>
    /// For each row, EF notes which call is using the context: a third of all that a cut of digests allocates. Debug builds look, and so all tests do.
    /// </summary>
    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder)
    {
        ArgumentNullException.ThrowIfNull(optionsBuilder);

        optionsBuilder.EnableThreadSafetyChecks(false);
    }

#endif
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);

        // SQLite can't compare or sort DateTimeOffset, so instants are stored as UTC DateTime on both databases.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        if (Database.IsNpgsql())
        {
            modelBuilder.HasDefaultSchema(Schema(Service));
        }

        modelBuilder.ApplyConfiguration(new OutboxMessage.Mapping());
        modelBuilder.ApplyConfiguration(new TakenMessage.Mapping());
        modelBuilder.ApplyConfigurationsFromAssembly(GetType().Assembly, type => type.Namespace != typeof(AlertsDbContext).Namespace && type.Assembly != typeof(AlertsDbContext).Assembly);
    }

    /// <summary>The schema, file and queue name of a service.</summary>
    public static string Schema(Services service) => service.ToString().ToLowerInvariant();

    internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
        instant => instant.UtcDateTime,
        stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));
}
