using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Alerts.Notices;

public static class NoticesService
{
    public static void AddNotices(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<NoticesDb, SqliteNoticesDb, PostgresNoticesDb>();
        builder.AddMailings<NoticesDb>();
        builder.AddJob<PurgeTakenMessages<NoticesDb>>(Services.Notices, "notices-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddMailings<NoticesDb>();

    public static void MapNotices(this IEndpointRouteBuilder routes) { }
}
