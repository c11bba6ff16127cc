using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Posts;
using Alerts.Notices.Answers;
using Alerts.Notices.Events;
using Alerts.Notices.Posts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Web;
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
        builder.Services.AddPostMail();
        builder.Services.AddSingleton<NoticeMail>();
        builder.Services.AddScoped<EventNotices>();
        builder.Services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddPagesOf<NoticesDb>();
        builder.AddJob<SendDueNotices>(Services.Notices, "notices-send-due", "*/5 * * * * *");
        builder.AddJob<TellAnswers>(Services.Notices, "notices-tell-answers", "*/5 * * * * *");
        builder.AddJob<ForgetEvents>(Services.Notices, "notices-forget-events", "43 3 * * *");
        builder.AddJob<PurgeTakenMessages<NoticesDb>>(Services.Notices, "notices-purge-taken-messages", "17 * * * *");
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);

        bus.AddMailings<NoticesDb>();
        bus.AddConsumer<PostPublishedConsumer, PostPublishedConsumer.Definition>();
        bus.AddConsumer<PostCorrectedConsumer, PostCorrectedConsumer.Definition>();
        bus.AddConsumer<PostWithdrawnConsumer, PostWithdrawnConsumer.Definition>();
        bus.AddConsumer<EventAnnouncedConsumer, EventAnnouncedConsumer.Definition>();
        bus.AddConsumer<EventChangedConsumer, EventChangedConsumer.Definition>();
        bus.AddConsumer<EventCancelledConsumer, EventCancelledConsumer.Definition>();
        bus.AddConsumer<SubscribersErasedConsumer, SubscribersErasedConsumer.Definition>();
    }

    public static void MapNotices(this IEndpointRouteBuilder routes) => routes.MapNoticesOfEvents();
}
