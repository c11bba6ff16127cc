using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.SenderDomain;
using Alerts.Delivery.Sending;
using Alerts.Delivery.Told;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery;

public abstract class DeliveryDb(DbContextOptions options) : AlertsDbContext(options)
{
    public override Services Service => Services.Delivery;

    public DbSet<Mailing> Mailings => Set<Mailing>();

    public DbSet<MailingContent> Contents => Set<MailingContent>();

    public DbSet<LedgerBatch> Batches => Set<LedgerBatch>();

    public DbSet<LedgerRow> Rows => Set<LedgerRow>();

    /// <summary>Which events which mailings tell of.</summary>
    public DbSet<Telling> Tellings => Set<Telling>();

    /// <summary>Where mailings to those who were told have looked.</summary>
    public DbSet<ToldPage> ToldPages => Set<ToldPage>();

    public DbSet<ErasedReader> ErasedReaders => Set<ErasedReader>();

    public DbSet<SendingSwitch> SendingSwitches => Set<SendingSwitch>();

    public DbSet<Standstill> Standstills => Set<Standstill>();

    public DbSet<DomainCheck> DomainChecks => Set<DomainCheck>();

    /// <summary>A table's name in SQL of our own.</summary>
    internal string Table(string name) => Database.IsNpgsql() ? $"\"{Schema(Service)}\".\"{name}\"" : $"\"{name}\"";
}

public sealed class SqliteDeliveryDb(DbContextOptions<SqliteDeliveryDb> options) : DeliveryDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteDeliveryDb>(options => new(options));
}

public sealed class PostgresDeliveryDb(DbContextOptions<PostgresDeliveryDb> options) : DeliveryDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresDeliveryDb>(options => new(options));
}
