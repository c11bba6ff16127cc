namespace Alerts.Publishing.Editor;

internal static class PostBadge
{
    /// <summary>The colour of a state, as the style sheet names it.</summary>
    public static string Class(string state) => state switch { "published" => "ok", "scheduled" => "warn", "withdrawn" => "bad", _ => "quiet" };
}
