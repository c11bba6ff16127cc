using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Delivery.Mailings;

/// <summary>Notes a mailing's totals, against which its books are closed.</summary>
public sealed class MailingSealedConsumer(DeliveryDb db, TimeProvider clock) : IConsumer<MailingSealed>
{
    public async Task Consume(ConsumeContext<MailingSealed> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        var mailing = await Mailing.LockAsync(db, context.Message.MailingId, now, exclusive: true, context.CancellationToken);
        if (mailing.SealedAt is null)
        {
            mailing.Seal(context.Message, now);
            await db.SaveChangesAsync(context.CancellationToken);
            await Closing.TryCompleteAsync(db, mailing.Id, now, context.CancellationToken);
        }

        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<MailingSealedConsumer, MailingSealed, DeliveryDb>("alerts.delivery.mailing-sealed");
}
