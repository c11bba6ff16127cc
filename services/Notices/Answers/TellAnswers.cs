using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Notices.Events;
using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Answers;

/// <summary>Every few seconds: tells Publishing how the answers stand, and sends those who newly come the event's entry for their calendars, many in one mailing.</summary>
internal sealed class TellAnswers(NoticesDb db, NoticeMail mail, TimeProvider clock) : IJob
{
    private const int AtOnce = 500;

    /// <summary>Of one mailing; the next run goes on.</summary>
    private const int Most = 10 * OutgoingMailing.PageSize;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await db.AnswerCounts.Where(c => c.ReportAt != null).OrderBy(c => c.ReportAt).Select(c => c.EventId).Take(AtOnce).ToListAsync(cancellationToken))
        {
            await ReportAsync(id, cancellationToken);
        }

        var now = clock.GetUtcNow();
        foreach (var id in await db.Answers.Where(a => a.InviteAt <= now).Select(a => a.EventId).Distinct().OrderBy(id => id).Take(AtOnce).ToListAsync(cancellationToken))
        {
            await InviteAsync(id, now, cancellationToken);
        }
    }

    private async Task ReportAsync(Guid eventId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await AnswerCount.LockAsync(db, eventId, cancellationToken) is { ReportAt: not null } counts)
        {
            var now = clock.GetUtcNow();
            counts.Reported();
            db.Enqueue(new EventAnswersCounted { EventId = eventId, Coming = counts.Coming, Maybe = counts.Maybe, NotComing = counts.No, CountedAt = now }, now);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        db.ChangeTracker.Clear();
    }

    private async Task InviteAsync(Guid eventId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var counts = await AnswerCount.LockAsync(db, eventId, cancellationToken);
        var coming = await db.Answers.Where(a => a.EventId == eventId && a.InviteAt <= now).OrderBy(a => a.SubscriberId).Take(Most).ToListAsync(cancellationToken);
        var noticed = await db.Events.AsNoTracking().FirstOrDefaultAsync(e => e.EventId == eventId, cancellationToken);
        coming.ForEach(a => a.InviteAt = null);
        if (counts is not null && noticed is not null && coming.Count > 0 && Answering.IsOpen(noticed, now))
        {
            var prepared = await mail.InvitationAsync(noticed, counts.NextInvitation(), now, cancellationToken);
            var mailing = OutgoingMailing.Prepare(db, prepared, noticed.AudienceRevision, fansOut: false);
            foreach (var page in coming.Chunk(OutgoingMailing.PageSize))
            {
                mailing.AddBatch(db, [.. page.Select(a => new Recipient { SubscriberId = a.SubscriberId, Attends = true })], new Dictionary<string, long>(), now);
            }

            await mailing.SealAsync(db, now, cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }
}
