using Alerts.Contracts;
using Alerts.Mailings.Calendar;

namespace Alerts.Tests.Unit.Mailings.Calendar;

public sealed class EventCalendarTests
{
    private static readonly Guid Id = Guid.Parse("019a9d3e-1111-7000-8000-000000000001");

    private static readonly CalendarEntry Protest = new(
        Id,
        3,
        new EventDetails
        {
            Title = "Protest; at the embassy, tomorrow",
            Summary = "",
            Html = "<p>Bring signs.</p>",
            Text = "Bring signs.",
            Link = "https://alerts.example/events/1",
            StartsAt = new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero),
            EndsAt = new DateTimeOffset(2026, 11, 21, 19, 0, 0, TimeSpan.Zero),
            Zone = "America/New_York",
            Place = "Embassy",
            Street = "1 Main Street, Washington",
            Latitude = 38.9,
            Longitude = -77.04,
            Regions = [],
            Lists = ["refugees"],
            RemindBefore = [],
        },
        new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public void An_event_is_written_with_its_zone_and_version()
    {
        var lines = Unfold(EventCalendar.Publish(Protest, "alerts.example"));

        Assert.Contains("METHOD:PUBLISH", lines);
        Assert.Contains($"UID:{Id}@alerts.example", lines);
        Assert.Contains("SEQUENCE:3", lines);
        Assert.Contains("STATUS:CONFIRMED", lines);
        Assert.Contains("DTSTART;TZID=America/New_York:20261121T130000", lines);
        Assert.Contains("DTEND;TZID=America/New_York:20261121T140000", lines);
        Assert.Contains("DTSTAMP:20261120T090000Z", lines);
        Assert.Contains(@"SUMMARY:Protest\; at the embassy\, tomorrow", lines);
        Assert.Contains(@"LOCATION:Embassy\, 1 Main Street\, Washington", lines);
        Assert.Contains("TZID:America/New_York", lines);
        Assert.Contains("TZOFFSETTO:-0500", lines);
    }

    [Fact]
    public void The_same_version_is_always_written_the_same() =>
        Assert.Equal(EventCalendar.Publish(Protest, "alerts.example"), EventCalendar.Publish(Protest, "alerts.example"));

    [Fact]
    public void A_cancelled_event_says_so()
    {
        var lines = Unfold(EventCalendar.Cancel(Protest with { Version = 4 }, "alerts.example"));

        Assert.Contains("METHOD:CANCEL", lines);
        Assert.Contains("STATUS:CANCELLED", lines);
        Assert.Contains("SEQUENCE:4", lines);
    }

    [Fact]
    public void A_calendar_to_follow_has_each_zone_once_and_keeps_what_was_cancelled()
    {
        var inSeoul = Protest with { EventId = Guid.NewGuid(), Event = Protest.Event with { Zone = "Asia/Seoul" }, Cancelled = true };
        var inUtc = Protest with { EventId = Guid.NewGuid(), Event = Protest.Event with { Zone = "UTC" } };

        var lines = Unfold(EventCalendar.Feed("Refugees", "News", [Protest, Protest with { EventId = Guid.NewGuid() }, inSeoul, inUtc], "alerts.example"));

        Assert.Equal(4, lines.Count(line => line == "BEGIN:VEVENT"));
        Assert.Equal(["TZID:America/New_York", "TZID:Asia/Seoul"], lines.Where(line => line.StartsWith("TZID:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("DTSTART:20261121T180000Z", lines);
        Assert.Contains("X-WR-CALNAME:Refugees", lines);
        Assert.Equal(1, lines.Count(line => line == "STATUS:CANCELLED"));
    }

    private static List<string> Unfold(string calendar) =>
        [.. calendar.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
}
