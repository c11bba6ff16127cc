using Alerts.Publishing.Events;
using MassTransit;

namespace Alerts.Publishing.Inbox;

/// <summary>Writes and announces what others send, as if an editor had: the same rules, and our own fact goes out.</summary>
internal sealed class InboxEventConsumer(EventEditing editing, TimeProvider clock) : IConsumer<InboxEvent>
{
    public async Task Consume(ConsumeContext<InboxEvent> context)
    {
        var key = InboxKey.Of(context.Message.IdempotencyKey);
        var outcome = await editing.WriteAsync(context.Message.ToRequest(clock.GetUtcNow()), key, context.CancellationToken);
        InboxException.ThrowIfAny(outcome.Errors);
    }

    internal sealed class Definition : ConsumerDefinition<InboxEventConsumer>
    {
        public Definition() => EndpointName = "alerts.publishing.inbox-event";

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<InboxEventConsumer> consumerConfigurator, IRegistrationContext context) =>
            InboxEndpoint.Configure(endpointConfigurator, InboxEvent.RoutingKey);
    }
}
