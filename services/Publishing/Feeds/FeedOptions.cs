using System.ComponentModel.DataAnnotations;

namespace Alerts.Publishing.Feeds;

/// <summary>Configuration section <c>Feeds</c>, checked at start.</summary>
public sealed class FeedOptions
{
    public const string Section = "Feeds";

    /// <summary>
    /// Whether feeds on this machine and in private networks (loopback, RFC 1918, RFC 6598, IPv6 unique local) may be fetched. Default false: an editor could
    /// otherwise read what only the server reaches. Link-local addresses, where clouds keep their credentials, stay refused either way.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>The most a feed may hold, in bytes, after decompression. Default 10 MB.</summary>
    [Range(1_000, 100_000_000)]
    public int MaxBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>For fetching a feed in all: look-up, redirects, body. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
