using System.Net;
using System.Net.Sockets;
using Alerts.Publishing.Feeds;
using Alerts.ServiceDefaults;
using AngleSharp.Html.Parser;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace Alerts.Publishing.Links;

/// <summary>What became of a link when it was followed.</summary>
/// <param name="Works">Null: not asked, or the answer doesn't tell.</param>
public sealed record CheckedLink(string Address, bool? Works, string Says);

/// <summary>
/// Follows the links of a post, as its readers will. The addresses are anybody's: each connection is checked once its name is resolved, as <see cref="FeedFetch"/> does, and
/// count, time and what is read of an answer are bounded. No answer is shown to anybody.
/// </summary>
internal sealed class LinkCheck(HttpClient http, IOptions<AlertsOptions> site, TimeProvider clock)
{
    /// <summary>In one post; more aren't followed.</summary>
    public const int MaxLinks = 60;

    private const int AtOnce = 8;

    private static readonly TimeSpan ForOne = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan ForAll = TimeSpan.FromSeconds(20);

    /// <param name="html">Cleaned.</param>
    public async Task<IReadOnlyList<CheckedLink>> CheckAsync(string html, CancellationToken cancellationToken)
    {
        var addresses = new HtmlParser().ParseDocument(html).QuerySelectorAll("a[href]").Select(link => link.GetAttribute("href")!)
            .Where(href => Uri.TryCreate(href, UriKind.Absolute, out var address) && WebAddress.IsWeb(address)).Distinct(StringComparer.Ordinal).ToList();
        using var deadline = new CancellationTokenSource(ForAll, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var turns = new SemaphoreSlim(AtOnce);
        var answers = await Task.WhenAll(addresses.Take(MaxLinks).Select(async address =>
        {
            try
            {
                await turns.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new CheckedLink(address, null, "not followed: the others took too long");
            }

            try
            {
                return await FollowAsync(new Uri(address), address, either.Token, cancellationToken);
            }
            finally
            {
                turns.Release();
            }
        }));
        return [.. answers, .. addresses.Skip(MaxLinks).Select(address => new CheckedLink(address, null, $"not followed: only the first {MaxLinks} are"))];
    }

    private async Task<CheckedLink> FollowAsync(Uri address, string shown, CancellationToken either, CancellationToken cancellationToken)
    {
        if (string.Equals(address.Authority, new Uri(site.Value.PublicUrl).Authority, StringComparison.OrdinalIgnoreCase))
        {
            return new CheckedLink(shown, null, "on our own site: not followed");
        }

        using var deadline = new CancellationTokenSource(ForOne, clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(either, deadline.Token);
        try
        {
            var answer = await AskAsync(HttpMethod.Head, address, any.Token);

            // Many servers don't know HEAD, or answer it otherwise than GET.
            answer = (int)answer.Status is >= 400 and not 429 ? await AskAsync(HttpMethod.Get, address, any.Token) : answer;
            return Judge(shown, (int)answer.Status, answer.Found != address ? answer.Found : null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CheckedLink(shown, null, "didn't answer in time: try it yourself");
        }
        catch (Exception exception) when (exception is AntiSSRFException or ArgumentException { ParamName: "hostName" })
        {
            return new CheckedLink(shown, false, "is an address of a private network: readers can't reach it");
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or System.Security.Authentication.AuthenticationException or UriFormatException or NotSupportedException)
        {
            return new CheckedLink(shown, false, exception is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }
                ? $"there is no site {address.Host}"
                : exception is System.Security.Authentication.AuthenticationException ? "its certificate isn't to be trusted" : "can't be reached");
        }
    }

    private async Task<(HttpStatusCode Status, Uri Found)> AskAsync(HttpMethod method, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return (response.StatusCode, request.RequestUri ?? address);
    }

    private static CheckedLink Judge(string address, int status, Uri? elsewhere) => status switch
    {
        >= 200 and < 300 => new(address, true, elsewhere is null ? "works" : $"works, by way of {elsewhere.Host}"),
        404 or 410 => new(address, false, "isn't there (not found)"),
        401 or 402 or 403 or 405 or 406 or 429 or 451 => new(address, null, $"answers robots with {status}: try it yourself"),
        >= 300 and < 400 => new(address, false, "redirects in circles, or nowhere"),
        >= 500 => new(address, false, $"has trouble ({status}): try again later"),
        _ => new(address, false, $"answers {status}"),
    };
}

internal static class LinkCheckServices
{
    /// <summary>Registers <see cref="LinkCheck"/>, as careful with strangers' addresses as the reading of feeds.</summary>
    public static void AddLinkCheck(this IServiceCollection services) =>
        services.AddHttpClient<LinkCheck>(FeedsServices.Introduce)
            .ConfigurePrimaryHttpMessageHandler(provider => FeedsServices.CreateHandler(provider.GetRequiredService<IOptions<FeedOptions>>().Value));
}
