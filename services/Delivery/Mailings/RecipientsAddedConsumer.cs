using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>Writes a page of readers into the ledger, where it waits for its turn.</summary>
public sealed class RecipientsAddedConsumer(DeliveryDb db, WorkSignal work, TimeProvider clock) : IConsumer<RecipientsAdded>
{
    public async Task Consume(ConsumeContext<RecipientsAdded> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var added = context.Message;
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);

        // The lock keeps the mailing from being prepared between our look at its lane and our commit.
        var mailing = await Mailing.LockAsync(db, added.MailingId, now, exclusive: false, context.CancellationToken);
        if (mailing.CompletedAt is null && !await db.Batches.AnyAsync(b => b.MailingId == added.MailingId && b.Number == added.Batch, context.CancellationToken))
        {
            var there = mailing.ToThoseTold is not null || mailing.PreparedAt is null ? await ThereAlreadyAsync(added, context.CancellationToken) : [];
            var erased = await db.ErasedAmongAsync([.. added.Recipients.Where(r => r.Name is not null || r.Address is not null).Select(r => r.SubscriberId)], context.CancellationToken);
            var rows = added.Recipients.Where(r => there.Add(r.SubscriberId))
                .Select(r => Row(added, erased.Contains(r.SubscriberId) ? r with { Name = null, Address = null } : r, now)).ToList();
            db.Batches.Add(LedgerBatch.Of(added.MailingId, added.Batch, rows.Count, mailing.Lane, now, twice: added.Recipients.Count - rows.Count));
            await db.SaveChangesAsync(context.CancellationToken);
            await db.InsertManyAsync(rows, context.CancellationToken);
            if (rows.Count == 0)
            {
                await Closing.TryCompleteAsync(db, added.MailingId, now, context.CancellationToken);
            }
        }

        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        work.Wake();
    }

    /// <summary>Who of the batch is among the mailing's recipients already: in another batch of its maker, or as one who was told.</summary>
    private async Task<HashSet<Guid>> ThereAlreadyAsync(RecipientsAdded added, CancellationToken cancellationToken)
    {
        var ids = added.Recipients.Select(r => r.SubscriberId).ToList();
        return await db.Rows.Where(r => r.MailingId == added.MailingId && EF.Parameter(ids).Contains(r.SubscriberId)).Select(r => r.SubscriberId).ToHashSetAsync(cancellationToken);
    }

    private static LedgerRow Row(RecipientsAdded added, Recipient recipient, DateTimeOffset now) => new()
    {
        MailingId = added.MailingId,
        SubscriberId = recipient.SubscriberId,
        Batch = added.Batch,
        Name = recipient.Name?.Replace("\0", "", StringComparison.Ordinal).Truncate(200),
        Address = recipient.Address?.Replace("\0", "", StringComparison.Ordinal).Truncate(320),
        Attends = recipient.Attends,
        UpdatedAt = now,
    };

    internal sealed class Definition() : TakingDefinition<RecipientsAddedConsumer, RecipientsAdded, DeliveryDb>("alerts.delivery.recipients-added");
}
