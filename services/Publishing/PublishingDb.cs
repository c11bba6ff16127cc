using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing;

public abstract class PublishingDb(DbContextOptions options) : AlertsDbContext(options)
{
    public override Services Service => Services.Publishing;
}

public sealed class SqlitePublishingDb(DbContextOptions<SqlitePublishingDb> options) : PublishingDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqlitePublishingDb>(options => new(options));
}

public sealed class PostgresPublishingDb(DbContextOptions<PostgresPublishingDb> options) : PublishingDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresPublishingDb>(options => new(options));
}
