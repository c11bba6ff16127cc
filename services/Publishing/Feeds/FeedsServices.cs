using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace Alerts.Publishing.Feeds;

public static class FeedsServices
{
    /// <summary>
    /// Registers <see cref="FeedParser"/> and <see cref="FeedFetch"/>, set up by the section <c>Feeds</c> and the key <c>PublicUrl</c>, under which feeds see who asks.
    /// </summary>
    public static IServiceCollection AddFeeds(this IServiceCollection services)
    {
        services.AddOptions<FeedOptions>().BindConfiguration(FeedOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<FeedParser>();
        services.AddHttpClient<FeedFetch>(Introduce)
            .ConfigurePrimaryHttpMessageHandler(provider => CreateHandler(provider.GetRequiredService<IOptions<FeedOptions>>().Value));
        return services;
    }

    internal static void Introduce(IServiceProvider provider, HttpClient http)
    {
        var version = typeof(FeedFetch).Assembly.GetName().Version?.ToString(2);
        var contact = provider.GetRequiredService<IConfiguration>()["PublicUrl"];
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", string.IsNullOrEmpty(contact) ? $"Alerts/{version}" : $"Alerts/{version} (+{contact})");
        // FeedFetch counts the time, by the clock it is given.
        http.Timeout = Timeout.InfiniteTimeSpan;
    }

    internal static AntiSSRFHandler CreateHandler(FeedOptions options) => CreateHandler(options.AllowPrivateAddresses, allowPlainHttp: true);

    /// <summary>
    /// Resolves a name, refuses it if any of its addresses is not public, and connects to exactly those addresses: a name that resolves otherwise a moment later
    /// gains nothing. Goes through no proxy, which would resolve for itself.
    /// </summary>
    /// <param name="allowPrivateAddresses">See <see cref="FeedOptions.AllowPrivateAddresses"/>.</param>
    internal static AntiSSRFHandler CreateHandler(bool allowPrivateAddresses, bool allowPlainHttp)
    {
        var policy = new AntiSSRFPolicy(PolicyConfigOptions.ExternalOnlyLatest)
        {
            AllowPlainTextHttp = allowPlainHttp,
            // "X-Forwarded-For: true" would turn cloud metadata services away, which are refused by address; some sites reject it as malformed.
            AddXFFHeader = false,
        };
        // IPv4 addresses in the old IPv6 spelling ::a.b.c.d (RFC 4291, 2.5.5.1).
        policy.AddDeniedAddresses(["::/96"]);
        if (allowPrivateAddresses)
        {
            policy.AddAllowedAddresses([.. IPAddressRanges.loopback, .. IPAddressRanges.privateUse, .. IPAddressRanges.sharedAddressSpace, .. IPAddressRanges.uniqueLocal]);
        }

        var handler = policy.GetHandler();
        handler.MaxAutomaticRedirections = FeedFetch.MaxRedirects;
        handler.UseCookies = false;
        return handler;
    }
}
