using System.Net.Http.Headers;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.ServiceDefaults.Staff;

/// <summary>A site with staff and three calls, on a port of its own.</summary>
internal sealed class StaffApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string folder;
    private int counted;

    private StaffApp(WebApplication app, string folder) => (this.app, this.folder) = (app, folder);

    public FakeTimeProvider Clock { get; private init; } = null!;

    /// <summary>How often <c>POST /api/count</c> was carried out.</summary>
    public int Counted => counted;

    public IServiceScopeFactory Scopes => app.Services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>Without a key.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    public static async Task<StaffApp> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("alerts-test-").FullName;
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test" });
        builder.Configuration.AddInMemoryCollection([new("Data", folder)]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddStaff(Services.All);
        builder.AddWeb();

        var app = builder.Build();
        var started = new StaffApp(app, folder) { Clock = clock };
        app.UseWeb();
        app.UseStaff();
        app.MapPost("/api/count", started.Count).RequireAuthorization(Policies.Editor);
        app.MapPost("/api/refuse", () => TypedResults.Problem("No.", statusCode: 400)).RequireAuthorization(Policies.Editor);
        app.MapPost("/api/numbers", (Numbers numbers) => numbers.One).RequireAuthorization(Policies.Editor);
        app.MapGet("/api/admins", () => "secret").RequireAuthorization(Policies.Admin);
        app.MapGet("/api/fails", string () => throw new InvalidOperationException("a detail for the log")).AllowAnonymous();
        app.MapGet("/unmarked", () => "secret");
        app.MapFallback("{**path}", () => TypedResults.NotFound()).AllowAnonymous();
        await app.Services.PrepareAsync(wait: false, TestContext.Current.CancellationToken);
        await app.StartAsync(TestContext.Current.CancellationToken);
        started.Anonymous = started.Client();
        return started;
    }

    /// <summary>With a new key of this role.</summary>
    public async Task<HttpClient> WithKey(string role, bool readOnly = false, string? area = null)
    {
        var key = await In(services => services.GetRequiredService<Accounts>().AddKeyAsync("test", role, TestContext.Current.CancellationToken, readOnly, area));
        var client = Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async Task<T> In<T>(Func<IServiceProvider, Task<T>> act)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider);
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        await app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private sealed record Numbers(int One);

    private HttpClient Client() => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };

    private async Task<IResult> Count(HttpRequest request)
    {
        using var body = new StreamReader(request.Body);
        var text = await body.ReadToEndAsync();
        return TypedResults.Created($"/api/count/{Interlocked.Increment(ref counted)}", new { text });
    }
}
