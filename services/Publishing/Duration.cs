using System.Xml;

namespace Alerts.Publishing;

/// <summary>Durations as the API writes them: ISO 8601, such as PT30S or P1D.</summary>
internal static class Duration
{
    /// <summary>Null for what is none, or lies outside the bounds.</summary>
    public static TimeSpan? Parse(string text, TimeSpan least, TimeSpan most)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text) is var duration && duration >= least && duration <= most ? duration : null;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return null;
        }
    }
}
