using NodaTime;
using NodaTime.Extensions;
using NodaTime.TimeZones;

namespace Alerts.Digests.Readers;

/// <summary>When a digest is due: each local date once, through both changes of the clock and whatever else a zone did.</summary>
public static class Due
{
    /// <summary>The first instant after <paramref name="after"/> at which it is <paramref name="hour"/> o'clock in the zone, on the weekday if there is one.</summary>
    /// <remarks>
    /// A local time that the clocks skip moves to the next valid one; one that comes twice counts the first time only. A date that a zone skipped altogether (Samoa,
    /// 30 December 2011) has no daily digest; a weekly one that would fall on it comes when the next date begins.
    /// </remarks>
    /// <param name="zone">IANA zone id, old names included; one that is newer than our own time zone database is looked up in that of the machine; an unknown one is taken for UTC.</param>
    /// <param name="hour">0–23, local.</param>
    /// <param name="weekday">Null: every day.</param>
    public static DateTimeOffset Next(string zone, int hour, DayOfWeek? weekday, DateTimeOffset after)
    {
        var place = Place(zone);
        var start = Instant.FromDateTimeOffset(after);

        // From the day before: a skipped time may have moved into today.
        for (var date = start.InZone(place).Date.PlusDays(-1); ; date = date.PlusDays(1))
        {
            if (weekday is { } day && date.DayOfWeek != day.ToIsoDayOfWeek())
            {
                continue;
            }

            if (At(place, date, hour, skipMissing: weekday is null) is { } due && due > start)
            {
                return due.ToDateTimeOffset();
            }
        }
    }

    private static DateTimeZone Place(string zone) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? (TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var newer) ? BclDateTimeZone.FromTimeZoneInfo(newer) : DateTimeZone.Utc);

    private static Instant? At(DateTimeZone zone, LocalDate date, int hour, bool skipMissing)
    {
        var mapping = zone.MapLocal(date + new LocalTime(hour, 0));
        if (mapping.Count > 0)
        {
            return mapping.First().ToInstant();
        }

        var next = mapping.LateInterval.Start;
        return skipMissing && IsMissing(zone, date, next) ? null : next;
    }

    /// <summary>The gap around the skipped time takes the whole date.</summary>
    private static bool IsMissing(DateTimeZone zone, LocalDate date, Instant gapEnd) =>
        gapEnd.InZone(zone).Date > date && zone.MapLocal(date.AtMidnight()).Count == 0;
}
