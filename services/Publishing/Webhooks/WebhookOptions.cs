namespace Alerts.Publishing.Webhooks;

/// <summary>Configuration section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Whether webhooks may lie on this machine (then without https, too) and in private networks (loopback, RFC 1918, RFC 6598, IPv6 unique local). Default false: whoever may
    /// add a webhook could otherwise reach what only the server reaches. Link-local addresses, where clouds keep their credentials, stay refused either way.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }
}
