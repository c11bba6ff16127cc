using Alerts.App.Demo;
using Alerts.Contracts;
using Alerts.Delivery;
using Alerts.Digests;
using Alerts.Mailings;
using Alerts.Mailings.Templates;
using Alerts.Notices;
using Alerts.Publishing;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Clock;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Health;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Logging;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Telemetry;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Audience;
using MassTransit;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Alerts.App;

/// <summary>One process: the services it is told to run, and what they share.</summary>
internal static partial class AlertsHost
{
    private sealed record Room(Services Service, IReadOnlyList<NavigationLink> Links, Action<IHostApplicationBuilder> Add, Action<IBusRegistrationConfigurator> AddConsumers, Action<IEndpointRouteBuilder> Map);

    private static readonly Room[] Rooms =
    [
        new(Services.Publishing, PublishingService.Links, PublishingService.AddPublishing, PublishingService.AddConsumers, PublishingService.MapPublishing),
        new(Services.Subscriptions, SubscriptionsService.Links, SubscriptionsService.AddSubscriptions, SubscriptionsService.AddConsumers, SubscriptionsService.MapSubscriptions),
        new(Services.Digests, DigestsService.Links, DigestsService.AddDigests, DigestsService.AddConsumers, DigestsService.MapDigests),
        new(Services.Notices, [], NoticesService.AddNotices, NoticesService.AddConsumers, NoticesService.MapNotices),
        new(Services.Delivery, DeliveryService.Links, DeliveryService.AddDelivery, DeliveryService.AddConsumers, DeliveryService.MapDelivery),
    ];

    /// <summary>Composes the process that <c>serve</c> runs.</summary>
    /// <exception cref="WrongUseException">The configuration can't work.</exception>
    public static WebApplication Build(string[] configuration)
    {
        var builder = CreateBuilder(configuration);
        var services = Chosen(builder.Configuration);
        if (services != Services.All && builder.Configuration.RabbitMq() is null)
        {
            throw new WrongUseException("Some services alone need a broker: set Bus:RabbitMq, or leave Services out to run all of them in one process.");
        }

        var rooms = Rooms.Where(room => services.HasFlag(room.Service)).ToList();
        builder.AddLogging(toErrors: false);
        builder.AddTelemetry(services.ToString().ToLowerInvariant());
        Compose(builder, services);
        builder.AddWeb();

        // Also of services that others run: the proxy joins their pages to one site.
        builder.Services.AddNavigation(Rooms.SelectMany(room => room.Links).Concat(MailingsExtensions.Links));
        builder.AddHealth();
        builder.Services.AddOpenApi(ApiDocument.Describe);
        builder.AddBus(bus => rooms.ForEach(room => room.AddConsumers(bus)));
        builder.AddJobs(services);
        builder.Services.AddHostedService<QueueDeclaration>();
        if (services == Services.All)
        {
            builder.AddDemo();
        }

        var app = builder.Build();
        app.UseWeb();
        app.UseStaff();
        app.UseForms();
        app.UseAntiforgery();
        app.MapWeb();
        app.MapHealth();
        app.MapMetrics();
        app.MapTools();
        app.MapTemplates();
        rooms.ForEach(room => room.Map(app));
        if (services == Services.All)
        {
            app.MapDemo();
        }

        return app;
    }

    /// <summary>Composes what a verb needs: every service's database and rules, nothing that runs by itself.</summary>
    public static WebApplication BuildForVerb(string[] configuration)
    {
        var builder = CreateBuilder(configuration);
        builder.AddLogging(toErrors: true);
        Compose(builder, Services.All);
        builder.AddDemo();
        builder.Services.RemoveAll<IHostedService>();
        return builder.Build();
    }

    public static Services Chosen(IConfiguration configuration)
    {
        var names = (configuration["Services"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var chosen = Services.None;
        foreach (var name in names)
        {
            if (!Enum.TryParse<Services>(name, ignoreCase: true, out var service) || service is Services.None || !Enum.IsDefined(service))
            {
                throw new WrongUseException($"There is no service '{name}': Services takes a comma list of {string.Join(", ", Rooms.Select(r => AlertsDbContext.Schema(r.Service)))}.");
            }

            chosen |= service;
        }

        return names.Length == 0 ? Services.All : chosen;
    }

    public static void AddAllConsumers(IBusRegistrationConfigurator bus)
    {
        foreach (var room in Rooms)
        {
            room.AddConsumers(bus);
        }
    }

    private static WebApplicationBuilder CreateBuilder(string[] configuration)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = configuration, ContentRootPath = AppContext.BaseDirectory });
        if (builder.Configuration["urls"] is null && builder.Configuration["Kestrel:Endpoints:Http:Url"] is null && builder.Configuration["http_ports"] is null)
        {
            builder.WebHost.UseUrls("http://localhost:5000");
        }

        if (builder.Configuration["PublicUrl"] is not { Length: > 0 } && FirstAddress(builder.Configuration["urls"]) is { } address)
        {
            builder.Configuration["PublicUrl"] = address;
        }

        return builder;
    }

    /// <summary>The first of the addresses we listen at, as a browser on this machine writes it.</summary>
    private static string? FirstAddress(string? urls)
    {
        if (urls?.Split(';')[0] is not { Length: > 0 } first)
        {
            return null;
        }

        var address = BindingAddress.Parse(first);
        return $"{address.Scheme}://{(address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host)}:{address.Port}";
    }

    private static void Compose(WebApplicationBuilder builder, Services services)
    {
        builder.AddClock();
        builder.Services.AddOptions<AlertsOptions>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.AddStaff(services);
        builder.AddAudience();
        foreach (var room in Rooms)
        {
            builder.Services.AddSingleton(new TemplateAssembly(room.Add.Method.DeclaringType!.Assembly));
        }

        foreach (var room in Rooms.Where(room => services.HasFlag(room.Service)))
        {
            room.Add(builder);
        }
    }

    /// <summary>Declares the queues of all services, so that one that starts later misses nothing. Waits for a broker that isn't there.</summary>
    private sealed partial class QueueDeclaration(IConfiguration configuration, ILogger<QueueDeclaration> logger) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var pause = TimeSpan.FromSeconds(1);
            while (true)
            {
                try
                {
                    await BusExtensions.DeclareQueuesAsync(configuration, AddAllConsumers, stoppingToken);
                    return;
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogWaiting(exception.GetBaseException().Message, pause.TotalSeconds);
                    await Task.Delay(pause, stoppingToken);
                    pause = pause * 2 < TimeSpan.FromSeconds(15) ? pause * 2 : TimeSpan.FromSeconds(15);
                }
            }
        }

        [LoggerMessage(LogLevel.Warning, "The broker isn't there ({Reason}); trying again in {Seconds} s")]
        private partial void LogWaiting(string reason, double seconds);
    }
}
