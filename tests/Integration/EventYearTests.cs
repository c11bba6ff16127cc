using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alerts.Tests.Servers;
using Ical.Net.CalendarComponents;
using MimeKit;

namespace Alerts.Tests.Integration;

/// <summary>
/// Twenty events through all services, on RabbitMQ and PostgreSQL, with clocks that jump: announced, moved, cancelled, some while they go out; readers join, leave and move;
/// what delivers is killed. What arrived is then compared with the truth.
/// </summary>
public sealed class EventYearTests
{
    private const int Events = 20;
    private const string List = "events";

    private static readonly DateTimeOffset Spring = new(2027, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly string[] Zones =
    [
        "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Asia/Seoul", "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Auckland", "Etc/UTC",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_hears_late_or_twice_and_every_calendar_ends_up_right()
    {
        var random = new Random(20270301);
        await using var house = await House.StartAsync(
            Setup.Apart, Spring, (_, settings) => settings with { More = new Dictionary<string, string>(settings.More) { ["Notices:ChangeWait"] = "00:00:01" } });
        await house.AddListAsync(List);
        foreach (var region in new[] { "near", "far" })
        {
            await house.PostAsync("subscriptions", "/api/regions", new { slug = region, name = region });
        }

        var readers = new Dictionary<string, Guid>();
        for (var number = 0; number < 12; number++)
        {
            await JoinAsync(house, readers, $"reader{number}@year.example", number % 4 == 3 ? "far" : "near");
        }

        var events = new List<(Guid Id, object Request, DateTimeOffset Start, string Zone)>();
        for (var number = 0; number < Events; number++)
        {
            var zone = Zones[number % Zones.Length];

            // Half of them, those with reminders, begin in the days after the clocks jump.
            var start = Spring.AddHours(number % 2 == 0 ? 98 + random.Next(30) : 30 + random.Next(24 * 9));
            events.Add(((await house.PostAsync("publishing", "/api/events", Request(number, start, zone, announce: true)))["id"]!.GetValue<Guid>(), Request(number, start, zone), start, zone));
            if (number == Events / 2)
            {
                // Killed while notices go out, and back: the lease and the journal tell where it stood.
                await house.Process("delivery2").KillAsync();
            }

            if (number % 7 == 6)
            {
                // At once: while the announcement is going out.
                await house.PostAsync("publishing", $"/api/events/{events[^1].Id}/cancel", new { reason = "At once." });
            }
        }

        await house.StartAgainAtAsync("delivery2", Spring);
        await house.SettleAsync();

        // One leaves, one is erased, one moves away and one joins.
        var gone = new Dictionary<string, int>();
        await PatchAsync(house, readers["reader0@year.example"], new { subscriptions = Array.Empty<object>() });
        (await house.Api("subscriptions").DeleteAsync($"/api/subscribers/{readers["reader1@year.example"]}", Cancellation)).EnsureSuccessStatusCode();
        await PatchAsync(house, readers["reader2@year.example"], new { regions = new[] { "far" } });
        await JoinAsync(house, readers, "joiner@year.example", "near");
        await house.SettleAsync();
        foreach (var address in new[] { "reader0@year.example", "reader1@year.example" })
        {
            gone[address] = (await house.MailsToAsync(address)).Count;
            Assert.NotEqual(0, gone[address]);
        }

        // Half are moved, some of these twice in a second, some are cancelled.
        for (var number = 0; number < Events; number++)
        {
            var (id, _, start, zone) = events[number];
            if (number % 7 != 6 && number % 2 == 0)
            {
                for (var times = 1 + (number % 4 / 2); times > 0; times--)
                {
                    start = start.AddHours(random.Next(1, 30));
                    (await house.Api("publishing").PutAsJsonAsync($"/api/events/{id}", Request(number, start, zone), Cancellation)).EnsureSuccessStatusCode();
                }

                events[number] = events[number] with { Start = start };
            }

            if (number % 5 == 4 && number % 7 != 6)
            {
                await house.PostAsync("publishing", $"/api/events/{id}/cancel", new { reason = "Rain." });
            }
        }

        await WaitUntilToldAsync(house, events.Select(e => e.Id));
        await house.SettleAsync();

        // Days later, after an outage of everything: what is due now is sent, what has begun isn't. What sends comes first, so that it has the time of what decides.
        var later = Spring.AddDays(4);
        foreach (var service in new[] { "delivery", "delivery2", "publishing", "subscriptions", "digests", "notices" })
        {
            await house.StartAgainAtAsync(service, later);
        }

        await Eventually.Get(
            async () => await RemindersAsync(house, events.Select(e => e.Id)),
            reminders => reminders.All(r => r["settledAt"] is not null || r["dueAt"]!.GetValue<DateTimeOffset>() > later.AddMinutes(30)),
            House.Patience,
            Cancellation);
        await house.SettleAsync();
        await CheckAsync(house, readers, gone, events.ToDictionary(e => e.Id), later);
        await house.RunAsync("verify");
    }

    private static async Task CheckAsync(
        House house, Dictionary<string, Guid> readers, Dictionary<string, int> gone, Dictionary<Guid, (Guid Id, object Request, DateTimeOffset Start, string Zone)> events, DateTimeOffset later)
    {
        var mails = (await house.MailsAsync()).DistinctBy(m => m.Message.MessageId).ToList();
        var truth = new Dictionary<Guid, JsonNode>();
        foreach (var id in events.Keys)
        {
            truth[id] = await house.GetAsync("publishing", $"/api/events/{id}");
        }

        var reminded = 0;
        foreach (var (address, _) in readers)
        {
            var seen = new HashSet<string>();
            var calendar = new Dictionary<Guid, CalendarEvent>();
            var mine = mails.Where(m => m.To == address).ToList();
            foreach (var mail in mine)
            {
                var parsed = Ical.Net.Calendar.Load(mail.Message.BodyParts.OfType<TextPart>().First(p => p.ContentType.IsMimeType("text", "calendar")).Text)!;
                var entry = parsed.Events.Single();
                var id = Guid.Parse(entry.Uid!.Split('@')[0]);
                var kind = mail.Subject.Split(':')[0] is "Reminder" or "Changed" or "Cancelled" ? mail.Subject.Split(':')[0] : "Announced";
                reminded += kind == "Reminder" ? 1 : 0;
                Assert.True(seen.Add($"{id} {entry.Sequence} {kind}"), $"{address} was told twice: {mail.Subject}, version {entry.Sequence}");
                Assert.True(mail.Message.Date < (kind is "Changed" or "Cancelled" ? entry.End!.AsUtc : entry.Start!.AsUtc), $"{mail.Subject} to {address} left at {mail.Message.Date:u}");
                if (!calendar.TryGetValue(id, out var held) || entry.Sequence >= held.Sequence)
                {
                    calendar[id] = entry;
                }
            }

            if (gone.TryGetValue(address, out var count))
            {
                Assert.Equal(count, mine.Count);
                continue;
            }

            foreach (var (id, entry) in calendar)
            {
                var cancelled = truth[id]["state"]!.GetValue<string>() == "cancelled";
                Assert.True(truth[id]["version"]!.GetValue<int>() == entry.Sequence, $"{address} has version {entry.Sequence} of {truth[id]["title"]}, which is {truth[id]["version"]}");
                Assert.Equal(cancelled, entry.Status == "CANCELLED");
                Assert.Equal(truth[id]["starts"]!.GetValue<DateTimeOffset>().UtcDateTime, entry.Start!.AsUtc);
            }
        }

        Assert.NotEqual(0, reminded);
        Assert.All(mails, m => Assert.Contains(m.To, readers.Keys));

        // Who moved away was told of what she knew; who was far was told of nothing near.
        Assert.Contains(mails, m => m.To == "reader2@year.example" && m.Subject.StartsWith("Changed", StringComparison.Ordinal));
        Assert.DoesNotContain(mails, m => m.To == "reader3@year.example" && m.Text.Contains("only near", StringComparison.Ordinal));
        Assert.Contains(mails, m => m.To == "joiner@year.example" && m.Subject.StartsWith("Reminder", StringComparison.Ordinal));
        Assert.DoesNotContain(mails, m => m.To == "joiner@year.example" && m.Subject.StartsWith("Cancelled", StringComparison.Ordinal));
        Assert.Contains(mails, m => m.Message.Date >= later);
    }

    private static object Request(int number, DateTimeOffset start, string zone, bool announce = false)
    {
        var there = NodaTime.DateTimeZoneProviders.Tzdb[zone];
        return new
        {
            title = $"Event {number}",
            markdown = number % 3 == 0 ? "For all." : "This one is only near.",
            startsAt = Local(start),
            endsAt = Local(start.AddHours(2)),
            zone,
            place = "Embassy gate",
            regions = number % 3 == 0 ? Array.Empty<string>() : ["near"],
            lists = new[] { List },
            remindBefore = number % 2 == 0 ? new[] { "P1D", "PT2H" } : [],
            publishAt = announce ? (DateTimeOffset?)DateTimeOffset.UnixEpoch : null,
        };

        string Local(DateTimeOffset instant) =>
            NodaTime.Instant.FromDateTimeOffset(instant).InZone(there).LocalDateTime.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
    }

    private static async Task JoinAsync(House house, Dictionary<string, Guid> readers, string address, string region)
    {
        var reader = await house.PostAsync(
            "subscriptions", "/api/subscribers", new { address, zone = "UTC", hour = 18, confirmed = true, regions = new[] { region }, subscriptions = new[] { new { list = List, frequency = "weekly" } } });
        readers[address] = reader["id"]!.GetValue<Guid>();
    }

    private static async Task PatchAsync(House house, Guid reader, object patch) =>
        (await house.Api("subscriptions").PatchAsJsonAsync($"/api/subscribers/{reader}", patch, Cancellation)).EnsureSuccessStatusCode();

    /// <summary>Waits until Notices has told the newest version of all of them.</summary>
    private static async Task WaitUntilToldAsync(House house, IEnumerable<Guid> events)
    {
        foreach (var id in events)
        {
            var version = (await house.GetAsync("publishing", $"/api/events/{id}"))["version"]!.GetValue<int>();
            await Eventually.Get(
                async () => await house.GetAsync("notices", $"/api/notices/{id}"), told => told["toldVersion"]!.GetValue<int>() == version, House.Patience, Cancellation);
        }
    }

    private static async Task<List<JsonNode>> RemindersAsync(House house, IEnumerable<Guid> events)
    {
        var reminders = new List<JsonNode>();
        foreach (var id in events)
        {
            reminders.AddRange((await house.GetAsync("notices", $"/api/notices/{id}"))["reminders"]!.AsArray()!);
        }

        return reminders;
    }
}
