using Alerts.Contracts;
using Alerts.Delivery.Mailings;
using Alerts.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Told;

/// <summary>What mailings tell of events, and which of them are old news.</summary>
internal static class Tellings
{
    /// <summary>Whoever was told is known for so long after the event's end.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>
    /// Lets one mailing of an event be taken at a time, until the transaction ends: of an announcement and a change that come at the same moment, one sees the other.
    /// SQLite has one writer and needs no lock.
    /// </summary>
    public static async Task LockAsync(DeliveryDb db, IReadOnlyCollection<ToldEvent> tells, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            foreach (var id in tells.Select(t => t.EventId.ToString()).Distinct().Order(StringComparer.Ordinal))
            {
                await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({id}, 0))", cancellationToken);
            }
        }
    }

    /// <summary>
    /// Records what a mailing tells that was just prepared. A change or a cancellation calls off the notices of older versions, whether they came before it or come after;
    /// a digest goes on, and whoever it told what was old by then is told after it.
    /// </summary>
    public static async Task TakeAsync(DeliveryDb db, Mailing mailing, IReadOnlyCollection<ToldEvent> tells, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.Tellings.AddRange(tells.DistinctBy(t => t.EventId).Select(t => new Telling { MailingId = mailing.Id, EventId = t.EventId, Version = t.Version, KeptUntil = t.EndsAt + Kept }));
        await db.SaveChangesAsync(cancellationToken);
        foreach (var (id, version, _) in tells)
        {
            if (Supersedes(mailing.Kind))
            {
                foreach (var earlier in await NoticesBefore(db, id, version).Where(m => m.CompletedAt == null && m.CancelledAt == null).Select(m => m.Id).Order().ToListAsync(cancellationToken))
                {
                    CallOff(db, await Mailing.LockAsync(db, earlier, now, exclusive: true, cancellationToken), mailing.Kind, now);
                }
            }

            var newer = await NewestAsync(db, id, version, cancellationToken);
            if (newer is not null && IsNotice(mailing.Kind))
            {
                CallOff(db, mailing, newer.Kind, now);
            }
            else if (newer is not null)
            {
                await TellAfterAsync(db, newer.Id, now, cancellationToken);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whether what it tells of an event is old news by now: then it isn't sent again.</summary>
    public static async Task<bool> OutdatedAsync(DeliveryDb db, Guid mailingId, CancellationToken cancellationToken)
    {
        foreach (var telling in await db.Tellings.Where(t => t.MailingId == mailingId).ToListAsync(cancellationToken))
        {
            if (await NewestAsync(db, telling.EventId, telling.Version, cancellationToken) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The one mailing tells what the other does.</summary>
    public static async Task CopyAsync(DeliveryDb db, Guid from, Guid to, CancellationToken cancellationToken)
    {
        foreach (var telling in await db.Tellings.AsNoTracking().Where(t => t.MailingId == from).ToListAsync(cancellationToken))
        {
            db.Tellings.Add(new Telling { MailingId = to, EventId = telling.EventId, Version = telling.Version, KeptUntil = telling.KeptUntil });
        }
    }

    /// <summary>A change or a cancellation.</summary>
    public static bool Supersedes(string kind) => kind is MailingKind.Change or MailingKind.Cancellation;

    private static bool IsNotice(string kind) => kind is MailingKind.Announcement or MailingKind.Reminder or MailingKind.Change or MailingKind.Invitation;

    private static IQueryable<Mailing> NoticesBefore(DeliveryDb db, Guid eventId, int version) =>
        db.Tellings.Where(t => t.EventId == eventId && t.Version < version)
            .Join(db.Mailings, t => t.MailingId, m => m.Id, (t, m) => m)
            .Where(m => m.Kind == MailingKind.Announcement || m.Kind == MailingKind.Reminder || m.Kind == MailingKind.Change || m.Kind == MailingKind.Invitation);

    /// <summary>The last change or cancellation that is newer than a version; null when there is none.</summary>
    private static async Task<Mailing?> NewestAsync(DeliveryDb db, Guid eventId, int version, CancellationToken cancellationToken) =>
        await db.Tellings.Where(t => t.EventId == eventId && t.Version > version)
            .Join(db.Mailings, t => t.MailingId, m => m.Id, (t, m) => new { t.Version, Mailing = m })
            .Where(t => t.Mailing.Kind == MailingKind.Change || t.Mailing.Kind == MailingKind.Cancellation)
            .OrderByDescending(t => t.Version).ThenBy(t => t.Mailing.HeardAt)
            .Select(t => t.Mailing)
            .FirstOrDefaultAsync(cancellationToken);

    private static void CallOff(DeliveryDb db, Mailing mailing, string because, DateTimeOffset now)
    {
        if (mailing.Cancel("delivery", because == MailingKind.Cancellation ? "the event was cancelled" : "the event was changed, and a newer mail says how", now))
        {
            db.Enqueue(new MailingCancelled { MailingId = mailing.Id, By = mailing.CancelledBy!, Why = mailing.CancelledWhy!, CancelledAt = now }, now);
        }
    }

    /// <summary>
    /// A digest begins to tell what a change or a cancellation has made old: that one goes on to look for those who were told or, when its books are closed, is caused anew.
    /// </summary>
    private static async Task TellAfterAsync(DeliveryDb db, Guid newer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mailing = await Mailing.LockAsync(db, newer, now, exclusive: true, cancellationToken);
        if (mailing.ExpiresAt <= now || mailing.CancelledAt is not null)
        {
            return;
        }

        if (mailing.CompletedAt is null)
        {
            mailing.OpenTold();
            return;
        }

        var before = $"told/{newer}/";
        var again = await db.Mailings.Where(m => m.Cause.StartsWith(before)).OrderByDescending(m => m.HeardAt).ToListAsync(cancellationToken);
        if (again.Find(m => m.CompletedAt is null) is { } open)
        {
            (await Mailing.LockAsync(db, open.Id, now, exclusive: true, cancellationToken)).OpenTold();
            return;
        }

        if (await db.Contents.AsNoTracking().FirstOrDefaultAsync(c => c.MailingId == newer, cancellationToken) is not { } content)
        {
            return;
        }

        var cause = $"{before}{again.Count + 1}";
        var id = MailingId.Of(cause);
        var prepared = Resend.Prepared(mailing, content, id, cause, now) with { ToThoseTold = mailing.ToThoseTold };
        var follower = new Mailing { Id = id, HeardAt = now };
        follower.Prepare(prepared);
        follower.Seal(new MailingSealed { MailingId = id, Batches = 0, Recipients = 0, Candidates = 0, Excluded = new Dictionary<string, long>() }, now);
        db.Mailings.Add(follower);
        db.Contents.Add(MailingContent.Of(prepared));
        await CopyAsync(db, newer, id, cancellationToken);
    }
}
