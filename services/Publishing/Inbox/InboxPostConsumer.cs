using Alerts.Publishing.Posts;
using MassTransit;

namespace Alerts.Publishing.Inbox;

/// <summary>Writes and publishes what others send, as if an editor had: the same rules, and our own fact goes out.</summary>
internal sealed class InboxPostConsumer(PostEditing editing, TimeProvider clock) : IConsumer<InboxPost>
{
    public async Task Consume(ConsumeContext<InboxPost> context)
    {
        var key = InboxKey.Of(context.Message.IdempotencyKey);
        var outcome = await editing.WriteAsync(context.Message.ToRequest(clock.GetUtcNow()), key, context.CancellationToken);
        InboxException.ThrowIfAny(outcome.Errors);
    }

    internal sealed class Definition : ConsumerDefinition<InboxPostConsumer>
    {
        public Definition() => EndpointName = "alerts.publishing.inbox-post";

        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<InboxPostConsumer> consumerConfigurator, IRegistrationContext context) =>
            InboxEndpoint.Configure(endpointConfigurator, InboxPost.RoutingKey);
    }
}
