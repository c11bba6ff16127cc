using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.ServiceDefaults.Bus;

public static class BusExtensions
{
    private static readonly TimeSpan DeclarePatience = TimeSpan.FromSeconds(10);

    /// <summary>The broker's address, or null when the bus is in memory.</summary>
    public static Uri? RabbitMq(this IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);

        return configuration["Bus:RabbitMq"] is { Length: > 0 } uri ? new Uri(uri) : null;
    }

    /// <summary>Registers the one bus of this process with the consumers of the services it runs.</summary>
    public static void AddBus(this IHostApplicationBuilder builder, Action<IBusRegistrationConfigurator> consumers)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.AddSingleton<TakenReplies>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TakenReplies>());
        builder.Services.AddHostedService<BusWatch>();
        builder.Services.AddMassTransit(bus => bus.Use(builder.Configuration.RabbitMq(), consumers, topologyOnly: false));
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            // A broker that isn't there is waited for; the pages answer meanwhile.
            options.WaitUntilStarted = false;
            options.StopTimeout = TimeSpan.FromSeconds(20);
        });
    }

    /// <summary>
    /// Declares every queue and binding of all services on RabbitMQ, so that a service that hasn't started yet misses nothing. Nothing to do in memory.
    /// </summary>
    /// <exception cref="IOException">The broker isn't there, or doesn't let us in.</exception>
    public static async Task DeclareQueuesAsync(IConfiguration configuration, Action<IBusRegistrationConfigurator> consumersOfAllServices, CancellationToken cancellationToken)
    {
        if (configuration.RabbitMq() is not { } uri)
        {
            return;
        }

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMassTransit(bus => bus.Use(uri, consumersOfAllServices, topologyOnly: true));
        await using var provider = services.BuildServiceProvider();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(DeclarePatience);
        try
        {
            await provider.GetRequiredService<IBusControl>().DeployAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or MassTransitException or RabbitMQ.Client.Exceptions.RabbitMQClientException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reason = exception is OperationCanceledException ? "no answer" : exception.GetBaseException().Message;
            throw new IOException($"RabbitMQ at {uri.Host}:{(uri.Port > 0 ? uri.Port : 5672)} can't be used ({reason}): see that it runs and that Bus:RabbitMq is right.");
        }
    }

    /// <summary>Registers the consumer that a service's outbox needs. Each service calls it in its <c>AddConsumers</c>.</summary>
    public static void AddOutbox<TDb>(this IBusRegistrationConfigurator bus) where TDb : AlertsDbContext =>
        bus.AddConsumer<TakenConsumer<TDb>, TakenConsumer<TDb>.Definition>();

    /// <summary>Sets up what a service has on RabbitMQ beside its consumers. Each service calls it in its <c>AddConsumers</c>; in memory it does nothing.</summary>
    public static void AddRabbitMq(this IBusRegistrationConfigurator bus, Action<IRabbitMqBusFactoryConfigurator> configure) => bus.AddSingleton(new RabbitMqSetUp(configure));

    /// <summary>Registers the relay of a service's outbox. Only a process that runs the service calls it; a verb that writes rows doesn't.</summary>
    public static void AddOutboxRelay<TDb>(this IHostApplicationBuilder builder) where TDb : AlertsDbContext
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.Services.AddHostedService<OutboxRelay<TDb>>();
        builder.Services.AddHostedService<OutboxListener<TDb>>();
    }

    private static void Use(this IBusRegistrationConfigurator bus, Uri? rabbitMq, Action<IBusRegistrationConfigurator> consumers, bool topologyOnly)
    {
        // It would tell its makers how the bus is used; nothing leaves this process unasked.
        bus.DisableUsageTelemetry();
        consumers(bus);
        if (rabbitMq is null)
        {
            bus.UsingInMemory((context, configurator) => configurator.ConfigureEndpoints(context));
            return;
        }

        bus.UsingRabbitMq((context, configurator) =>
        {
            configurator.DeployTopologyOnly = topologyOnly;
            configurator.Host(rabbitMq);
            foreach (var setUp in context.GetServices<RabbitMqSetUp>())
            {
                setUp.Configure(configurator);
            }

            configurator.ConfigureEndpoints(context);
        });
    }

    private sealed record RabbitMqSetUp(Action<IRabbitMqBusFactoryConfigurator> Configure);
}
