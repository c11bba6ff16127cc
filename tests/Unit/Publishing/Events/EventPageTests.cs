using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Alerts.Contracts;
using Alerts.Publishing;
using Alerts.Publishing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing.Events;

public sealed partial class EventPageTests : IAsyncLifetime
{
    private static readonly EventRequest Protest = new()
    {
        Title = "Protest <now>",
        Markdown = "Bring **signs**.",
        StartsAt = "2026-11-21T13:00",
        EndsAt = "2026-11-21T14:00",
        Zone = "America/New_York",
        Place = "Embassy",
        Street = "1 Main Street, Washington",
        Latitude = 38.9,
        Longitude = -77.04,
        Lists = ["refugees"],
        Capacity = 2,
        PublishAt = DateTimeOffset.MinValue,
    };

    private PublishingApp app = null!;
    private HttpClient anybody = null!;
    private HttpClient editor = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.StartAsync();
        (anybody, editor) = (app.Client(isEditor: false), app.Client(isEditor: true));
    }

    public ValueTask DisposeAsync()
    {
        anybody.Dispose();
        editor.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task An_announced_event_has_a_page_that_people_and_machines_can_read()
    {
        var id = await WriteAsync(Protest);

        var page = await GetAsync($"/events/{id}");

        Assert.Contains("<h1 dir=\"auto\">Protest &lt;now&gt;</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Saturday 21 November, 1–2 p.m. (New York time)</time>", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains("<p>Bring <strong>signs</strong>.</p>", page, StringComparison.Ordinal);
        Assert.Contains("<meta property=\"og:title\" content=\"Protest &lt;now&gt;\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"https://www.openstreetmap.org/directions?to=38.9%2C-77.04\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"geo:38.9,-77.04\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("noindex", page, StringComparison.Ordinal);
        using var data = JsonDocument.Parse(Data().Match(page).Groups[1].Value);
        Assert.Equal(("Event", "Protest <now>"), (data.RootElement.Text("@type"), data.RootElement.Text("name")));
        Assert.Equal(("2026-11-21T13:00:00-05:00", "https://schema.org/EventScheduled"), (data.RootElement.Text("startDate"), data.RootElement.Text("eventStatus")));
        Assert.Equal("Embassy", data.RootElement.GetProperty("location").Text("name"));
    }

    [Fact]
    public async Task It_says_full_when_it_is_and_cancelled_when_it_is()
    {
        var id = await WriteAsync(Protest);
        await app.InDb(db =>
        {
            var answers = new EventAnswers { EventId = id };
            answers.Count(new EventAnswersCounted { EventId = id, Coming = 2, Maybe = 0, NotComing = 0, CountedAt = app.Clock.GetUtcNow() });
            db.EventAnswers.Add(answers);
            return db.SaveChangesAsync(Cancelled);
        });

        Assert.Contains("It is full", await GetAsync($"/events/{id}"), StringComparison.Ordinal);
        Assert.Contains(">full</span>", await GetAsync("/events"), StringComparison.Ordinal);

        await CancelAsync(id, "Storm");

        var page = await GetAsync($"/events/{id}");
        Assert.Contains("It doesn&#x27;t take place.", page, StringComparison.Ordinal);
        Assert.Contains("Storm", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Add to your calendar", page, StringComparison.Ordinal);
        Assert.Contains("EventCancelled", page, StringComparison.Ordinal);
        Assert.Contains("STATUS:CANCELLED", await GetAsync($"/events/{id}.ics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drafts_and_unknown_events_have_no_page_and_events_of_private_lists_only_for_who_has_the_link()
    {
        var draft = await WriteAsync(Protest with { PublishAt = null });
        var ofStaff = await WriteAsync(Protest with { Title = "Staff party", Lists = ["staff"] });

        await GetAsync($"/events/{draft}", HttpStatusCode.NotFound);
        await GetAsync($"/events/{draft}.ics", HttpStatusCode.NotFound);
        await GetAsync($"/events/{Guid.NewGuid()}", HttpStatusCode.NotFound);
        Assert.Contains("noindex", await GetAsync($"/events/{ofStaff}"), StringComparison.Ordinal);
        Assert.DoesNotContain("Staff party", await GetAsync("/events"), StringComparison.Ordinal);
        await GetAsync("/feeds/staff.ics", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Events_to_come_are_listed_by_list_and_by_region_up_and_down_the_tree()
    {
        foreach (var each in new[]
        {
            Protest with { Title = "Everywhere" },
            Protest with { Title = "In Seoul", Regions = ["SEOUL"], StartsAt = "2026-11-21T12:00" },
            Protest with { Title = "In Korea", Regions = ["KR"], Lists = ["releases"] },
            Protest with { Title = "In New York", Regions = ["US-NY"] },
        })
        {
            await WriteAsync(each);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["In Seoul", "Everywhere", "In Korea", "In New York"], Titles(await GetAsync("/events")));
        Assert.Equal(["In Seoul", "Everywhere", "In Korea"], Titles(await GetAsync("/events?region=KR")));
        Assert.Equal(["In Seoul", "Everywhere", "In Korea"], Titles(await GetAsync("/events?region=seoul")));
        Assert.Equal(["In Korea"], Titles(await GetAsync("/events?list=releases")));
        Assert.Equal(["Everywhere", "In New York"], Titles(await GetAsync("/events?list=refugees&region=US-NY")));
        await GetAsync("/events?region=mars", HttpStatusCode.NotFound);

        var feed = await GetAsync("/feeds/refugees.ics?region=KR");
        Assert.Equal(["In Seoul", "Everywhere"], Summary().Matches(feed).Select(m => m.Groups[1].Value.Trim()));
        await GetAsync("/feeds/refugees.ics?region=mars", HttpStatusCode.NotFound);

        app.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Contains("No events are planned.", await GetAsync("/events"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calendar_that_hasnt_changed_is_not_sent_again()
    {
        await WriteAsync(Protest);

        using var first = await anybody.GetAsync("/feeds/refugees.ics", Cancelled);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/feeds/refugees.ics") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await anybody.SendAsync(again, Cancelled);

        Assert.Equal("text/calendar", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task An_event_names_regions_that_exist_and_keeps_one_that_was_removed()
    {
        var refused = await app.InScope(services => services.GetRequiredService<EventEditing>().WriteAsync(Protest with { Regions = ["KR", "mars"] }, null, Cancelled));

        Assert.StartsWith("There is no region “mars”", refused.Errors!["regions"][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_editor_writes_announces_changes_and_cancels_an_event_without_script()
    {
        var page = await GetAsync("/editor/events/new", client: editor);
        using var checkedTime = await SubmitAsync("/editor/events/new", page, "event", [.. Fields(), ("Draft.Step", "preview")]);
        page = await checkedTime.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("Saturday 21 November, 1–2 p.m. (New York time)", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        using var saved = await SubmitAsync("/editor/events/new", page, "event", [.. Fields(), ("Draft.Step", "save")]);
        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        var written = await app.InDb(db => db.Events.SingleAsync(Cancelled));
        Assert.Equal((EventState.Draft, "P1D PT2H"), (written.State, string.Join(' ', written.RemindBefore)));
        var path = $"/editor/events/{written.Id}";

        page = await GetAsync(path, client: editor);
        using var announced = await SubmitAsync(path, page, "do", ("do", "announce"));
        Assert.Contains("still time to think again", await GetAsync(path, client: editor), StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        await app.RunAsync<AnnounceDueEvents>();
        Assert.Single(await app.Sent<EventAnnounced>());

        // What is saved is what was shown: the first press shows it, even if it asks to save.
        page = await GetAsync($"{path}/edit", client: editor);
        using var shown = await SubmitAsync($"{path}/edit", page, "event", [.. Fields(place: "City Hall"), ("Draft.Step", "save"), ("Draft.Change", Change(page))]);
        page = await shown.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("<del>Embassy</del>", page, StringComparison.Ordinal);
        Assert.Empty(await app.Sent<EventChanged>());
        using var changed = await SubmitAsync($"{path}/edit", page, "event", [.. Fields(place: "City Hall"), ("Draft.Step", "save"), ("Draft.Change", Change(page)), ("Draft.Seen", Seen(page))]);
        Assert.Equal(HttpStatusCode.Redirect, changed.StatusCode);
        Assert.Equal([new EventChange("place", "Embassy", "City Hall")], Assert.Single(await app.Sent<EventChanged>()).Changes);

        page = await GetAsync($"{path}/cancel", client: editor);
        using var cancelled = await SubmitAsync($"{path}/cancel", page, "cancel", ("Reason", "Storm"));
        Assert.Equal("Storm", Assert.Single(await app.Sent<EventCancelled>()).Reason);
        Assert.Contains("It was cancelled: Storm", await GetAsync(path, client: editor), StringComparison.Ordinal);
        Assert.Contains("Protest", await GetAsync("/editor/events?show=cancelled", client: editor), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_announcement_can_be_called_off_before_it_leaves()
    {
        var id = await WriteAsync(Protest with { PublishAt = null });
        var path = $"/editor/events/{id}";
        using var announced = await SubmitAsync(path, await GetAsync(path, client: editor), "do", ("do", "announce"));
        using var calledOff = await SubmitAsync(path, await GetAsync(path, client: editor), "do", ("do", "unschedule"));

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.RunAsync<AnnounceDueEvents>();

        Assert.Equal(0, await app.CountSent());
        Assert.Equal(EventState.Draft, (await app.InDb(db => db.Events.SingleAsync(Cancelled))).State);
    }

    [Fact]
    public async Task The_form_says_what_is_wrong_beside_the_field_and_keeps_what_was_written()
    {
        var page = await GetAsync("/editor/events/new", client: editor);

        using var refused = await SubmitAsync("/editor/events/new", page, "event", [.. Fields(endsAt: "2026-11-21T12:00"), ("Draft.Capacity", "many"), ("Draft.Step", "save")]);

        var shown = await refused.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("id=\"endsAt-error\">It ends before it begins", shown, StringComparison.Ordinal);
        Assert.Contains("id=\"capacity-error\">Give a whole number", shown, StringComparison.Ordinal);
        Assert.Contains("Bring *water*.</textarea>", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_editors_the_second_is_warned_and_loses_nothing()
    {
        var id = await WriteAsync(Protest with { PublishAt = null });
        var path = $"/editor/events/{id}/edit";
        var page = await GetAsync(path, client: editor);
        await app.InScope(async services =>
        {
            var theirs = await services.GetRequiredService<PublishingDb>().Events.SingleAsync(e => e.Id == id, Cancelled);
            return await services.GetRequiredService<EventEditing>().ChangeAsync(theirs, Protest with { PublishAt = null, Place = "Theirs" }, Cancelled);
        });

        using var refused = await SubmitAsync(path, page, "event", [.. Fields(place: "Mine"), ("Draft.Step", "save"), ("Draft.Change", Change(page))]);
        page = await refused.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("Somebody else has changed the event meanwhile", page, StringComparison.Ordinal);
        Assert.Contains("<del>Theirs, 1 Main Street, Washington</del>", page, StringComparison.Ordinal);
        Assert.Contains("value=\"Mine\"", page, StringComparison.Ordinal);

        using var saved = await SubmitAsync(path, page, "event", [.. Fields(place: "Mine"), ("Draft.Step", "save"), ("Draft.Change", Change(page))]);
        Assert.Equal("Mine", (await app.InDb(db => db.Events.SingleAsync(Cancelled))).Place);
    }

    private static IEnumerable<(string Name, string Value)> Fields(string place = "Embassy", string endsAt = "2026-11-21T14:00") =>
    [
        ("Draft.Title", "Protest"), ("Draft.Body", "Bring *water*."), ("Draft.StartsAt", "2026-11-21T13:00"), ("Draft.EndsAt", endsAt),
        ("Draft.Zone", "America/New_York"), ("Draft.Place", place), ("lists", "refugees"), ("reminders", "P1D"), ("reminders", "PT2H"), ("Draft.When", "draft"),
    ];

    private Task<Guid> WriteAsync(EventRequest request) => app.InScope(async services =>
        (await services.GetRequiredService<EventEditing>().WriteAsync(request, null, Cancelled)).Event!.Id);

    private Task<EventOutcome> CancelAsync(Guid id, string reason) => app.InScope(async services =>
        await services.GetRequiredService<EventEditing>().CancelAsync(
            await services.GetRequiredService<PublishingDb>().Events.SingleAsync(e => e.Id == id, Cancelled), reason, Cancelled));

    private async Task<string> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK, HttpClient? client = null)
    {
        using var response = await (client ?? anybody).GetAsync(path, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == expected, $"{path} answered {(int)response.StatusCode}: {text}");
        return text;
    }

    private async Task<HttpResponseMessage> SubmitAsync(string path, string page, string form, params (string Name, string Value)[] fields)
    {
        var all = fields.Append(("_handler", form)).Append(("__RequestVerificationToken", Token().Match(page).Groups[1].Value)).Append(("Draft.Key", Key().Match(page).Groups[1].Value));
        return await editor.PostAsync(path, new FormUrlEncodedContent(all.Where(f => form == "event" || f.Item1 != "Draft.Key").Select(f => KeyValuePair.Create(f.Item1, f.Item2))), Cancelled);
    }

    private static string Change(string page) => Regex.Match(page, "name=\"Draft.Change\" value=\"(\\d*)\"").Groups[1].Value;

    private static string Seen(string page) => Regex.Match(page, "name=\"Draft.Seen\" value=\"(\\w*)\"").Groups[1].Value;

    private static IEnumerable<string> Titles(string page) => Heading().Matches(page).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"<a href=""/events/[\w-]+"">([^<]+)</a></h3>")]
    private static partial Regex Heading();

    [GeneratedRegex("SUMMARY:([^\n]+)")]
    private static partial Regex Summary();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();

    [GeneratedRegex("name=\"Draft.Key\" value=\"([^\"]*)\"")]
    private static partial Regex Key();

    [GeneratedRegex("<script type=\"application/ld\\+json\">(.*?)</script>")]
    private static partial Regex Data();
}
