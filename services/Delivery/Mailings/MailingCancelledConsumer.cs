using Alerts.Contracts;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Delivery.Mailings;

/// <summary>Notes that a mailing was called off, even before anything else is known of it. Its rows are cancelled by <see cref="Watch"/>.</summary>
public sealed class MailingCancelledConsumer(DeliveryDb db, WorkSignal work, TimeProvider clock) : IConsumer<MailingCancelled>
{
    public async Task Consume(ConsumeContext<MailingCancelled> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var cancelled = context.Message;
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        var mailing = await Mailing.LockAsync(db, cancelled.MailingId, clock.GetUtcNow(), exclusive: true, context.CancellationToken);
        mailing.Cancel(cancelled.By, cancelled.Why, cancelled.CancelledAt);
        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        work.Wake();
    }

    internal sealed class Definition() : TakingDefinition<MailingCancelledConsumer, MailingCancelled, DeliveryDb>("alerts.delivery.mailing-cancelled");
}
