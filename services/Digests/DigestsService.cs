using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Alerts.Digests;

public static class DigestsService
{
    public static void AddDigests(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<DigestsDb, SqliteDigestsDb, PostgresDigestsDb>();
        builder.AddMailings<DigestsDb>();
        builder.AddJob<PurgeTakenMessages<DigestsDb>>(Services.Digests, "digests-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddMailings<DigestsDb>();

    public static void MapDigests(this IEndpointRouteBuilder routes) { }
}
