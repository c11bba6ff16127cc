namespace Alerts.Subscriptions;

/// <summary>
/// Texts in a CSV that somebody will open in a spreadsheet: one that begins like a formula gets an apostrophe before it, which spreadsheets don't show and imports of
/// ours take off again (OWASP, CSV injection).
/// </summary>
internal static class SpreadsheetText
{
    private const string Formula = "=+-@\t\r";

    public static string Write(string? text) => text is { Length: > 0 } && Formula.Contains(text[0], StringComparison.Ordinal) ? "'" + text : text ?? "";

    public static string Read(string text) => text is ['\'', var first, ..] && Formula.Contains(first, StringComparison.Ordinal) ? text[1..] : text;
}
