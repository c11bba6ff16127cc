using System.ComponentModel.DataAnnotations;

namespace Alerts.ServiceDefaults;

/// <summary>What every process needs to know. Bound from the root of the configuration and checked at start.</summary>
public sealed class AlertsOptions
{
    /// <summary>The folder for SQLite files, the local mailbox and journals. Default: <c>data</c>, below the working directory.</summary>
    [Required]
    public string Data { get; set; } = "data";

    /// <summary>Where readers reach us, without a trailing slash; every link in a mail begins with it. Default: <c>http://localhost:5000</c>.</summary>
    [Required, Url]
    public string PublicUrl { get; set; } = "http://localhost:5000";

    /// <summary>The absolute address of a path here, such as <c>/preferences/…</c>.</summary>
    public string Link(string path) => PublicUrl.TrimEnd('/') + path;
}
