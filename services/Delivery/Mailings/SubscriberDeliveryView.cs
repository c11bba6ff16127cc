using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>One of the mails a subscriber was owed, for as long as the ledger remembers who got what: 90 days after its mailing was completed.</summary>
internal sealed record SubscriberDeliveryView(
    Guid MailingId, string Subject, string Kind, string Priority, DateTimeOffset HeardAt, string State, int Attempts, string? LastReply, bool Uncertain, DateTimeOffset? NextAttemptAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The newest first.</summary>
    /// <param name="after">The mailing of the last one of the page before; empty for the first page.</param>
    /// <param name="take">At most 201.</param>
    /// <param name="admin">Replies are shown whole; for others the addresses in them aren't.</param>
    public static async Task<List<SubscriberDeliveryView>> FindAsync(DeliveryDb db, Guid subscriber, Guid after, int take, bool admin, CancellationToken cancellationToken)
    {
        // There is no index by subscriber, which would be one more write for every mail sent: each mailing is asked for her row instead, by its key.
        var mailings = db.Mailings.AsNoTracking();
        if (after != Guid.Empty)
        {
            var last = await db.Mailings.Where(m => m.Id == after).Select(m => (DateTimeOffset?)m.HeardAt).FirstOrDefaultAsync(cancellationToken);
            mailings = mailings.Where(m => m.HeardAt < last || (m.HeardAt == last && m.Id < after));
        }

        var found = await mailings
            .Where(m => db.Rows.Any(r => r.MailingId == m.Id && r.SubscriberId == subscriber))
            .OrderByDescending(m => m.HeardAt).ThenByDescending(m => m.Id)
            .Take(take)
            .Select(m => new
            {
                Mailing = m,
                Row = db.Rows.First(r => r.MailingId == m.Id && r.SubscriberId == subscriber),
                Held = db.Rows.Any(r => r.MailingId == m.Id && r.SubscriberId == subscriber && db.Batches.Any(b => b.MailingId == m.Id && b.Number == r.Batch && b.Owner != null)),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. found.Select(f => new SubscriberDeliveryView(
                f.Mailing.Id,
                f.Mailing.Subject,
                f.Mailing.Kind,
                f.Mailing.Lane?.Word() ?? "",
                f.Mailing.HeardAt,
                (f is { Row.State: DeliveryState.Queued, Held: true } ? DeliveryState.Sending : f.Row.State).Word(),
                f.Row.Attempts,
                admin || f.Row.LastReply is null ? f.Row.LastReply : RepliesView.WithoutAddresses(f.Row.LastReply),
                f.Row.Uncertain,
                f.Row.NextAttemptAt,
                f.Row.UpdatedAt)),
        ];
    }
}
