using MassTransit;
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

/// <summary>What keeps a message that comes twice from being written twice.</summary>
internal static class InboxKey
{
    private const int Max = 200;

    /// <summary>A key that no call of the API can have: theirs end with the name of a caller.</summary>
    /// <exception cref="InboxException">There is none, or it is too long.</exception>
    public static string Of(string? idempotencyKey) => idempotencyKey is { Length: <= Max } && !string.IsNullOrWhiteSpace(idempotencyKey)
        ? $"inbox:{idempotencyKey}"
        : throw new InboxException($"idempotencyKey: Give 1 to {Max} characters that are the same whenever this is sent, such as its id in your system.");
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
