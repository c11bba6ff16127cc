using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>What people decide about a mailing under way. Senders heed it within a second.</summary>
internal static class Decisions
{
    /// <summary>Calls it off: what hasn't been handed over stays unsent, and its makers are told. Null when there is no such mailing.</summary>
    public static Task<bool?> CancelAsync(DeliveryDb db, Guid id, string by, string why, DateTimeOffset now, CancellationToken cancellationToken) =>
        DecideAsync(
            db,
            id,
            mailing =>
            {
                var cancelled = mailing.Cancel(by, why, now);
                if (cancelled)
                {
                    db.Enqueue(new MailingCancelled { MailingId = id, By = mailing.CancelledBy!, Why = mailing.CancelledWhy!, CancelledAt = now }, now);
                }

                return cancelled || mailing.CancelledAt is not null;
            },
            now,
            cancellationToken);

    /// <summary>Nothing more of it leaves until it is resumed.</summary>
    public static Task<bool?> PauseAsync(DeliveryDb db, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        DecideAsync(db, id, mailing => mailing.Pause(now), now, cancellationToken);

    public static Task<bool?> ResumeAsync(DeliveryDb db, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        DecideAsync(db, id, mailing => mailing.Resume(), now, cancellationToken);

    private static async Task<bool?> DecideAsync(DeliveryDb db, Guid id, Func<Mailing, bool> decide, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await db.Mailings.AnyAsync(m => m.Id == id, cancellationToken))
        {
            return null;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var decided = decide(await Mailing.LockAsync(db, id, now, exclusive: true, cancellationToken));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return decided;
    }
}
