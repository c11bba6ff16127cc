using Alerts.Contracts;
using Alerts.Digests.Backlogs;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Digests.Events;
using Alerts.Digests.Posts;
using Alerts.Digests.Readers;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests;

public abstract class DigestsDb(DbContextOptions options) : MailingsDbContext(options)
{
    public override Services Service => Services.Digests;

    public DbSet<FiledPost> Posts => Set<FiledPost>();

    public DbSet<FilingCounter> FilingCounter => Set<FilingCounter>();

    public DbSet<Backlog> Backlogs => Set<Backlog>();

    public DbSet<Reader> Readers => Set<Reader>();

    public DbSet<SweepPlace> SweepPlace => Set<SweepPlace>();

    public DbSet<Cut> Cuts => Set<Cut>();

    public DbSet<Stretch> Stretches => Set<Stretch>();

    public DbSet<Edition> Editions => Set<Edition>();

    public DbSet<Introduction> Introductions => Set<Introduction>();

    public DbSet<FiledEvent> Events => Set<FiledEvent>();

    public DbSet<Hold> Holds => Set<Hold>();

    public DbSet<CutRequest> CutRequests => Set<CutRequest>();
}

public sealed class SqliteDigestsDb(DbContextOptions<SqliteDigestsDb> options) : DigestsDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteDigestsDb>(options => new(options));
}

public sealed class PostgresDigestsDb(DbContextOptions<PostgresDigestsDb> options) : DigestsDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresDigestsDb>(options => new(options));
}
