using Alerts.Contracts;
using Alerts.Publishing.Webhooks;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Outward;

/// <summary>
/// Takes a fact of our own and tells programs outside: owes each webhook that wants it one call, and publishes the plain form to <see cref="EventsExchange"/>. At least once, as
/// all facts: what comes twice has the same id.
/// </summary>
/// <remarks>The fact lies in the outbox until this has succeeded, so publishing here, past the outbox, loses nothing.</remarks>
internal sealed class OutwardConsumer<TFact>(PublishingDb db, IAudience audience, TimeProvider clock) : IConsumer<TFact> where TFact : class
{
    public async Task Consume(ConsumeContext<TFact> context)
    {
        var now = clock.GetUtcNow();
        var lists = await ListsAsync(context.Message, context.CancellationToken);
        var fact = OutwardFact.Of(context.Message, context.MessageId!.Value, lists, context.SentTime ?? now);
        await OweCallsAsync(fact, now, context.CancellationToken);
        await EventsExchange.PublishAsync(context, fact, context.CancellationToken);
    }

    /// <summary>A published post keeps its lists, so those of its row are those of the fact.</summary>
    private async Task<IReadOnlyList<string>> ListsAsync(TFact fact, CancellationToken cancellationToken) => fact switch
    {
        PostPublished post => post.Lists,
        PostCorrected post => await ListsOfAsync(post.PostId, cancellationToken),
        PostWithdrawn post => await ListsOfAsync(post.PostId, cancellationToken),
        EventAnnounced happening => happening.Event.Lists,
        EventChanged happening => happening.Event.Lists,
        EventCancelled happening => happening.Event.Lists,
        _ => [],
    };

    private async Task<IReadOnlyList<string>> ListsOfAsync(Guid postId, CancellationToken cancellationToken) =>
        await db.Posts.Where(p => p.Id == postId).Select(p => p.Lists).SingleOrDefaultAsync(cancellationToken) ?? [];

    private async Task OweCallsAsync(OutwardFact fact, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hooks = await db.Webhooks.Where(h => h.IsOn).ToListAsync(cancellationToken);
        hooks.RemoveAll(hook => !hook.Facts.Contains(fact.Type));
        if (hooks.Count == 0)
        {
            return;
        }

        var known = await audience.ListsAsync(fact.Data.Lists, cancellationToken);
        var publicLists = known.Where(list => list.Public).Select(list => list.Slug).ToHashSet(StringComparer.Ordinal);
        foreach (var hook in hooks)
        {
            if (hook.CallAbout(fact, publicLists, now) is not { } call)
            {
                continue;
            }

            if (await db.WebhookCalls.CountAsync(c => c.WebhookId == hook.Id && c.DueAt != null, cancellationToken) >= Webhook.MostWaiting)
            {
                hook.Stop($"{Webhook.MostWaiting:N0} calls wait for it, and no more are kept.");
                continue;
            }

            db.WebhookCalls.Add(call);
        }
    }

    internal sealed class Definition() : TakingDefinition<OutwardConsumer<TFact>, TFact, PublishingDb>(
        $"alerts.publishing.{KebabCaseEndpointNameFormatter.Instance.SanitizeName(typeof(TFact).Name)}");
}

internal static class OutwardConsumers
{
    public static void AddOutward(this IBusRegistrationConfigurator bus)
    {
        bus.Tell<PostPublished>();
        bus.Tell<PostCorrected>();
        bus.Tell<PostWithdrawn>();
        bus.Tell<EventAnnounced>();
        bus.Tell<EventChanged>();
        bus.Tell<EventCancelled>();
        bus.AddRabbitMq(EventsExchange.Configure);
    }

    private static void Tell<TFact>(this IBusRegistrationConfigurator bus) where TFact : class =>
        bus.AddConsumer<OutwardConsumer<TFact>, OutwardConsumer<TFact>.Definition>();
}
