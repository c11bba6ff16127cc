using System.Net.Mime;
using MassTransit;
using RabbitMQ.Client;

namespace Alerts.Publishing.Outward;

/// <summary>
/// The durable topic exchange on which facts go out: whoever may read from it binds a queue of her own, by routing key. It is there as soon as we are. On the in-memory bus
/// there is none, and what is published to it reaches nobody.
/// </summary>
internal static class EventsExchange
{
    public const string Name = "alerts.events";

    public static void Configure(IRabbitMqBusFactoryConfigurator rabbit)
    {
        rabbit.Message<OutwardFact>(message => message.SetEntityName(Name));
        rabbit.Publish<OutwardFact>(exchange =>
        {
            exchange.ExchangeType = ExchangeType.Topic;
            exchange.Durable = true;
        });
        rabbit.DeployPublishTopology = true;
    }

    /// <summary>Hands a fact to the exchange, and waits until the broker has it.</summary>
    public static Task PublishAsync(IPublishEndpoint bus, OutwardFact fact, CancellationToken cancellationToken) => bus.Publish(
        fact,
        publish =>
        {
            publish.MessageId = fact.Id;
            publish.TrySetRoutingKey(fact.Type);
            publish.Serializer = new Plain(fact.ToJson());
        },
        cancellationToken);

    /// <summary>As it is, without the bus's own envelope.</summary>
    private sealed class Plain(string json) : IMessageSerializer
    {
        public ContentType ContentType { get; } = new(MediaTypeNames.Application.Json);

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new StringMessageBody(json);
    }
}
