using System.Diagnostics;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Mailings.Calendar;

namespace Alerts.Tests.Integration.Calendar;

/// <summary>Our calendars, as a parser reads them that isn't ours and shares nothing with us: npm's ical.js, run by node.</summary>
public sealed class CalendarTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Those that change their clocks in either half of the year, at odd hours, by half an hour, for Ramadan, or not at all.</summary>
    private static readonly string[] Zones =
    [
        "America/New_York", "Europe/Berlin", "Asia/Seoul", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago",
        "Pacific/Chatham", "Asia/Tehran", "UTC",
    ];

    [Fact]
    public async Task Every_zone_and_season_is_read_as_it_was_meant()
    {
        var entries = new List<CalendarEntry>();
        foreach (var zone in Zones)
        {
            // Every nine days and some hours, through all clock changes of three years.
            for (var start = new DateTimeOffset(2026, 11, 1, 5, 30, 0, TimeSpan.Zero); start.Year < 2029; start += TimeSpan.FromHours((9 * 24) + 7))
            {
                entries.Add(new CalendarEntry(Guid.CreateVersion7(start), 1, Details(zone, start), start.AddDays(-3)));
            }
        }

        var read = await ReadAsync([.. entries.Select(entry => EventCalendar.Publish(entry, "alerts.example"))]);

        Assert.Equal(entries.Count, read.Count);
        foreach (var (entry, calendar) in entries.Zip(read))
        {
            var happening = Assert.Single(calendar.Events);
            Assert.Equal("PUBLISH", calendar.Method);
            Assert.False(happening.Floating, $"{entry.Event.Zone}: a floating time");
            Assert.Equal(
                (entry.Event.Zone, entry.Event.StartsAt, entry.Event.EndsAt),
                (entry.Event.Zone, DateTimeOffset.FromUnixTimeSeconds(happening.Start), DateTimeOffset.FromUnixTimeSeconds(happening.End)));
        }
    }

    [Fact]
    public async Task A_change_and_a_cancellation_replace_the_first_entry()
    {
        var start = new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero);
        var announced = new CalendarEntry(Guid.CreateVersion7(start), 1, Details("America/New_York", start), start.AddDays(-3));
        var moved = announced with { Version = 2, Event = Details("America/New_York", start.AddHours(3)), ReleasedAt = start.AddDays(-2) };
        var cancelled = moved with { Version = 3, ReleasedAt = start.AddDays(-1), Cancelled = true };

        var read = await ReadAsync([EventCalendar.Publish(announced, "alerts.example"), EventCalendar.Publish(moved, "alerts.example"), EventCalendar.Cancel(cancelled, "alerts.example")]);

        // As a calendar keeps them: by UID, the highest SEQUENCE.
        var kept = Assert.Single(read.SelectMany(calendar => calendar.Events).GroupBy(e => e.Uid)).MaxBy(e => e.Sequence)!;
        Assert.Equal((3, "CANCELLED", moved.Event.StartsAt), (kept.Sequence, kept.Status, DateTimeOffset.FromUnixTimeSeconds(kept.Start)));
        Assert.Equal(["PUBLISH", "PUBLISH", "CANCEL"], read.Select(calendar => calendar.Method));
    }

    [Theory]
    [InlineData("ada@example.org")]
    [InlineData("so.long.that.its.line.has.to.be.folded.once.more+protest-at-the-embassy@mail.department.of.the.university.example.org")]
    [InlineData("국경@예시.example")]
    public async Task Who_comes_is_invited_by_name_and_uninvited_again(string address)
    {
        var start = new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero);
        var coming = new CalendarEntry(Guid.CreateVersion7(start), 2, Details("America/New_York", start), start.AddDays(-3));
        var off = coming with { Version = 3, ReleasedAt = start.AddDays(-1), Cancelled = true };

        var read = await ReadAsync([.. new[] { coming, off }.Select(entry => EventCalendar.Invite(entry, "alerts.example", "News <news@alerts.example>", address))]);

        Assert.Equal(["REQUEST", "CANCEL"], read.Select(calendar => calendar.Method));
        var events = read.Select(calendar => Assert.Single(calendar.Events)).ToList();
        Assert.Equal(["CONFIRMED", "CANCELLED"], events.Select(e => e.Status));
        Assert.Single(events.Select(e => e.Uid).Distinct());
        Assert.Equal([2, 3], events.Select(e => e.Sequence));
        Assert.All(events, e => Assert.Equal([$"mailto:{address}", "ACCEPTED"], Assert.Single(e.Attendees)));
        Assert.All(events, e => Assert.Equal("mailto:news@alerts.example", e.Organizer));
    }

    [Fact]
    public async Task A_feed_carries_the_rules_of_each_zone_once_and_any_words()
    {
        var start = new DateTimeOffset(2027, 3, 20, 18, 0, 0, TimeSpan.Zero);
        const string Title = "Grüße; \"now\", 국경 \\ 😀 and a title so long that its line has to be folded more than once before it ends: here, or so";
        var entries = Zones.SelectMany(zone => new[] { start, start.AddMonths(6) }.Select(at => new CalendarEntry(Guid.CreateVersion7(at), 1, Details(zone, at) with { Title = Title }, at))).ToList();

        var feed = Assert.Single(await ReadAsync([EventCalendar.Feed("News; all", "Of the house", entries, "alerts.example")]));

        Assert.Equal(Zones.Where(zone => zone != "UTC").Order(StringComparer.Ordinal), feed.Zones.Order(StringComparer.Ordinal));
        Assert.Equal(entries.Select(e => e.Event.StartsAt), feed.Events.Select(e => DateTimeOffset.FromUnixTimeSeconds(e.Start)));
        Assert.All(feed.Events, happening => Assert.Equal((Title, "Embassy, 1 Main Street, Washington"), (happening.Summary, happening.Location)));
    }

    private static EventDetails Details(string zone, DateTimeOffset start) => new()
    {
        Title = "Protest",
        Summary = "",
        Html = "",
        Text = "Bring signs.",
        Link = "https://alerts.example/events/1",
        StartsAt = start,
        EndsAt = start.AddHours(2.5),
        Zone = zone,
        Place = "Embassy",
        Street = "1 Main Street, Washington",
        Latitude = 38.9,
        Longitude = -77.04,
        Regions = [],
        Lists = ["refugees"],
        RemindBefore = [],
    };

    private static async Task<IReadOnlyList<ReadCalendar>> ReadAsync(IReadOnlyList<string> calendars)
    {
        // From artifacts/bin/Integration/debug: node looks for packages beside the script and above.
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "tests", "Integration", "Calendar"));
        var node = new ProcessStartInfo("node", [Path.Combine(folder, "verify.mjs")]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(node) ?? throw new InvalidOperationException("node isn't there; infra/test.sh installs it.");
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answers = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(new { calendars }));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: what it said is below.
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"The verifier failed. Was npm ci run in tests/Integration? {await errors}");
        return [.. (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<ReadCalendar>(line, Json)!)];
    }

    private sealed record ReadCalendar(string Method, IReadOnlyList<string> Zones, IReadOnlyList<ReadEvent> Events);

    private sealed record ReadEvent(string Uid, int Sequence, string Status, string Summary, string Location, long Start, long End, bool Floating, IReadOnlyList<IReadOnlyList<string>> Attendees, string Organizer);
}
