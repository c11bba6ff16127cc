using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Notices.Answers;
using Alerts.Notices.Events;
using Alerts.Notices.Posts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices;

public abstract class NoticesDb(DbContextOptions options) : MailingsDbContext(options)
{
    public override Services Service => Services.Notices;

    public DbSet<NoticedPost> Posts => Set<NoticedPost>();

    public DbSet<NoticedEvent> Events => Set<NoticedEvent>();

    public DbSet<Reminder> Reminders => Set<Reminder>();

    public DbSet<Answer> Answers => Set<Answer>();

    public DbSet<AnswerCount> AnswerCounts => Set<AnswerCount>();

    public override Task<List<Guid>> AttendingAsync(Guid eventId, Guid after, int size, CancellationToken cancellationToken) =>
        Answers.Where(a => a.EventId == eventId && a.Choice == Choice.Coming && a.SubscriberId > after)
            .OrderBy(a => a.SubscriberId).Select(a => a.SubscriberId).Take(size).ToListAsync(cancellationToken);

    public override Task<HashSet<Guid>> AttendingAsync(Guid eventId, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken) =>
        Answers.Where(a => a.EventId == eventId && a.Choice == Choice.Coming && EF.Parameter(subscribers).Contains(a.SubscriberId))
            .Select(a => a.SubscriberId).ToHashSetAsync(cancellationToken);
}

public sealed class SqliteNoticesDb(DbContextOptions<SqliteNoticesDb> options) : NoticesDb(options)
{
    internal sealed class DesignTime() : SqliteDesignTime<SqliteNoticesDb>(options => new(options));
}

public sealed class PostgresNoticesDb(DbContextOptions<PostgresNoticesDb> options) : NoticesDb(options)
{
    internal sealed class DesignTime() : PostgresDesignTime<PostgresNoticesDb>(options => new(options));
}
