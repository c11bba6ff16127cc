using System.Globalization;
using MimeKit.Utils;

namespace Alerts.Publishing.Feeds;

/// <summary>Dates as feeds write them: RFC 822 in RSS (with its many misspellings), RFC 3339 in Atom and JSON Feed, W3C date-time in Dublin Core.</summary>
internal static class FeedDate
{
    /// <summary>The instant in UTC (a date without a zone is taken as UTC), or null for what is no date. Years before 1900 stand for "none" in many programs.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        text = PlainText.OneLine(text);
        if (text.Length is 0 or > 100)
        {
            return null;
        }

        // Of two-digit years MimeKit makes four, and would make 2001 of the year 1.
        var isIso = text.Length >= 5 && text[..4].All(char.IsAsciiDigit) && text[4] == '-';
        var isDate = isIso
            ? DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            : DateUtils.TryParse(text, out date) && !text.Contains(" 0001 ", StringComparison.Ordinal);
        return isDate && date.UtcDateTime.Year >= 1900 ? date.ToUniversalTime() : null;
    }
}
