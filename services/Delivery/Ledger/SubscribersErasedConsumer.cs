using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Ledger;

/// <summary>Forgets the names of readers who were erased, and the addresses they wanted to move to. What they were owed stays in the books, by id.</summary>
public sealed class SubscribersErasedConsumer(DeliveryDb db) : IConsumer<SubscribersErased>
{
    public Task Consume(ConsumeContext<SubscribersErased> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var ids = context.Message.SubscriberIds;
        return db.Rows.Where(r => EF.Parameter(ids).Contains(r.SubscriberId) && (r.Name != null || r.Address != null))
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Name, (string?)null).SetProperty(r => r.Address, (string?)null), context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<SubscribersErasedConsumer, SubscribersErased, DeliveryDb>("alerts.delivery.subscribers-erased");
}
