using System.Globalization;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Links;
using Alerts.ServiceDefaults;
using Alerts.Tests.Unit.Publishing.Feeds;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing.Links;

public sealed class LinkCheckTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Links_are_followed_and_what_became_of_each_is_said()
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path.Value switch { "/gone" => 404, "/robots" => 403, "/trouble" => 503, "/head" when context.Request.Method == "HEAD" => 405, _ => 200 };
            return Task.CompletedTask;
        });
        string Link(string path) => $"<a href=\"{new Uri(site.Address, path)}\">x</a>";

        var links = await CheckAsync(Link("/fine") + Link("/fine") + Link("/gone") + Link("/robots") + Link("/trouble") + Link("/head") + "<a href=\"https://alerts.example/posts/1\">x</a><a href=\"mailto:a@example.org\">x</a>");

        Assert.Equal([true, false, null, false, true, null], links.Select(link => link.Works));
        Assert.Contains("not found", links[1].Says, StringComparison.Ordinal);
        Assert.Contains("on our own site", links[5].Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]:9/")]
    [InlineData("http://0.0.0.0:9/")]
    public async Task What_only_this_machine_reaches_is_not_asked(string address)
    {
        var link = Assert.Single(await CheckAsync($"<a href=\"{address}\">x</a>", allowPrivateAddresses: false));

        Assert.Equal((false, "is an address of a private network: readers can't reach it"), (link.Works, link.Says));
    }

    [Fact]
    public async Task A_redirect_into_the_private_network_is_not_followed()
    {
        // The first address would be public in earnest; here both are private, and the policy looks at each connection.
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
            return Task.CompletedTask;
        });

        var link = Assert.Single(await CheckAsync($"<a href=\"{site.Address}\">x</a>"));

        Assert.False(link.Works);
        Assert.Contains("private network", link.Says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_so_many_are_followed()
    {
        await using var site = await Site.StartAsync(_ => Task.CompletedTask);
        var html = string.Concat(Enumerable.Range(0, LinkCheck.MaxLinks + 5).Select(n => $"<a href=\"{new Uri(site.Address, $"/{n}")}\">x</a>"));

        var links = await CheckAsync(html);

        Assert.Equal(LinkCheck.MaxLinks, site.Requests.Count);
        Assert.Equal(5, links.Count(link => link.Says.StartsWith("not followed", StringComparison.Ordinal)));
    }

    private static async Task<IReadOnlyList<CheckedLink>> CheckAsync(string html, bool allowPrivateAddresses = true)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
                [new("Feeds:AllowPrivateAddresses", allowPrivateAddresses.ToString(CultureInfo.InvariantCulture)), new("PublicUrl", "https://alerts.example")]).Build())
            .Configure<AlertsOptions>(options => options.PublicUrl = "https://alerts.example")
            .AddFeeds();
        services.AddLinkCheck();
        await using var provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<LinkCheck>().CheckAsync(html, Cancelled);
    }
}
