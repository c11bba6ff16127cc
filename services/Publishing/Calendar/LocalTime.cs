using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;

namespace Alerts.Publishing.Calendar;

/// <summary>An hour in a zone, as an editor names it, and the instant that is meant.</summary>
internal static class LocalTime
{
    /// <summary>As a browser's datetime-local field gives it, with or without seconds.</summary>
    private static readonly LocalDateTimePattern[] Patterns =
        [LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm"), LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss")];

    /// <summary>The zones to choose among: those of places that people live in, and UTC.</summary>
    public static IReadOnlyList<string> Zones { get; } =
        [.. (TzdbDateTimeZoneSource.Default.ZoneLocations ?? []).Select(location => location.ZoneId).Append("UTC").Distinct().Order(StringComparer.Ordinal)];

    public static bool IsZone(string? zone) => zone is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null;

    /// <summary>The instant, or a sentence about why there is none. A time that comes twice (the clocks go back) is its first.</summary>
    public static (DateTimeOffset? Instant, string? Problem) Read(string? text, string? zone)
    {
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone ?? "") is not { } place)
        {
            return (null, "Choose a time zone from the list.");
        }

        var parsed = Patterns.Select(pattern => pattern.Parse(text?.Trim() ?? "")).FirstOrDefault(result => result.Success);
        if (parsed is null)
        {
            return (null, "Give the day and the time at which it is to be published.");
        }

        var local = parsed.Value;
        if (local.Year is < 2000 or > 2200)
        {
            return (null, "Give a year that is near.");
        }

        var mapping = place.MapLocal(local);
        if (mapping.Count == 0)
        {
            var after = mapping.LateInterval.IsoLocalStart;
            return (null, FormattableString.Invariant($"There is no {local:HH:mm} on {local:d MMMM uuuu} in {zone}: the clocks go forward then. Take {after:HH:mm} or later, or a time before {mapping.EarlyInterval.IsoLocalEnd:HH:mm}."));
        }

        return (mapping.First().ToInstant().ToDateTimeOffset(), null);
    }

    /// <summary>As a browser's datetime-local field wants it.</summary>
    public static string Field(DateTimeOffset instant, string zone) => Patterns[0].Format(In(instant, zone).LocalDateTime);

    /// <summary>For people: "Saturday 21 November 2026, 13:00 (America/New_York)".</summary>
    public static string Words(DateTimeOffset instant, string? zone)
    {
        zone = IsZone(zone) ? zone! : "UTC";
        return FormattableString.Invariant($"{In(instant, zone).LocalDateTime:dddd d MMMM uuuu, HH:mm} ({zone})");
    }

    public static ZonedDateTime In(DateTimeOffset instant, string zone) =>
        Instant.FromDateTimeOffset(instant).InZone(DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc);
}
