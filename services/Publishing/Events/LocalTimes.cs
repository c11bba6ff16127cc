using System.Globalization;
using Alerts.Mailings.Calendar;
using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;

namespace Alerts.Publishing.Events;

/// <summary>Local times as editors and programs write them, and the instants they mean.</summary>
internal static class LocalTimes
{
    private static readonly LocalDateTimePattern[] Patterns =
    [
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm"),
    ];

    /// <summary>The last of them that can be: no event is planned further ahead than calendars reach.</summary>
    private static readonly LocalDateTime Last = new(2100, 1, 1, 0, 0);

    /// <summary>The zones to choose among: those of places that people live in, and UTC.</summary>
    public static IReadOnlyList<string> Zones { get; } =
        [.. (TzdbDateTimeZoneSource.Default.ZoneLocations ?? []).Select(location => location.ZoneId).Append("UTC").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Null for what is no local time of this century.</summary>
    public static LocalDateTime? Parse(string? text)
    {
        foreach (var pattern in Patterns)
        {
            if (pattern.Parse(text?.Trim() ?? "") is { Success: true, Value: var local })
            {
                return local.Year >= 2000 && local < Last ? local : null;
            }
        }

        return null;
    }

    /// <summary>As <see cref="Parse"/> reads it, and as a browser's field shows it.</summary>
    public static string Format(DateTimeOffset instant, string zone) => Patterns[0].Format(Instant.FromDateTimeOffset(instant).InZone(Zone(zone) ?? DateTimeZone.Utc).LocalDateTime);

    public static DateTimeZone? Zone(string? id) => string.IsNullOrWhiteSpace(id) ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(id.Trim());

    /// <summary>The instant a local time means. One that the clocks skip moves on by as much as they do; of one that comes twice, the first is taken.</summary>
    /// <param name="notes">Gets a sentence when it was either.</param>
    public static DateTimeOffset Resolve(LocalDateTime local, DateTimeZone zone, ICollection<string> notes)
    {
        var mapping = zone.MapLocal(local);
        var taken = zone.AtLeniently(local);
        if (mapping.Count == 0)
        {
            notes.Add($"{Words(local)} doesn't exist in {EventTime.City(zone.Id)}, because the clocks go forward then: {Words(taken.LocalDateTime)} was taken.");
        }
        else if (mapping.Count > 1)
        {
            notes.Add($"{Words(local)} comes twice in {EventTime.City(zone.Id)}, because the clocks go back then: the first of the two was taken (UTC{taken.Offset.ToString("m", CultureInfo.InvariantCulture)}).");
        }

        return taken.ToInstant().ToDateTimeOffset();
    }

    private static string Words(LocalDateTime local) => local.ToString("HH:mm 'on' d MMMM uuuu", CultureInfo.InvariantCulture);
}
