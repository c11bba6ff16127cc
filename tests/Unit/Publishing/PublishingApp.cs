using System.Net.Http.Headers;
using System.Reflection;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Publishing;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Staff;
using Alerts.Tests.Servers;
using MassTransit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Publishing;

/// <summary>The Publishing service alone, on a database of its own, its clock in the test's hand. Nothing takes its messages, so they stay in its outbox.</summary>
internal sealed class PublishingApp : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly WebApplication app;

    private PublishingApp(string? postgres)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Data"] = folder.Path,
            ["Database:Postgres"] = postgres,
            ["Feeds:AllowPrivateAddresses"] = "true",
            ["Webhooks:AllowPrivateAddresses"] = "true",
            ["urls"] = "http://127.0.0.1:0",
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddSingleton<IAudience>(Audience);
        builder.Services.Configure<AlertsOptions>(options => options.PublicUrl = "https://alerts.example");
        builder.AddPublishing();
        builder.AddBus(PublishingService.AddConsumers);
        builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, KeyHandler>("Test", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy(Policies.Editor, policy => policy.RequireAuthenticatedUser()).AddPolicy(Policies.Admin, policy => policy.RequireAuthenticatedUser());
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddLocalization();
        builder.Services.AddRazorComponents();
        app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapPublishing();
        app.MapRazorComponents<Root>().AddAdditionalAssemblies(typeof(PublishingDb).Assembly);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero));

    public OpenAudience Audience { get; } = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Ready to be used, serving nothing yet: as a verb of the command line has it.</summary>
    public static async Task<PublishingApp> CreateAsync(string? postgres = null)
    {
        var publishing = new PublishingApp(postgres);
        await publishing.app.Services.MigrateAsync(wait: false, Cancelled);
        return publishing;
    }

    /// <summary>Serving its API and its pages.</summary>
    public static async Task<PublishingApp> StartAsync()
    {
        var publishing = await CreateAsync();
        await publishing.app.StartAsync(Cancelled);
        return publishing;
    }

    /// <summary>A client of an editor, or of anybody.</summary>
    /// <param name="name">The editor's.</param>
    public HttpClient Client(bool isEditor, string name = "ada")
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = isEditor ? new AuthenticationHeaderValue("Bearer", name) : null;
        return client;
    }

    public async Task<T> InScope<T>(Func<IServiceProvider, Task<T>> act)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider);
    }

    public Task<T> InDb<T>(Func<PublishingDb, Task<T>> ask) => InScope(services => ask(services.GetRequiredService<PublishingDb>()));

    public Task RunAsync<TJob>() where TJob : IJob => InScope(async services =>
    {
        await services.GetRequiredService<TJob>().RunAsync(Cancelled);
        return true;
    });

    /// <summary>As if another service had sent it.</summary>
    public Task PublishAsync<T>(T message) where T : class => app.Services.GetRequiredService<IBus>().Publish(message, Cancelled);

    /// <summary>As a relay publishes it, with the id that it has each time.</summary>
    public Task PublishAsync<T>(T message, Guid id) where T : class => app.Services.GetRequiredService<IBus>().Publish(message, publish => publish.MessageId = id, Cancelled);

    /// <summary>What was sent, in its order.</summary>
    public async Task<List<T>> Sent<T>()
    {
        var bodies = await InDb(db => db.Outbox.AsNoTracking().Where(m => m.Type == typeof(T).Name).OrderBy(m => m.Id).Select(m => m.Body).ToListAsync(Cancelled));
        return [.. bodies.Select(body => JsonSerializer.Deserialize<T>(body)!)];
    }

    /// <summary>How many messages of all kinds were sent.</summary>
    public Task<int> CountSent() => InDb(db => db.Outbox.CountAsync(Cancelled));

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        folder.Dispose();
    }

    private sealed class KeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Request.Headers.Authorization.Count == 0
            ? AuthenticateResult.NoResult()
            : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, AuthenticationHeaderValue.Parse(Request.Headers.Authorization.ToString()).Parameter!)], "Test")), "Test")));
    }

    /// <summary>The barest page around the service's own.</summary>
    private sealed class Root : ComponentBase
    {
        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenComponent<HeadOutlet>(0);
            builder.CloseComponent();
            builder.OpenComponent<Router>(1);
            builder.AddComponentParameter(2, nameof(Router.AppAssembly), typeof(Root).Assembly);
            builder.AddComponentParameter(3, nameof(Router.AdditionalAssemblies), new[] { typeof(PublishingDb).Assembly } as IEnumerable<Assembly>);
            builder.AddComponentParameter(4, nameof(Router.Found), (RenderFragment<RouteData>)(route => inner =>
            {
                inner.OpenComponent<RouteView>(0);
                inner.AddComponentParameter(1, nameof(RouteView.RouteData), route);
                inner.CloseComponent();
            }));
            builder.CloseComponent();
        }
    }
}
