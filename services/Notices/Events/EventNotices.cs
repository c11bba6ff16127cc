using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Notices.Answers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Events;

/// <summary>Owes readers what is due about an event. It decides and records; the caller saves.</summary>
public sealed class EventNotices(NoticesDb db, NoticeMail mail, IAudience audience)
{
    /// <summary>The row of an event, known from now on if it wasn't.</summary>
    public async Task<NoticedEvent> FindAsync(Guid eventId, CancellationToken cancellationToken)
    {
        if (await db.Events.FindAsync([eventId], cancellationToken) is { } known)
        {
            return known;
        }

        var noticed = new NoticedEvent { EventId = eventId };
        db.Events.Add(noticed);
        db.AnswerCounts.Add(new AnswerCount { EventId = eventId });
        return noticed;
    }

    /// <summary>Prepares the mailing that is due, if one is, and plans the reminders anew.</summary>
    public async Task TellAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);

        if (noticed.DueAt <= now)
        {
            var notice = noticed.Due(now);
            var mailing = notice switch
            {
                Notice.Announcement => await AnnounceAsync(noticed, now, cancellationToken),
                Notice.Change => await ChangeAsync(noticed, now, cancellationToken),
                Notice.Cancellation => await CancelAsync(noticed, now, cancellationToken),
                _ => null,
            };
            noticed.Settle(notice, mailing?.Id);
        }

        await PlanAsync(noticed, now, cancellationToken);
    }

    /// <summary>Sends the reminders of an event that are due. After an outage, of several only the last: the others say less.</summary>
    public async Task RemindAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);

        var due = await db.Reminders.Where(r => r.EventId == noticed.EventId && r.SettledAt == null && r.DueAt <= now).OrderBy(r => r.DueAt).ToListAsync(cancellationToken);
        foreach (var reminder in due)
        {
            var pointless = reminder != due[^1] || db.Entry(reminder).State == EntityState.Deleted || noticed.Cancelled || noticed.ToldVersion == 0 || reminder.StartsAt != noticed.Event.StartsAt || reminder.StartsAt <= now;
            reminder.Settle(pointless ? null : (await RemindAsync(noticed, reminder, now, cancellationToken)).Id, now);
        }
    }

    private async Task<OutgoingMailing> AnnounceAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var prepared = await mail.AnnouncementAsync(noticed, now, cancellationToken);
        return OutgoingMailing.PrepareNotice(db, prepared, noticed.EventId, noticed.Event.Regions, noticed.AudienceRevision, attending: false);
    }

    /// <summary>To those who were told and, where the announcement hasn't reached all yet or the event concerns more people than before, to the audience.</summary>
    private async Task<OutgoingMailing> ChangeAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var announcement = await db.Mailings.FindAsync([noticed.AnnouncementId ?? Guid.Empty], cancellationToken);
        var widened = noticed.Event.Lists.Except(noticed.Told!.Lists).Any() || !Covers(noticed.Told.Regions, noticed.Event.Regions);
        var prepared = await mail.ChangeAsync(noticed, now, cancellationToken);
        return OutgoingMailing.PrepareNotice(
            db, prepared, noticed.EventId, announcement is { CompletedAt: null, CancelledAt: null } || widened ? noticed.Event.Regions : null, noticed.AudienceRevision, attending: true);
    }

    private async Task<OutgoingMailing> CancelAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var prepared = await mail.CancellationAsync(noticed, now, cancellationToken);
        return OutgoingMailing.PrepareNotice(db, prepared, noticed.EventId, regions: null, noticed.AudienceRevision, attending: true);
    }

    /// <summary>To those who were told and those who joined since, or only to those who come.</summary>
    private async Task<OutgoingMailing> RemindAsync(NoticedEvent noticed, Reminder reminder, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var prepared = await mail.ReminderAsync(noticed, reminder, now, cancellationToken);
        var revision = await audience.CurrentRevisionAsync(cancellationToken);
        return OutgoingMailing.PrepareNotice(db, prepared, noticed.EventId, noticed.Event.RemindOnlyComing ? null : noticed.Event.Regions, revision, attending: true);
    }

    /// <summary>Reminders move with the event: those that wait for another start than it has now are dropped. What would have been due before is not made up for.</summary>
    private async Task PlanAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var wanted = noticed.Reminders(now).ToDictionary(r => r.Before, r => r.DueAt);
        var planned = await db.Reminders.Where(r => r.EventId == noticed.EventId).ToListAsync(cancellationToken);
        db.Reminders.RemoveRange(planned.Where(r => r.SettledAt is null && (r.StartsAt != noticed.Event.StartsAt || !wanted.ContainsKey(r.Before))));
        foreach (var (before, due) in wanted.Where(w => w.Value > now && !planned.Exists(r => r.Before == w.Key && r.StartsAt == noticed.Event.StartsAt)))
        {
            db.Reminders.Add(new Reminder { EventId = noticed.EventId, Before = before, StartsAt = noticed.Event.StartsAt, DueAt = due });
        }
    }

    private static bool Covers(IReadOnlyList<string> regions, IReadOnlyList<string> others) => regions.Count == 0 || (others.Count > 0 && !others.Except(regions).Any());
}
