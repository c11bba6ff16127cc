using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Alerts.Subscriptions;

public static class SubscriptionsService
{
    public static void AddSubscriptions(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<SubscriptionsDb, SqliteSubscriptionsDb, PostgresSubscriptionsDb>();
        builder.AddMailings<SubscriptionsDb>();
        builder.AddJob<PurgeTakenMessages<SubscriptionsDb>>(Services.Subscriptions, "subscriptions-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddMailings<SubscriptionsDb>();

    public static void MapSubscriptions(this IEndpointRouteBuilder routes) { }
}
