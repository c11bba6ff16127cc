using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Alerts.Publishing.Feeds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace Alerts.Publishing.Webhooks;

/// <summary>What came of a call.</summary>
/// <param name="Status">Of the answer; null when there was none.</param>
/// <param name="Says">For people.</param>
internal sealed record WebhookAnswer(HttpStatusCode? Status, string Says)
{
    /// <summary>2xx, as Standard Webhooks has it.</summary>
    public bool IsTaken => (int?)Status is >= 200 and < 300;

    /// <summary>The taker wants no more, ever.</summary>
    public bool IsGone => Status is HttpStatusCode.Gone;
}

/// <summary>
/// Makes the calls. The address is a stranger's: each connection is checked once its name is resolved, as <see cref="FeedFetch"/> does; no redirect is followed, no proxy asked, and of the
/// answer only the status is looked at.
/// </summary>
internal sealed class WebhookClient(HttpClient http, WebhookSecrets secrets, TimeProvider clock)
{
    /// <summary>For a call in all.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task<WebhookAnswer> CallAsync(Webhook hook, WebhookCall call, CancellationToken cancellationToken)
    {
        var body = call.Body ?? throw new InvalidOperationException("The call is over.");
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            foreach (var (name, value) in StandardWebhook.Headers(call.FactId, clock.GetUtcNow(), body, secrets.Open(hook.Secret)))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return new WebhookAnswer(response.StatusCode, (int)response.StatusCode is >= 300 and < 400
                ? $"answered {(int)response.StatusCode}: redirects aren't followed, give the final address"
                : $"answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookAnswer(null, $"didn't answer within {Timeout.TotalSeconds:0} seconds");
        }
        catch (Exception exception) when (Explain(exception) is { } explanation)
        {
            return new WebhookAnswer(null, explanation);
        }
    }

    /// <summary>Null for what is neither the network's nor the taker's fault. The handler throws the cause itself, not wrapped.</summary>
    private static string? Explain(Exception exception) => exception switch
    {
        // The latter for 0.0.0.0, which no name is looked up for.
        AntiSSRFException or ArgumentException { ParamName: "hostName" } => "is an address of a private network or of this machine, and such are not called",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "isn't there: no such site",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "refuses the connection",
        SocketException => "can't be reached",
        AuthenticationException => "has a certificate that isn't to be trusted",
        HttpRequestException or IOException => "broke off, or answered what is not HTTP",
        CryptographicException => "wasn't called: its secret can't be read any more, make a new one",
        _ => null,
    };
}

internal static class WebhookServices
{
    /// <summary>Registers all that calls webhooks, set up by the section <c>Webhooks</c>.</summary>
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section);
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<SendWebhooks.Turn>();
        services.AddScoped<WebhookSending>();
        services.AddScoped<WebhookEditing>();
        services.AddHttpClient<WebhookClient>(FeedsServices.Introduce).ConfigurePrimaryHttpMessageHandler(provider =>
        {
            // Whether this address may go without https was asked when it was written.
            var allow = provider.GetRequiredService<IOptions<WebhookOptions>>().Value.AllowPrivateAddresses;
            var handler = FeedsServices.CreateHandler(allow, allowPlainHttp: allow);
            handler.AllowAutoRedirect = false;
            return handler;
        });
    }
}
