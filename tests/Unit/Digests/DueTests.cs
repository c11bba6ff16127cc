using Alerts.Digests.Readers;
using CsCheck;
using NodaTime;

namespace Alerts.Tests.Unit.Digests;

public sealed class DueTests
{
    private static readonly string[] Zones =
    [
        "UTC", "Europe/Oslo", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Scoresbysund", "America/Godthab",
        "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Asia/Gaza", "Asia/Pyongyang", "Australia/Lord_Howe", "Australia/Eucla", "Pacific/Apia", "Pacific/Chatham",
        "Pacific/Kiritimati", "Pacific/Kwajalein", "Africa/Casablanca", "Africa/Cairo", "Antarctica/Troll", "Asia/Calcutta", "US/Eastern",
    ];

    private static DateTimeOffset Utc(string instant) => DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("Europe/Oslo", 18, "2026-11-23T16:59:00Z", "2026-11-23T17:00:00Z")]
    [InlineData("Europe/Oslo", 18, "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z")]
    [InlineData("Europe/Oslo", 2, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")] // 02:00 is skipped: at 03:00
    [InlineData("Europe/Oslo", 2, "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z")] // 02:00 comes twice: the first
    [InlineData("Europe/Oslo", 2, "2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z")]
    [InlineData("Asia/Kathmandu", 8, "2026-11-23T02:00:00Z", "2026-11-23T02:15:00Z")]
    [InlineData("Australia/Lord_Howe", 2, "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z")] // half an hour is skipped: at 02:30
    [InlineData("Pacific/Apia", 8, "2011-12-29T18:00:00Z", "2011-12-30T18:00:00Z")] // from the 29th, 08:00, to the 31st, 08:00
    [InlineData("Asia/Calcutta", 8, "2026-11-23T02:00:00Z", "2026-11-23T02:30:00Z")] // an old name of Asia/Kolkata
    [InlineData("Nowhere/Atall", 8, "2026-11-23T02:00:00Z", "2026-11-23T08:00:00Z")] // UTC
    public void A_daily_digest_is_due_at_the_hour(string zone, int hour, string after, string due) => Assert.Equal(Utc(due), Due.Next(zone, hour, null, Utc(after)));

    [Theory]
    [InlineData("Europe/Oslo", DayOfWeek.Friday, "2026-11-23T12:00:00Z", "2026-11-27T07:00:00Z")]
    [InlineData("Europe/Oslo", DayOfWeek.Friday, "2026-11-27T07:00:00Z", "2026-12-04T07:00:00Z")]
    [InlineData("Pacific/Apia", DayOfWeek.Friday, "2011-12-24T00:00:00Z", "2011-12-30T10:00:00Z")] // that Friday never was: as Saturday begins
    public void A_weekly_digest_is_due_on_the_weekday(string zone, DayOfWeek weekday, string after, string due) => Assert.Equal(Utc(due), Due.Next(zone, 8, weekday, Utc(after)));

    [Fact]
    public void Each_local_date_is_due_exactly_once_in_any_zone() =>
        Gen.Select(Gen.Int[0, Zones.Length - 1].Select(i => Zones[i]), Gen.Int[0, 23], Gen.Int[0, 365 * 36])
            .Sample(
                (zone, hour, day) =>
                {
                    var start = new DateTimeOffset(1990, 1, 10, 0, 0, 0, TimeSpan.Zero).AddDays(day);
                    var end = start.AddDays(12);
                    var due = new List<DateTimeOffset>();
                    for (var next = Due.Next(zone, hour, null, start); next <= end; next = Due.Next(zone, hour, null, next))
                    {
                        due.Add(next);
                    }

                    Assert.Equal(Walk(zone, hour, start, end), due);
                },
                seed: "0001Rivers00", iter: 1_000);

    /// <summary>
    /// Looks at the clock on the wall every quarter of an hour, and a minute after (St. John's used to change its clocks at 00:01): a date is due as soon as it shows the
    /// date's hour or anything after.
    /// </summary>
    private static List<DateTimeOffset> Walk(string zone, int hour, DateTimeOffset start, DateTimeOffset end)
    {
        var place = DateTimeZoneProviders.Tzdb[zone];
        var seen = new HashSet<LocalDate>();
        var first = new SortedDictionary<LocalDate, DateTimeOffset>();
        LocalDateTime? latest = null;
        for (var instant = start.AddDays(-3); instant <= end.AddDays(3); instant = instant.AddMinutes(instant.Minute % 15 == 0 ? 1 : 14))
        {
            var wall = Instant.FromDateTimeOffset(instant).InZone(place).LocalDateTime;
            seen.Add(wall.Date);
            var from = latest is { } before ? LocalDate.Min(before.Date, wall.Date) : wall.Date;
            for (var date = from; date <= wall.Date; date = date.PlusDays(1))
            {
                if (wall >= date + new LocalTime(hour, 0))
                {
                    first.TryAdd(date, instant);
                }
            }

            latest = wall;
        }

        return [.. first.Where(pair => seen.Contains(pair.Key) && pair.Value > start && pair.Value <= end).Select(pair => pair.Value).Order()];
    }
}
