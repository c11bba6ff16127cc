using System.Globalization;
using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using MimeKit;

namespace Alerts.Tests.Integration;

/// <summary>The way of an event, from an editor to its readers' mailboxes and calendars, and their answers back.</summary>
[Collection(nameof(SharedHouses))]
public sealed partial class WayOfAnEventTests(SharedHouses houses)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [GeneratedRegex("/rsvp/[A-Za-z0-9_-]+")]
    private static partial Regex AnswerPath();

    [Theory]
    [InlineData(Setup.Embedded)]
    [InlineData(Setup.Apart)]
    public async Task Readers_are_told_of_an_event_answer_and_hear_that_it_is_off(Setup setup)
    {
        var house = await houses.GetAsync(setup);
        var list = houses.NextList();
        await house.AddListAsync(list);
        await house.SubscribeAsync($"ada@{list}.example", list, "immediate");
        await house.SubscribeAsync($"ben@{list}.example", list, "weekly");

        var start = TimeProvider.System.GetUtcNow().AddDays(2);
        var written = await house.PostAsync("publishing", "/api/events", new
        {
            title = "Vigil at the embassy",
            markdown = "Bring a *candle*.",
            startsAt = start.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
            endsAt = start.AddHours(1).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
            zone = "Etc/UTC",
            place = "Embassy gate",
            capacity = 1,
            lists = new[] { list },
            publishAt = DateTimeOffset.UnixEpoch,
        });
        var id = written["id"]!.GetValue<Guid>();

        // At once, whatever the frequency.
        var told = Assert.Single(await house.WaitForMailsAsync($"ada@{list}.example", 1));
        var ben = Assert.Single(await house.WaitForMailsAsync($"ben@{list}.example", 1));
        Assert.Equal("Vigil at the embassy", told.Subject);
        Assert.Contains("Embassy gate", told.Text, StringComparison.Ordinal);
        Assert.Equal(("PUBLISH", 1), (Entry(told).Method, Entry(told).Events.Single().Sequence));
        await CompletedAsync(house, $"event/{id}/1/announced");

        // Looking at the link changes nothing, pressing the button does; the place is taken then.
        await AnswerAsync(house, told, "coming");
        await EventuallyAsync(house, id, a => a["coming"]!.GetValue<int>() == 1 && a["full"]!.GetValue<bool>());
        Assert.Contains("It is full", await AnswerAsync(house, ben, "coming"), StringComparison.Ordinal);
        Assert.Contains("you may come", await AnswerAsync(house, ben, "maybe"), StringComparison.Ordinal);
        var invitation = (await house.WaitForMailsAsync($"ada@{list}.example", 2)).Single(m => m.Subject.StartsWith("You are coming", StringComparison.Ordinal));
        Assert.Equal("REQUEST", Entry(invitation).Method);
        Assert.Equal($"mailto:ada%40{list}.example".Replace("%40", "@", StringComparison.Ordinal), Entry(invitation).Events.Single().Attendees.Single().Value!.OriginalString);

        await house.PostAsync("publishing", $"/api/events/{id}/cancel", new { reason = "The permit was withdrawn." });
        var off = (await house.WaitForMailsAsync($"ada@{list}.example", 3)).Single(m => m.Subject.StartsWith("Cancelled", StringComparison.Ordinal));
        var published = (await house.WaitForMailsAsync($"ben@{list}.example", 2)).Single(m => m.Subject.StartsWith("Cancelled", StringComparison.Ordinal));
        Assert.Contains("The permit was withdrawn.", off.Text, StringComparison.Ordinal);
        foreach (var (mail, attendees) in new[] { (off, 1), (published, 0) })
        {
            var entry = Entry(mail);
            Assert.Equal(("CANCEL", "CANCELLED", attendees), (entry.Method, entry.Events.Single().Status, entry.Events.Single().Attendees.Count));
            Assert.Equal(Entry(told).Events.Single().Uid, entry.Events.Single().Uid);
            Assert.True(entry.Events.Single().Sequence > 1);
        }

        Assert.Contains("cancelled", await house.Api("notices").GetStringAsync(AnswerPath().Match(told.Html).Value, Cancellation), StringComparison.Ordinal);
        await house.SettleAsync();
        Assert.Equal((3, 2), ((await house.MailsToAsync($"ada@{list}.example")).Count, (await house.MailsToAsync($"ben@{list}.example")).Count));
        await house.RunAsync("verify");
    }

    private static async Task<string> AnswerAsync(House house, Mail mail, string choice)
    {
        var path = AnswerPath().Match(mail.Html).Value;
        var look = await house.Api("notices").GetStringAsync($"{path}?answer={choice}", Cancellation);
        Assert.Contains("<button", look, StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "answer", ["choice"] = choice });
        using var answer = await house.Api("notices").PostAsync($"{path}?answer={choice}", form, Cancellation);
        return System.Net.WebUtility.HtmlDecode(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation));
    }

    private static Task EventuallyAsync(House house, Guid id, Func<System.Text.Json.Nodes.JsonNode, bool> when) =>
        Eventually.Get(async () => (await house.GetAsync("notices", $"/api/notices/{id}"))["answers"]!, when, House.Patience, Cancellation);

    private static Task CompletedAsync(House house, string cause) => Eventually.Get(
        async () => (await house.GetAsync("delivery", "/api/mailings"))["items"]!.AsArray().FirstOrDefault(m => m!["cause"]!.GetValue<string>() == cause),
        mailing => mailing?["completed"]!.GetValue<bool>() == true,
        House.Patience,
        Cancellation);

    /// <summary>The calendar part of a mail, which is the same as its attachment.</summary>
    private static Ical.Net.Calendar Entry(Mail mail)
    {
        var parts = mail.Message.BodyParts.OfType<TextPart>().Where(p => p.ContentType.IsMimeType("text", "calendar")).ToList();
        Assert.Equal(2, parts.Count);
        Assert.Equal(parts[0].Text, parts[1].Text);
        var calendar = Ical.Net.Calendar.Load(parts[0].Text)!;
        Assert.Equal(parts[0].ContentType.Parameters["method"], calendar.Method);
        return calendar;
    }
}
