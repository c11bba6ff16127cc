using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults.Bus;
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
            db.Batches.Add(LedgerBatch.Of(added.MailingId, added.Batch, added.Recipients.Count, mailing.Lane, now));
            await db.SaveChangesAsync(context.CancellationToken);
            await Batches.InsertRowsAsync(db, added.Recipients.Select(r => Row(added, r, now)), context.CancellationToken);
        }

        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        work.Wake();
    }

    private static LedgerRow Row(RecipientsAdded added, Recipient recipient, DateTimeOffset now) => new()
    {
        MailingId = added.MailingId,
        SubscriberId = recipient.SubscriberId,
        Batch = added.Batch,
        Name = recipient.Name?.Replace("\0", "", StringComparison.Ordinal).Truncate(200),
        Address = recipient.Address?.Replace("\0", "", StringComparison.Ordinal).Truncate(320),
        UpdatedAt = now,
    };

    internal sealed class Definition() : TakingDefinition<RecipientsAddedConsumer, RecipientsAdded, DeliveryDb>("alerts.delivery.recipients-added");
}
