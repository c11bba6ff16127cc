using Alerts.Contracts;
using Alerts.Delivery.Sending;
using Alerts.Delivery.Told;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>Stores a mailing's content; its batches, come or still to come, may be sent from now on.</summary>
public sealed class MailingPreparedConsumer(DeliveryDb db, WorkSignal work, TimeProvider clock) : IConsumer<MailingPrepared>
{
    public async Task Consume(ConsumeContext<MailingPrepared> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var prepared = context.Message;
        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        await Tellings.LockAsync(db, prepared.Tells ?? [], context.CancellationToken);
        var mailing = await Mailing.LockAsync(db, prepared.MailingId, now, exclusive: true, context.CancellationToken);
        if (mailing.PreparedAt is null)
        {
            mailing.Prepare(prepared);
            db.Contents.Add(MailingContent.Of(prepared));
            await db.SaveChangesAsync(context.CancellationToken);
            await Tellings.TakeAsync(db, mailing, prepared.Tells ?? [], now, context.CancellationToken);
            var lane = mailing.Lane;
            await db.Batches.Where(b => b.MailingId == prepared.MailingId).ExecuteUpdateAsync(set => set.SetProperty(b => b.Lane, lane), context.CancellationToken);
            await Closing.TryCompleteAsync(db, mailing.Id, now, context.CancellationToken);
        }

        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        work.Wake();
    }

    internal sealed class Definition() : TakingDefinition<MailingPreparedConsumer, MailingPrepared, DeliveryDb>("alerts.delivery.mailing-prepared");
}
