using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Alerts.Delivery;

public static class DeliveryService
{
    public static void AddDelivery(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<DeliveryDb, SqliteDeliveryDb, PostgresDeliveryDb>();
        builder.AddOutboxRelay<DeliveryDb>();
        builder.AddJob<PurgeTakenMessages<DeliveryDb>>(Services.Delivery, "delivery-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddOutbox<DeliveryDb>();

    public static void MapDelivery(this IEndpointRouteBuilder routes) { }
}
