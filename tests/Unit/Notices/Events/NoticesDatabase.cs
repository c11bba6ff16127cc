using System.Text.Json;
using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Notices;
using Alerts.Notices.Events;
using Alerts.ServiceDefaults;
using Alerts.Tests.Unit.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Notices.Events;

/// <summary>The tables of Notices in a SQLite file of their own, and its consumers without a bus.</summary>
internal sealed class NoticesDatabase : IAsyncDisposable
{
    private readonly string file = Path.Combine(Path.GetTempPath(), $"notices-{Guid.NewGuid():N}.db");

    private NoticesDatabase()
    {
    }

    public FakeTimeProvider Clock { get; } = new(GivenEvent.Now);

    public static NoticeMail Mail { get; } = new(
        Given.Templates, new AudienceModel(), Given.Options, Options.Create(new MailOptions { From = "River Watch <news@example.org>", PostalAddress = "12 Long Street, Oslo" }));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<NoticesDatabase> CreateAsync()
    {
        var database = new NoticesDatabase();
        await using var db = database.Open();
        await db.Database.MigrateAsync(Stop);
        return database;
    }

    public SqliteNoticesDb Open() => new(new DbContextOptionsBuilder<SqliteNoticesDb>().UseSqlite($"Data Source={file}").Options);

    /// <summary>Hears a message at <paramref name="now"/>, whatever the clock says.</summary>
    public Task HearAsync(DateTimeOffset now, object message) => HearAsync(new FakeTimeProvider(now), message);

    public Task HearAsync(params object[] messages) => HearAsync(Clock, messages);

    private async Task HearAsync(TimeProvider clock, params object[] messages)
    {
        foreach (var message in messages)
        {
            await using var db = Open();
            var notices = new EventNotices(db, Mail, new AudienceModel());
            await (message switch
            {
                EventAnnounced announced => new EventAnnouncedConsumer(db, notices, clock).Consume(Given.Context(announced)),
                EventChanged changed => new EventChangedConsumer(db, notices, Options.Create(new NoticeOptions()), clock).Consume(Given.Context(changed)),
                EventCancelled cancelled => new EventCancelledConsumer(db, notices, clock).Consume(Given.Context(cancelled)),
                _ => throw new ArgumentException($"Nobody hears {message}.", nameof(messages)),
            });
        }
    }

    /// <summary>What the job does, at <paramref name="now"/>.</summary>
    public async Task SweepAsync(DateTimeOffset now)
    {
        Clock.SetUtcNow(now);
        List<Guid> due;
        await using (var db = Open())
        {
            due = await SendDueNotices.DueAsync(db, now, Stop);
        }

        foreach (var id in due)
        {
            await using var db = Open();
            await SendDueNotices.SendAsync(db, new EventNotices(db, Mail, new AudienceModel()), id, now, Stop);
        }
    }

    public async Task<List<MailingPrepared>> SentAsync()
    {
        await using var db = Open();
        var bodies = await db.Outbox.Where(m => m.Type == nameof(MailingPrepared)).OrderBy(m => m.Id).Select(m => m.Body).ToListAsync(Stop);
        return [.. bodies.Select(body => JsonSerializer.Deserialize<MailingPrepared>(body)!)];
    }

    public async Task<List<OutgoingMailing>> MailingsAsync()
    {
        await using var db = Open();
        return await db.Mailings.OrderBy(m => m.PreparedAt).ToListAsync(Stop);
    }

    public async Task<List<Reminder>> RemindersAsync()
    {
        await using var db = Open();
        return await db.Reminders.OrderBy(r => r.DueAt).ToListAsync(Stop);
    }

    public ValueTask DisposeAsync()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(file);
        return ValueTask.CompletedTask;
    }
}
