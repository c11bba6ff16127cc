using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Delivery.Ledger;

/// <summary>
/// Forgets the names of readers who were erased, and the addresses they wanted to move to. What they were owed stays in the books, by id. A batch with a name of theirs
/// may come later: see <see cref="ErasedReader"/>.
/// </summary>
public sealed class SubscribersErasedConsumer(DeliveryDb db, TimeProvider clock) : IConsumer<SubscribersErased>
{
    public async Task Consume(ConsumeContext<SubscribersErased> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var ids = context.Message.SubscriberIds;
        var known = await db.ErasedAmongAsync(ids, context.CancellationToken);
        var now = clock.GetUtcNow();
        db.ErasedReaders.AddRange(ids.Distinct().Where(id => !known.Contains(id)).Select(id => new ErasedReader { SubscriberId = id, ErasedAt = now }));
        await db.SaveChangesAsync(context.CancellationToken);
        await db.ForgetAsync(ids, context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<SubscribersErasedConsumer, SubscribersErased, DeliveryDb>("alerts.delivery.subscribers-erased");
}
