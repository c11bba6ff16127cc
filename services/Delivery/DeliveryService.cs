using Alerts.Contracts;
using Alerts.Delivery.Dkim;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailbox;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;
using Alerts.Delivery.SenderDomain;
using Alerts.Delivery.Sending;
using Alerts.Delivery.StaffMails;
using Alerts.Delivery.Told;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Links;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery;

public static class DeliveryService
{
    /// <summary>Its pages in the navigation of every process: the proxy joins them.</summary>
    public static IReadOnlyList<NavigationLink> Links { get; } =
    [
        new("Mailings", "/admin/mailings", 40, Policies.Editor),
        new("Sender domain", "/admin/sender-domain", 50, Policies.Admin),
    ];

    public static void AddDelivery(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.AddDatabase<DeliveryDb, SqliteDeliveryDb, PostgresDeliveryDb>();
        builder.AddOutboxRelay<DeliveryDb>();
        builder.AddJob<PurgeTakenMessages<DeliveryDb>>(Services.Delivery, "delivery-purge-taken-messages", "17 * * * *");
        builder.AddJob<SendStaffMails>(Services.Delivery, "delivery-send-staff-mails", "*/5 * * * * *");
        builder.AddJob<ForgetDeliveries>(Services.Delivery, "delivery-forget-deliveries", "41 3 * * *");
        builder.AddJob<ForgetErased>(Services.Delivery, "delivery-forget-erased", "43 3 * * *");
        builder.AddSending();

        builder.Services.AddPagesOf<DeliveryMetrics>();
        builder.Services.AddSingleton(new HomePanel(typeof(MailingsPanel), 20, Policies.Editor));
    }

    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddOutbox<DeliveryDb>();
        bus.AddConsumer<SubscribersErasedConsumer, SubscribersErasedConsumer.Definition>();
        bus.AddConsumer<MailingPreparedConsumer, MailingPreparedConsumer.Definition>();
        bus.AddConsumer<RecipientsAddedConsumer, RecipientsAddedConsumer.Definition>();
        bus.AddConsumer<MailingSealedConsumer, MailingSealedConsumer.Definition>();
        bus.AddConsumer<MailingCancelledConsumer, MailingCancelledConsumer.Definition>();
        bus.AddConsumer<TestMailRequestedConsumer, TestMailRequestedConsumer.Definition>();
    }

    public static void MapDelivery(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);

        routes.MapMailings();
        routes.MapSenderDomain();
        if (routes.ServiceProvider.GetService<LocalMailbox>() is not null)
        {
            routes.MapMailbox();
        }
    }

    /// <summary>The sender, and what it sends through: the relays of <c>Smtp:Relays</c>, or the local mailbox when there are none.</summary>
    private static void AddSending(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<AlertsOptions>(builder.Configuration);
        builder.Services.Configure<MailOptions>(builder.Configuration.GetSection(MailOptions.Section));
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<DeliveryMetrics>();
        builder.Services.AddSingleton<WorkSignal>();
        builder.Services.TryAddSingleton<LinkTokens>();
        builder.Services.AddSingleton<MailRenderer>();
        builder.Services.AddMailTemplates();
        builder.Services.AddSingleton<DirectMail>();
        builder.Services.AddSingleton<StandstillMail>();
        builder.Services.AddSingleton<DkimSigner>();
        builder.Services.AddSingleton(SmtpTimeouts.Read(builder.Configuration));
        builder.Services.AddSingleton(DomainCaps.Read(builder.Configuration));
        builder.Services.AddSingleton(StandstillLimits.Read(builder.Configuration));
        builder.Services.AddHostedService<Dispatch>();
        builder.Services.AddHostedService<TellThoseTold>();

        var addresses = RelayAddress.Read(builder.Configuration);
        var keys = DkimKeys.Read(builder.Configuration);
        builder.Services.AddSingleton(keys);
        builder.Services.AddSingleton(new Inspection(builder.Configuration, addresses, keys));
        if (keys.All.Count == 0 && addresses.Count > 0)
        {
            builder.Services.AddHostedService<UnsignedWarning>();
        }

        if (addresses.Count == 0)
        {
            builder.AddMailbox();
            return;
        }

        builder.Services.AddSingleton(services => new Relays(
            [.. addresses.Select(address => new Relay(
                address.ToString(),
                address.Connections,
                address.Weight,
                address.Rate,
                () => new SmtpSender(address, services.GetRequiredService<SmtpTimeouts>()),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<Relay>>()))]));
    }

    private static void AddMailbox(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LocalMailbox>();
        builder.Services.AddSingleton(new NavigationLink("Mailbox", "/mailbox", 45, Policies.Admin));
        builder.Services.AddSingleton(new HomePanel(typeof(MailboxPanel), 30, Policies.Admin));
        builder.AddJob<TrimMailbox>(Services.Delivery, "delivery-trim-mailbox", "23 * * * *");
        builder.Services.AddSingleton(services => new Relays(
        [
            new Relay(
                "the local mailbox",
                connections: 3,
                weight: 1,
                rate: null,
                () => new MailboxSender(services.GetRequiredService<LocalMailbox>()),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<Relay>>()),
        ]));
    }
}
