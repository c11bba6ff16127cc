using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Bulk;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Lists;
using Alerts.Subscriptions.Move;
using Alerts.Subscriptions.Preferences;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.SignUp;
using Alerts.Subscriptions.Subscribers;
using Alerts.Subscriptions.Unsubscribe;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.Subscriptions;

public static class SubscriptionsService
{
    /// <summary>Its pages in the navigation of every process: the proxy joins them.</summary>
    public static IReadOnlyList<NavigationLink> Links { get; } =
    [
        new("Subscribe", "/subscribe", 30, null),
        new("Lists", "/admin/lists", 60, Policies.Admin),
        new("Subscribers", "/admin/subscribers", 61, Policies.Admin),
        new("Import", "/admin/imports", 62, Policies.Admin),
        new("Regions", "/admin/regions", 64, Policies.Admin),
    ];

    public static void AddSubscriptions(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.AddMailings<SubscriptionsDb>();
        builder.AddJob<PurgeTakenMessages<SubscriptionsDb>>(Services.Subscriptions, "subscriptions-purge-taken-messages", "17 * * * *");

        builder.AddJob<PurgeUnconfirmed>(Services.Subscriptions, "subscriptions-purge-unconfirmed", "29 3 * * *");
        builder.AddWokenJob<RunImports>(Services.Subscriptions, "subscriptions-run-imports", "*/15 * * * * *");
        builder.AddJob<PurgeImports>(Services.Subscriptions, "subscriptions-purge-imports", "31 3 * * *");
        builder.AddJob<PruneRevisions>(Services.Subscriptions, "subscriptions-prune-revisions", "47 3 * * *");
        builder.AddWokenJob<RunBulkChanges>(Services.Subscriptions, "subscriptions-run-bulk-changes", "*/15 * * * * *");

        builder.Services.AddOptions<ReadingDefaults>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddMailTemplates();
        builder.Services.AddSingleton<SignUpHaste>();
        builder.Services.AddLocalization();
        builder.Services.AddReaderLanguage();
        builder.Services.AddScoped<ConfirmationMail>();
        builder.Services.AddScoped<SignUps>();
        builder.Services.AddScoped<MoveMail>();
        builder.Services.AddScoped<SubscriberImport>();
        builder.Services.AddScoped<Imports>();
        builder.Services.AddSingleton<ImportFiles>();

        builder.Services.AddPagesOf<SubscribePage>();
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus) => bus.AddMailings<SubscriptionsDb>();

    public static void MapSubscriptions(this IEndpointRouteBuilder routes)
    {
        routes.MapLists();
        routes.MapRegions();
        routes.MapSubscribers();
        routes.MapImports();
        routes.MapUnsubscribe();
        OwnData.Map(routes);
    }
}
