namespace Alerts.ServiceDefaults.Staff;

/// <summary>Where to go after a form: only to a path of ours, whatever the link said.</summary>
internal static class LocalPath
{
    public static string Or(string? asked, string otherwise) =>
        asked is ['/', ..] and not ['/', '/' or '\\', ..] && Uri.IsWellFormedUriString(asked, UriKind.Relative) ? asked : otherwise;
}
