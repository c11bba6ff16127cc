using System.Globalization;
using Alerts.Publishing.Feeds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing.Feeds;

/// <summary>A real web server on loopback that answers every request in one way and remembers them; and the product's own way to fetch from it.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Feed = "<rss version=\"2.0\"><channel><title>Harbour</title><item><title>Storm</title><link>/storm</link></item></channel></rss>";

    private readonly WebApplication app;
    private readonly List<IAsyncDisposable> fetchers = [];

    private Site(WebApplication app) => this.app = app;

    public List<(string Path, IHeaderDictionary Headers)> Requests { get; } = [];

    /// <summary>With a port and no path.</summary>
    public Uri Address => new(app.Urls.First());

    public static async Task<Site> StartAsync(RequestDelegate answer, string url = "http://127.0.0.1:0", Action<IWebHostBuilder>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        configure?.Invoke(builder.WebHost);
        var app = builder.Build();
        var site = new Site(app);
        app.Run(context =>
        {
            lock (site.Requests)
            {
                site.Requests.Add((context.Request.Path, new HeaderDictionary(context.Request.Headers.ToDictionary())));
            }

            return answer(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return site;
    }

    public static Task<Site> StartAsync(string body) => StartAsync(context => context.Response.WriteAsync(body, context.RequestAborted));

    /// <summary>Set up as the product sets it up, but for private addresses, which the tests live on.</summary>
    public FeedFetch Fetch(TimeProvider? clock = null, bool allowPrivateAddresses = true, params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("Feeds:AllowPrivateAddresses", allowPrivateAddresses.ToString(CultureInfo.InvariantCulture)),
                new("PublicUrl", "https://alerts.example"),
                .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
            ]).Build())
            .AddSingleton(clock ?? TimeProvider.System)
            .AddFeeds()
            .BuildServiceProvider();
        fetchers.Add(services);
        return services.GetRequiredService<FeedFetch>();
    }

    public async Task<FetchedFeed> FetchAsync(string path = "/feed", FeedValidators? known = null) =>
        await Fetch().FetchAsync(new Uri(Address, path), known, TestContext.Current.CancellationToken);

    public async Task<FeedException> RefusedAsync(string path = "/feed")
    {
        var refusal = await Assert.ThrowsAsync<FeedException>(() => FetchAsync(path));
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var fetcher in fetchers)
        {
            await fetcher.DisposeAsync();
        }

        await app.DisposeAsync();
    }
}
