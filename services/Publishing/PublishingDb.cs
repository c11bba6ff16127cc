using Alerts.Contracts;
using Alerts.Publishing.Editor;
using Alerts.Publishing.Events;
using Alerts.Publishing.Images;
using Alerts.Publishing.Posts;
using Alerts.Publishing.Sources;
using Alerts.Publishing.Webhooks;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing;

public abstract class PublishingDb(DbContextOptions options) : AlertsDbContext(options)
{
    public override Services Service => Services.Publishing;

    public DbSet<Post> Posts => Set<Post>();

    public DbSet<PostDelivery> PostDeliveries => Set<PostDelivery>();

    public DbSet<Event> Events => Set<Event>();

    public DbSet<EventAnswers> EventAnswers => Set<EventAnswers>();

    public DbSet<EventDelivery> EventDeliveries => Set<EventDelivery>();

    public DbSet<PostVersion> PostVersions => Set<PostVersion>();

    public DbSet<WorkingCopy> WorkingCopies => Set<WorkingCopy>();

    public DbSet<UploadedImage> Images => Set<UploadedImage>();

    public DbSet<Source> Sources => Set<Source>();

    public DbSet<ImportedFeed> ImportedFeeds => Set<ImportedFeed>();

    public DbSet<Webhook> Webhooks => Set<Webhook>();

    public DbSet<WebhookCall> WebhookCalls => Set<WebhookCall>();
}

public sealed class SqlitePublishingDb(DbContextOptions<SqlitePublishingDb> options) : PublishingDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqlitePublishingDb>(options => new(options));
}

public sealed class PostgresPublishingDb(DbContextOptions<PostgresPublishingDb> options) : PublishingDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresPublishingDb>(options => new(options));
}
