using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace Alerts.Mailings.Calendar;

/// <summary>The time of an event as people say it, in the zone of its place.</summary>
public static class EventTime
{
    /// <summary>Such as <c>Saturday 21 November, 1–2 p.m. (New York time)</c>.</summary>
    /// <param name="zone">IANA zone id; an unknown one is taken for UTC.</param>
    /// <param name="now">The year is named where it isn't the present one.</param>
    public static string InEnglish(DateTimeOffset startsAt, DateTimeOffset endsAt, string zone, DateTimeOffset now) =>
        $"{InWords(startsAt, endsAt, zone, now, English)} ({City(zone)} time)";

    /// <summary>The same without the zone, in the language of <paramref name="culture"/>; <see cref="City"/> names the zone.</summary>
    public static string InWords(DateTimeOffset startsAt, DateTimeOffset endsAt, string zone, DateTimeOffset now, CultureInfo culture)
    {
        ArgumentNullException.ThrowIfNull(culture);

        var place = Zone(zone);
        var start = startsAt.ToInstant().InZone(place);
        var end = endsAt.ToInstant().InZone(place);
        var year = now.ToInstant().InZone(place).Year;
        if (start.Date != end.Date)
        {
            return $"{Day(start, year, culture)}, {Hour(start, culture)} – {Day(end, year, culture)}, {Hour(end, culture)}";
        }

        // "1–2 p.m.", but "11 a.m.–1 p.m."; where clocks go back between the two, both halves are said in full.
        var from = Hour(start, culture);
        var to = Hour(end, culture);
        var isSameHalf = IsEnglish(culture) && start.Hour / 12 == end.Hour / 12 && start.Offset == end.Offset && from.EndsWith(".m.", StringComparison.Ordinal) && to.EndsWith(".m.", StringComparison.Ordinal);
        return $"{Day(start, year, culture)}, {(isSameHalf ? from[..^" p.m.".Length] : from)}–{to}";
    }

    /// <summary>The city a zone is named after: <c>New York</c> of <c>America/New_York</c>; the id where it is named after none.</summary>
    public static string City(string zone)
    {
        ArgumentNullException.ThrowIfNull(zone);

        return zone.StartsWith("Etc/", StringComparison.Ordinal) ? zone["Etc/".Length..] : zone[(zone.LastIndexOf('/') + 1)..].Replace('_', ' ');
    }

    internal static DateTimeZone Zone(string id) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(id) ?? DateTimeZone.Utc;

    private static CultureInfo English { get; } = CultureInfo.GetCultureInfo("en");

    private static bool IsEnglish(CultureInfo culture) => culture.TwoLetterISOLanguageName is "en" or "iv";

    private static string Day(ZonedDateTime time, int year, CultureInfo culture)
    {
        var date = time.Date.ToDateOnly();
        return !IsEnglish(culture) ? date.ToString("D", culture)
            : date.ToString(time.Year == year ? "dddd d MMMM" : "dddd d MMMM yyyy", English);
    }

    private static string Hour(ZonedDateTime time, CultureInfo culture)
    {
        if (!IsEnglish(culture))
        {
            return time.TimeOfDay.ToTimeOnly().ToString("t", culture);
        }

        return (time.Hour, time.Minute) switch
        {
            (0, 0) => "midnight",
            (12, 0) => "noon",
            var (hour, minute) => string.Create(
                CultureInfo.InvariantCulture, $"{(hour + 11) % 12 + 1}{(minute == 0 ? "" : $":{minute:00}")} {(hour < 12 ? "a.m." : "p.m.")}"),
        };
    }
}
