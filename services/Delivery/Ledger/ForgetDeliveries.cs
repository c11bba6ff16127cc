using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Ledger;

/// <summary>
/// Lets finished mailings shrink to their counts: who got what, and the text, are forgotten after <see cref="Kept"/>, and not before a month has passed since the events they told of. The batches stay, and with them the books.
/// </summary>
internal sealed class ForgetDeliveries(DeliveryDb db, TimeProvider clock) : IJob
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>A batch at a time keeps each transaction short.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var before = now - Kept;
        var finished = await db.Mailings
            .Where(m => m.CompletedAt < before && db.Contents.Any(c => c.MailingId == m.Id)
                && !db.Tellings.Any(t => t.MailingId == m.Id && db.Tellings.Any(other => other.EventId == t.EventId && other.KeptUntil > now)))
            .OrderBy(m => m.CompletedAt).Select(m => m.Id).Take(1_000).ToListAsync(cancellationToken);
        foreach (var id in finished)
        {
            foreach (var number in await db.Batches.Where(b => b.MailingId == id).Select(b => b.Number).ToListAsync(cancellationToken))
            {
                await db.Rows.Where(r => r.MailingId == id && r.Batch == number).ExecuteDeleteAsync(cancellationToken);
            }

            await db.Tellings.Where(t => t.MailingId == id).ExecuteDeleteAsync(cancellationToken);
            await db.Contents.Where(c => c.MailingId == id).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
