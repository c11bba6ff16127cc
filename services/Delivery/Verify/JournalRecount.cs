using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Verify;

/// <summary>
/// What the journals that nobody holds say of a mailing, beside its rows. A journal under its owner's lock isn't read: what it holds concerns batches that its owner
/// has under lease, or is in the ledger by now.
/// </summary>
/// <param name="Unfolded">Replies that whoever runs Delivery next will take over.</param>
/// <param name="Denied">Replies of a relay whose rows ended as if there had been none.</param>
internal sealed record JournalRecount(int Unfolded, int Denied)
{
    private static readonly JournalRecount Nothing = new(0, 0);

    public static async Task<Dictionary<Guid, JournalRecount>> ReadAsync(DeliveryDb db, string folder, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, JournalRecount>();
        foreach (var journal in AbandonedJournals.Open(folder, exceptOwner: Guid.Empty))
        {
            using (journal)
            {
                foreach (var part in journal.Read(now).GroupBy(o => o.Batch.MailingId).SelectMany(g => g.Chunk(500)))
                {
                    var mailing = part[0].Batch.MailingId;
                    found[mailing] = await CompareAsync(db, mailing, part, found.GetValueOrDefault(mailing, Nothing), cancellationToken);
                }
            }
        }

        return found;
    }

    private static async Task<JournalRecount> CompareAsync(DeliveryDb db, Guid mailing, Outcome[] outcomes, JournalRecount so, CancellationToken cancellationToken)
    {
        var readers = outcomes.Select(o => o.SubscriberId).ToList();
        var rows = await db.Rows.AsNoTracking()
            .Where(r => r.MailingId == mailing && EF.Parameter(readers).Contains(r.SubscriberId))
            .Select(r => new { r.SubscriberId, r.State, r.Attempts })
            .ToDictionaryAsync(r => r.SubscriberId, cancellationToken);
        foreach (var outcome in outcomes)
        {
            if (rows.GetValueOrDefault(outcome.SubscriberId) is not { } row || row.Attempts > outcome.AttemptsBefore)
            {
                continue; // It is in the ledger, or the ledger has forgotten it.
            }

            so = row.State.IsFinal() && outcome.State == DeliveryState.Accepted ? so with { Denied = so.Denied + 1 } : so with { Unfolded = so.Unfolded + 1 };
        }

        return so;
    }
}
