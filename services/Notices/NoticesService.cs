using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Notices.Posts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.Notices;

public static class NoticesService
{
    public static void AddNotices(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<NoticesDb, SqliteNoticesDb, PostgresNoticesDb>();
        builder.AddMailings<NoticesDb>();
        builder.Services.AddSingleton<PostMail>();
        builder.AddJob<PurgeTakenMessages<NoticesDb>>(Services.Notices, "notices-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);

        bus.AddMailings<NoticesDb>();
        bus.AddConsumer<PostPublishedConsumer, PostPublishedConsumer.Definition>();
        bus.AddConsumer<PostCorrectedConsumer, PostCorrectedConsumer.Definition>();
        bus.AddConsumer<PostWithdrawnConsumer, PostWithdrawnConsumer.Definition>();
    }

    public static void MapNotices(this IEndpointRouteBuilder routes) { }
}
