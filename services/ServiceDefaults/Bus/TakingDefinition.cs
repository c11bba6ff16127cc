using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.ServiceDefaults.Bus;

internal static class TakenHeaders
{
    /// <summary>The service whose outbox keeps the message until it is taken.</summary>
    public const string Sender = "Alerts-Sender";

    public static string Queue(string service) => $"alerts.{service}.taken";
}

/// <summary>
/// What every consumer's definition shares: the message is recorded as taken in the transaction of the consumer's one save, a message taken before is skipped,
/// and the sender is told. Consumers know nothing of it; they decide, record, and save once.
/// </summary>
/// <remarks>The endpoint is the queue, <c>alerts.{service}.{message}</c>, given by hand: the default would let two services share one.</remarks>
public abstract class TakingDefinition<TConsumer, TMessage, TDb> : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer<TMessage>
    where TMessage : class
    where TDb : AlertsDbContext
{
    protected TakingDefinition(string endpoint) => EndpointName = endpoint;

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        ArgumentNullException.ThrowIfNull(consumerConfigurator);

        endpointConfigurator.PrefetchCount = 32;
        consumerConfigurator.UseConcurrentMessageLimit(ConcurrentMessages);

        // Two copies at once: the unique index refuses one, and the retry finds the row. The later steps are for a database that is restarting.
        endpointConfigurator.UseMessageRetry(retry => retry.Intervals(0, 50, 500, 2_000, 5_000, 10_000));
        endpointConfigurator.UseConsumeFilter<TakeOnce<TMessage, TDb>>(context);
    }

    /// <summary>How many messages are handled at once. SQLite has one writer, so more would only wait for each other.</summary>
    protected virtual int ConcurrentMessages => 4;
}

/// <summary>Skips a message that was taken, records one that is being taken, and answers the sender either way.</summary>
internal sealed class TakeOnce<TMessage, TDb>(TDb db, TakenReplies replies, TimeProvider clock) : IFilter<ConsumeContext<TMessage>>
    where TMessage : class
    where TDb : AlertsDbContext
{
    public async Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next)
    {
        if (context.MessageId is not { } id)
        {
            throw new InvalidOperationException("A message without an id can't be taken once; publish it through an outbox.");
        }

        if (!await db.TakenMessages.AnyAsync(m => m.MessageId == id, context.CancellationToken))
        {
            db.TakenMessages.Add(new TakenMessage { MessageId = id, TakenAt = clock.GetUtcNow() });
            await next.Send(context);
            await db.SaveChangesAsync(context.CancellationToken);
        }

        if (context.Headers.Get<string>(TakenHeaders.Sender) is { } sender)
        {
            await replies.AddAsync(new TakenReply(sender, db.Service, id), context.CancellationToken);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("takeOnce");
}
