using System.Net;
using System.Net.Sockets;
using Alerts.Publishing.Feeds;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing.Feeds;

/// <summary>A feed's address must not be a way into the server's own network.</summary>
public class FeedAddressTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("１２７.０.０.１")]
    public async Task This_machine_is_refused_however_it_is_spelled(string host)
    {
        await using var site = await Site.StartAsync(Site.Feed);

        await RefusesAsync(site, $"http://{host}:{site.Address.Port}/feed");

        Assert.Empty(site.Requests);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("192.0.2.1")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[fe80::1]")]
    [InlineData("[ff02::1]")]
    [InlineData("[::ffff:169.254.169.254]")]
    public async Task Private_and_special_networks_are_refused(string host)
    {
        await using var site = await Site.StartAsync(Site.Feed);

        await RefusesAsync(site, $"http://{host}/");
    }

    [Fact]
    public async Task A_name_is_refused_by_what_it_resolves_to()
    {
        await using var site = await Site.StartAsync(Site.Feed);
        var name = Dns.GetHostName();
        Assert.SkipUnless(await ResolvesToLoopbackAsync(name), $"{name} isn't a name of loopback here.");

        await RefusesAsync(site, $"http://{name}:{site.Address.Port}/feed");

        Assert.Empty(site.Requests);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("//0.0.0.0/")]
    public async Task A_redirect_is_checked_as_the_first_address_is(string location)
    {
        await using var site = await Site.StartAsync(context =>
        {
            context.Response.Redirect(location);
            return Task.CompletedTask;
        });

        Assert.EndsWith("If it is your intranet's, set Feeds:AllowPrivateAddresses.", (await site.RefusedAsync()).Message, StringComparison.Ordinal);
        Assert.Single(site.Requests);
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    public async Task Private_addresses_allowed_do_not_let_in_metadata_services(string host)
    {
        await using var site = await Site.StartAsync(Site.Feed);

        await Assert.ThrowsAsync<FeedException>(() => site.Fetch().FetchAsync(new Uri($"http://{host}/"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Private_addresses_are_refused_unless_configured()
    {
        await using var site = await Site.StartAsync(Site.Feed);
        await using var services = new ServiceCollection()
            .AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationManager())
            .AddFeeds()
            .BuildServiceProvider();

        await Assert.ThrowsAsync<FeedException>(() => services.GetRequiredService<FeedFetch>().FetchAsync(site.Address, cancellationToken: Cancellation));

        Assert.Empty(site.Requests);
    }

    private static async Task RefusesAsync(Site site, string address)
    {
        var refusal = await Assert.ThrowsAsync<FeedException>(() => site.Fetch(allowPrivateAddresses: false).FetchAsync(new Uri(address), cancellationToken: Cancellation));

        Assert.EndsWith(
            " is an address of a private network or of this machine, and such are not fetched. If it is your intranet's, set Feeds:AllowPrivateAddresses.",
            refusal.Message,
            StringComparison.Ordinal);
    }

    private static async Task<bool> ResolvesToLoopbackAsync(string name)
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(name, Cancellation)).Any(IPAddress.IsLoopback);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
