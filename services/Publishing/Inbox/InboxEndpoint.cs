using MassTransit;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace Alerts.Publishing.Inbox;

/// <summary>The message can't be taken, however often it is tried; the message says why, field by field.</summary>
public sealed class InboxException : Exception
{
    public InboxException()
    {
    }

    public InboxException(string message) : base(message)
    {
    }

    public InboxException(string message, Exception innerException) : base(message, innerException)
    {
    }

    internal static void ThrowIfAny(Errors? errors)
    {
        if (errors is { Count: > 0 })
        {
            throw new InboxException(string.Join(" ", errors.Select(e => $"{e.Key}: {string.Join(' ', e.Value)}")));
        }
    }
}

/// <summary>
/// A queue of the inbox: plain JSON, bound to <c>alerts.inbox</c> by one routing key. What can't be taken goes to <c>…_error</c>, as it came, with the reason in the header
/// <c>MT-Fault-Message</c>. On the in-memory bus there is no inbox.
/// </summary>
internal static class InboxEndpoint
{
    public const string Exchange = "alerts.inbox";

    public static void Configure(IReceiveEndpointConfigurator endpoint, string routingKey)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = 16;
        endpoint.ClearSerialization();
        endpoint.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType, isDefault: true);

        // For a database that is restarting; what is wrong with a message stays wrong.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<InboxException>();
            retry.Intervals(50, 500, 2_000, 5_000, 10_000);
        });
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.Bind(Exchange, binding =>
            {
                binding.ExchangeType = ExchangeType.Topic;
                binding.RoutingKey = routingKey;
            });
        }
    }
}
