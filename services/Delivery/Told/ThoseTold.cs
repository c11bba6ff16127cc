using System.Linq.Expressions;
using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Told;

/// <summary>Where the ledger has those who were told of an event before a mailing tells them more.</summary>
/// <param name="Reminds">A reminder goes to whoever was told, in whichever version; a change or a cancellation to whoever was told an older one.</param>
/// <param name="Same">The mailing itself and those caused anew by it: who is among their recipients needn't be told again.</param>
internal sealed record ThoseTold(Guid EventId, int Version, bool Reminds, List<Guid> Same)
{
    public static async Task<ThoseTold> OfAsync(DeliveryDb db, Mailing mailing, CancellationToken cancellationToken)
    {
        var id = mailing.ToThoseTold!.Value;
        var version = await db.Tellings.Where(t => t.MailingId == mailing.Id && t.EventId == id).Select(t => (int?)t.Version).SingleOrDefaultAsync(cancellationToken) ?? int.MaxValue;
        if (!Tellings.Supersedes(mailing.Kind))
        {
            return new ThoseTold(id, version, Reminds: true, [mailing.Id]);
        }

        var same = await db.Tellings.Where(t => t.EventId == id && t.Version == version)
            .Join(db.Mailings, t => t.MailingId, m => m.Id, (t, m) => m)
            .Where(m => m.ToThoseTold == id && m.Kind == mailing.Kind)
            .Select(m => m.Id).ToListAsync(cancellationToken);
        return new ThoseTold(id, version, Reminds: false, [.. same.Append(mailing.Id).Distinct()]);
    }

    /// <summary>The batches that told of it and weren't looked into yet.</summary>
    public IQueryable<LedgerBatch> Unseen(DeliveryDb db) =>
        Tellers(db).SelectMany(t => db.Batches.Where(b =>
            b.MailingId == t.MailingId && !db.ToldPages.Any(p => Same.Contains(p.MailingId) && p.TellerId == b.MailingId && p.TellerBatch == b.Number)));

    /// <summary>
    /// Nothing of the batch is being handed over: all of it has ended or, in a mailing that goes on (a digest), some of it was handed over and nobody holds the rest.
    /// </summary>
    public static Expression<Func<LedgerBatch, bool>> IsQuiet(DeliveryDb db) => b =>
        b.Queued + b.Deferred == 0
        || ((b.Queued == 0 || (b.Owner == null && b.Queued < b.Recipients)) && db.Mailings.Any(m => m.Id == b.MailingId && m.CancelledAt == null));

    /// <summary>A mailing that told of it isn't all there, or has batches that weren't looked into. Reminders don't wait for each other.</summary>
    public async Task<bool> MoreToComeAsync(DeliveryDb db, CancellationToken cancellationToken) =>
        await Unseen(db).AnyAsync(cancellationToken)
        || await Tellers(db).Join(db.Mailings, t => t.MailingId, m => m.Id, (t, m) => m)
            .Where(m => !Reminds || m.Kind != MailingKind.Reminder)
            .AnyAsync(
                m => m.SealedAt == null || (m.ToThoseTold != null && m.ToldSealedAt == null) || db.Batches.Count(b => b.MailingId == m.Id) < m.SealedBatches + m.ToldBatches,
                cancellationToken);

    private IQueryable<Telling> Tellers(DeliveryDb db) =>
        db.Tellings.Where(t => t.EventId == EventId && (t.Version < Version || (Reminds && t.Version == Version)) && !Same.Contains(t.MailingId));
}
