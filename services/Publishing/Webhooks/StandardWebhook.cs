using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Alerts.Publishing.Webhooks;

/// <summary>
/// How a call is signed: Standard Webhooks, symmetric (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme"). Takers
/// have libraries for it in most languages.
/// </summary>
internal static class StandardWebhook
{
    public const string Id = "webhook-id";
    public const string Timestamp = "webhook-timestamp";
    public const string Signature = "webhook-signature";

    /// <summary>The headers of a call with this body, signed now. Takers refuse a timestamp far from their own clock, so each attempt is signed anew.</summary>
    public static IEnumerable<(string Name, string Value)> Headers(Guid id, DateTimeOffset now, string body, byte[] secret)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        return [(Id, id.ToString()), (Timestamp, timestamp), (Signature, $"v1,{Convert.ToBase64String(signed)}")];
    }
}
