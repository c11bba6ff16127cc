using System.Text.RegularExpressions;
using Serilog.Events;
using Serilog.Formatting;

namespace Alerts.ServiceDefaults.Logging;

/// <summary>
/// Writes each log event as another formatter would, with whatever looks like a mail address shortened to <c>a…@example.org</c>: in the message, the properties and the
/// exception alike, since it is the finished text that is masked.
/// </summary>
internal sealed partial class MaskedAddresses(ITextFormatter inner) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter();
        inner.Format(logEvent, text);
        output.Write(Mask(text.ToString()));
    }

    public static string Mask(string text) => text.Contains('@', StringComparison.Ordinal) || text.Contains("%40", StringComparison.Ordinal)
        ? Address().Replace(text, "${first}…@${domain}")
        : text;

    /// <summary>
    /// Wider than RFC 5321: it may mask what isn't an address, and that is the better mistake. An address is also found where it is encoded in a URL, and in quotes.
    /// </summary>
    [GeneratedRegex("""
        (?:
            (?<first>[^\s<>()\[\]{}:;,"'`\\/=|@%\x1b])[^\s<>()\[\]{}:;,"\\/=|@\x1b]{0,63}?
          | \\?"(?<first>[^"\\\r\n@])[^"\r\n]{0,62}?\\?"
        )
        (?:@|%40)
        (?<domain>(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]*[\p{L}\p{N}]|localhost|\[[0-9A-Fa-f:.IPv]+\])
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
