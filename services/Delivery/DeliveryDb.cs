using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery;

public abstract class DeliveryDb(DbContextOptions options) : AlertsDbContext(options)
{
    public override Services Service => Services.Delivery;
}

public sealed class SqliteDeliveryDb(DbContextOptions<SqliteDeliveryDb> options) : DeliveryDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteDeliveryDb>(options => new(options));
}

public sealed class PostgresDeliveryDb(DbContextOptions<PostgresDeliveryDb> options) : DeliveryDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresDeliveryDb>(options => new(options));
}
