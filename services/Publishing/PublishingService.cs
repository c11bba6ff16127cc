using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Alerts.Publishing;

public static class PublishingService
{
    public static void AddPublishing(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<PublishingDb, SqlitePublishingDb, PostgresPublishingDb>();
        builder.AddOutboxRelay<PublishingDb>();
        builder.AddJob<PurgeTakenMessages<PublishingDb>>(Services.Publishing, "publishing-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddOutbox<PublishingDb>();

    public static void MapPublishing(this IEndpointRouteBuilder routes) { }
}
