using Alerts.Contracts;
using Alerts.Mailings.Posts;
using Alerts.Publishing.Archive;
using Alerts.Publishing.Editor;
using Alerts.Publishing.Events;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Images;
using Alerts.Publishing.Inbox;
using Alerts.Publishing.Links;
using Alerts.Publishing.Outward;
using Alerts.Publishing.Posts;
using Alerts.Publishing.Readership;
using Alerts.Publishing.Sources;
using Alerts.Publishing.Webhooks;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.Publishing;

/// <summary>Posts, written here or brought by feeds, events, and the pages on which they are read.</summary>
public static class PublishingService
{
    /// <summary>Its pages in the navigation of every process: the proxy joins them.</summary>
    public static IReadOnlyList<NavigationLink> Links { get; } =
    [
        new("Archive", "/archive", 10, null),
        new("Events", "/events", 11, null),
        new("Posts", "/editor", 20, Policies.Editor),
        new("Events", "/editor/events", 24, Policies.Editor),
        new("Calendar", "/editor/calendar", 28, Policies.Editor),
        new("Webhooks", "/admin/webhooks", 86, Policies.Admin),
    ];

    public static void AddPublishing(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.AddDatabase<PublishingDb, SqlitePublishingDb, PostgresPublishingDb>();
        builder.AddOutboxRelay<PublishingDb>();
        builder.Services.AddFeeds();
        builder.Services.AddScoped<PostEditing>();
        builder.Services.AddScoped<PostLines>();
        builder.Services.AddScoped<EventEditing>();
        builder.Services.AddScoped<EventLines>();
        builder.Services.AddScoped<PublicEvents>();
        builder.Services.AddPostMail();
        builder.Services.AddScoped<Composer>();
        builder.Services.AddScoped<MailPreview>();
        builder.Services.AddSingleton<ShownMails>();
        builder.Services.AddScoped<ReachEstimate>();
        builder.Services.AddScoped<ImageStore>();
        builder.Services.AddLinkCheck();
        builder.Services.AddWebhooks();
        builder.Services.AddScoped<FeedImport>();
        builder.Services.AddScoped<PublicPosts>();
        builder.AddJob<PublishDuePosts>(Services.Publishing, "publish-due-posts", "*/5 * * * * *");
        builder.AddJob<AnnounceDueEvents>(Services.Publishing, "announce-due-events", "*/5 * * * * *");
        builder.AddJob<ReadSources>(Services.Publishing, "read-sources", "* * * * *");
        builder.AddJob<SendWebhooks>(Services.Publishing, "send-webhooks", "*/5 * * * * *");
        builder.AddJob<PurgeWebhookCalls>(Services.Publishing, "purge-webhook-calls", "37 * * * *");
        builder.AddJob<PurgeWorkingCopies>(Services.Publishing, "purge-working-copies", "41 3 * * *");
        builder.AddJob<PurgeTakenMessages<PublishingDb>>(Services.Publishing, "publishing-purge-taken-messages", "17 * * * *");

        builder.Services.AddPagesOf<PublishingDb>();
        builder.Services.AddSingleton(new HomePanel(typeof(LatestPosts), 10, null));
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddOutbox<PublishingDb>();
        bus.AddConsumer<MailingCompletedConsumer, MailingCompletedConsumer.Definition>();
        bus.AddConsumer<EventAnswersCountedConsumer, EventAnswersCountedConsumer.Definition>();
        bus.AddConsumer<InboxPostConsumer, InboxPostConsumer.Definition>();
        bus.AddConsumer<InboxEventConsumer, InboxEventConsumer.Definition>();
        bus.AddOutward();
    }

    public static void MapPublishing(this IEndpointRouteBuilder routes)
    {
        routes.MapPosts();
        routes.MapEvents();
        routes.MapSources();
        routes.MapAtomFeeds();
        routes.MapCalendars();
        routes.MapJsonFeeds();
        routes.MapWebhook();
        routes.MapWebhooks();
        routes.MapComposer();
        routes.MapImages();
    }
}
