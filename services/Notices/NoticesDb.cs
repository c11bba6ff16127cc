using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Notices.Posts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices;

public abstract class NoticesDb(DbContextOptions options) : MailingsDbContext(options)
{
    public override Services Service => Services.Notices;

    public DbSet<NoticedPost> Posts => Set<NoticedPost>();
}

public sealed class SqliteNoticesDb(DbContextOptions<SqliteNoticesDb> options) : NoticesDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteNoticesDb>(options => new(options));
}

public sealed class PostgresNoticesDb(DbContextOptions<PostgresNoticesDb> options) : NoticesDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresNoticesDb>(options => new(options));
}
