using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace Alerts.Publishing.Feeds;

/// <summary>Gets feeds by http, https or from a file.</summary>
/// <remarks>
/// The address is a stranger's, so each connection, also after a redirect, is checked once its name is resolved: see <see cref="FeedsServices.AddFeeds"/>.
/// Redirects, time and size (after decompression) are bounded. Meant to be asked at most every few minutes a feed; it keeps no state and retries nothing.
/// </remarks>
public sealed class FeedFetch(HttpClient http, FeedParser parser, IOptions<FeedOptions> options, TimeProvider clock)
{
    public const int MaxRedirects = 5;

    private const int MaxValidator = 500;

    /// <param name="address">Absolute, http or https.</param>
    /// <param name="known">What the last fetch gave; null to have the feed in any case.</param>
    /// <param name="cancellationToken">Ends the fetch with an <see cref="OperationCanceledException"/>; the fetch's own time-out is a <see cref="FeedException"/>.</param>
    /// <exception cref="FeedException">It could not be had, or is no feed.</exception>
    public async Task<FetchedFeed> FetchAsync(Uri address, FeedValidators? known = null, CancellationToken cancellationToken = default)
    {
        if (!WebAddress.IsWeb(address))
        {
            throw new FeedException($"{address} is not a web address: give one that begins with https:// or http://.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var deadline = new CancellationTokenSource(options.Value.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await FetchAsync(request, known ?? FeedValidators.None, either.Token);
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested && exception is not FeedException)
        {
            throw new FeedException($"{address.Host} took longer than {options.Value.Timeout.TotalSeconds:0} seconds: try again later.", exception);
        }
        catch (Exception exception) when (Explain(exception, request.RequestUri!) is { } explanation)
        {
            throw new FeedException(explanation, exception);
        }
    }

    /// <summary>Reads a feed from a file on this machine. Only for those who may read any file here: never pass an address that came by the web.</summary>
    /// <exception cref="FeedException">It cannot be opened, or is no feed.</exception>
    public async Task<Feed> ReadFileAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            return await parser.ReadAsync(file, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FeedException($"There is no file {path}: check the path.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FeedException($"The file {path} cannot be read: {exception.Message}", exception);
        }
    }

    private async Task<FetchedFeed> FetchAsync(HttpRequestMessage request, FeedValidators known, CancellationToken cancellationToken)
    {
        Add(request, "Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, */*;q=0.5");
        Add(request, "Accept-Encoding", "gzip, br");
        Add(request, "If-None-Match", known.ETag);
        Add(request, "If-Modified-Since", known.LastModified);

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var found = request.RequestUri!;
        if (response.StatusCode == HttpStatusCode.NotModified && known != FeedValidators.None)
        {
            return new FetchedFeed { Address = found, Validators = ValidatorsOf(response, known) };
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw Refusal((int)response.StatusCode, Shown(found));
        }

        var type = response.Content.Headers.ContentType;
        RefuseIfMedia(type, found);
        await using var body = Decompress(await response.Content.ReadAsStreamAsync(cancellationToken), response.Content.Headers.ContentEncoding, found);
        var feed = await parser.ReadAsync(body, found, type?.CharSet, cancellationToken);
        return new FetchedFeed { Feed = feed, Address = found, Validators = ValidatorsOf(response, FeedValidators.None) };
    }

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
    }

    private static FeedValidators ValidatorsOf(HttpResponseMessage response, FeedValidators otherwise) => new(
        Validator(response.Headers, "ETag") ?? otherwise.ETag,
        Validator(response.Content.Headers, "Last-Modified") ?? otherwise.LastModified);

    private static string? Validator(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.ToString() is { Length: > 0 and <= MaxValidator } value ? value : null;

    private static FeedException Refusal(int status, string found) => new($"{found} answered {status}" + status switch
    {
        404 or 410 => " (not found): check the address.",
        401 or 403 or 407 => " (not allowed): only feeds that anyone may read can be fetched.",
        429 or >= 500 => ": the site has trouble or is busy. Try again later.",
        >= 300 and < 400 and not 304 => $": it redirects more than {MaxRedirects} times, or nowhere. Give the feed's final address.",
        _ => " and no feed: check the address.",
    });

    private static void RefuseIfMedia(MediaTypeHeaderValue? type, Uri found)
    {
        if (type?.MediaType is { } name && (name.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || name.StartsWith("audio/", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("video/", StringComparison.OrdinalIgnoreCase) || name.ToLowerInvariant() is "application/pdf" or "application/zip"))
        {
            throw new FeedException($"{Shown(found)} is of type {name}, not a feed: check the address.");
        }
    }

    /// <summary>By hand, because the handler that checks addresses doesn't do it; the parser counts what comes out.</summary>
    private static Stream Decompress(Stream body, ICollection<string> encodings, Uri found) => encodings.Count switch
    {
        0 => body,
        1 => encodings.First().ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "identity" => body,
            var other => throw new FeedException($"{Shown(found)} is compressed as {other}, which was not asked for: tell its publisher."),
        },
        _ => throw new FeedException($"{Shown(found)} is compressed more than once: tell its publisher."),
    };

    /// <summary>Null for what is not the network's or the site's fault. The handler throws the cause itself, not wrapped.</summary>
    private static string? Explain(Exception exception, Uri at) => exception switch
    {
        // The latter for 0.0.0.0, which no name is looked up for.
        AntiSSRFException or ArgumentException { ParamName: "hostName" } =>
            $"{at.Host} is an address of a private network or of this machine, and such are not fetched. If it is your intranet's, set Feeds:AllowPrivateAddresses.",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => $"There is no site {at.Host}: check the address for typing errors.",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"{at.Authority} refuses the connection: check the address, or try again later.",
        SocketException => $"{at.Authority} cannot be reached: try again later.",
        AuthenticationException => $"The certificate of {at.Host} is not to be trusted (expired, or another site's): tell its publisher.",
        UriFormatException or NotSupportedException => $"{Shown(at)} redirects to what is not a web address: give the feed's final address.",
        InvalidDataException => $"{Shown(at)} came damaged (it cannot be decompressed): try again later.",
        HttpRequestException or IOException => $"{at.Host} broke off or answered what is not HTTP: try again later.",
        _ => null,
    };

    /// <summary>Without a user name and password.</summary>
    private static string Shown(Uri address) => PlainText.Cut(address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped), 300);
}
