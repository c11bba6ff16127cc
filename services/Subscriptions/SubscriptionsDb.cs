using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions;

public abstract class SubscriptionsDb(DbContextOptions options) : MailingsDbContext(options)
{
    public override Services Service => Services.Subscriptions;
}

public sealed class SqliteSubscriptionsDb(DbContextOptions<SqliteSubscriptionsDb> options) : SubscriptionsDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteSubscriptionsDb>(options => new(options));
}

public sealed class PostgresSubscriptionsDb(DbContextOptions<PostgresSubscriptionsDb> options) : SubscriptionsDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresSubscriptionsDb>(options => new(options));
}
