using Alerts.Contracts;
using Alerts.Digests.Backlogs;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Digests.Editor;
using Alerts.Digests.Events;
using Alerts.Digests.Posts;
using Alerts.Digests.Readers;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.Digests;

public static class DigestsService
{
    /// <summary>Its pages in the navigation of every process: the proxy joins them.</summary>
    public static IReadOnlyList<NavigationLink> Links { get; } =
    [
        new("Digests", "/editor/digests", 30, Policies.Editor),
    ];

    public static void AddDigests(this IHostApplicationBuilder builder)
    {
        builder.AddDatabase<DigestsDb, SqliteDigestsDb, PostgresDigestsDb>();
        builder.AddMailings<DigestsDb>();
        builder.Services.AddSingleton<EditionMail>();
        builder.Services.AddSingleton<BacklogDigest>();
        builder.Services.AddSingleton<FollowAudience>();
        builder.Services.AddSingleton<CutStretches>();
        builder.Services.AddSingleton<DigestMetrics>();
        builder.AddJob<CutDueDigests>(Services.Digests, "cut-due-digests", "*/15 * * * * *");
        builder.AddJob<NoticeMissedCuts>(Services.Digests, "notice-missed-cuts", "* * * * *");
        builder.AddJob<PurgeFiledPosts>(Services.Digests, "purge-filed-posts", "37 3 * * *");
        builder.AddJob<PurgeTakenMessages<DigestsDb>>(Services.Digests, "digests-purge-taken-messages", "17 * * * *");
        builder.Services.AddHostedService<CutOnRequest>();
        builder.Services.AddPagesOf<DigestsDb>();
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);

        bus.AddMailings<DigestsDb>();
        bus.AddConsumer<PostPublishedConsumer, PostPublishedConsumer.Definition>();
        bus.AddConsumer<PostCorrectedConsumer, PostCorrectedConsumer.Definition>();
        bus.AddConsumer<PostWithdrawnConsumer, PostWithdrawnConsumer.Definition>();
        bus.AddConsumer<EventAnnouncedConsumer, EventAnnouncedConsumer.Definition>();
        bus.AddConsumer<EventChangedConsumer, EventChangedConsumer.Definition>();
        bus.AddConsumer<EventCancelledConsumer, EventCancelledConsumer.Definition>();
        bus.AddConsumer<BacklogPublishedConsumer, BacklogPublishedConsumer.Definition>();
    }

    public static void MapDigests(this IEndpointRouteBuilder routes)
    {
        routes.MapDigestsApi();
        routes.MapEventCalendar();
    }
}
