using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests;

public abstract class DigestsDb(DbContextOptions options) : MailingsDbContext(options)
{
    public override Services Service => Services.Digests;
}

public sealed class SqliteDigestsDb(DbContextOptions<SqliteDigestsDb> options) : DigestsDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteDigestsDb>(options => new(options));
}

public sealed class PostgresDigestsDb(DbContextOptions<PostgresDigestsDb> options) : DigestsDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresDigestsDb>(options => new(options));
}
