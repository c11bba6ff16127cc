using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.ServiceDefaults.Bus;

/// <summary>Forgets, in a sender's outbox, what everybody has taken.</summary>
internal sealed class TakenConsumer<TDb>(TDb db, CommitSignal<TDb> signal) : IConsumer<Taken> where TDb : AlertsDbContext
{
    public async Task Consume(ConsumeContext<Taken> context)
    {
        var ids = context.Message.MessageIds;
        var others = ~context.Message.Service;
        await db.Outbox.Where(m => ids.Contains(m.MessageId) && (m.Waiting & others) == 0).ExecuteDeleteAsync(context.CancellationToken);
        await db.Outbox.Where(m => ids.Contains(m.MessageId))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.Waiting, m => m.Waiting & others), context.CancellationToken);

        // Two answers at the same moment: each saw the other's service still waiting.
        await db.Outbox.Where(m => ids.Contains(m.MessageId) && m.Waiting == Services.None).ExecuteDeleteAsync(context.CancellationToken);

        // A place in the window may be free.
        signal.Wake();
    }

    internal sealed class Definition : ConsumerDefinition<TakenConsumer<TDb>>
    {
        public Definition() => EndpointName = TakenHeaders.Queue(DatabaseExtensions.SchemaOf<TDb>());

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TakenConsumer<TDb>> consumerConfigurator, IRegistrationContext context)
        {
            // Answers are sent to this queue by name; nothing is published to it.
            endpointConfigurator.ConfigureConsumeTopology = false;
            endpointConfigurator.PrefetchCount = 16;
            consumerConfigurator.UseConcurrentMessageLimit(1);
            endpointConfigurator.UseMessageRetry(retry => retry.Intervals(0, 50, 500, 2_000));
        }
    }
}
