using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Publishing;
using Alerts.Publishing.Events;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing.Events;

public sealed class EventApiTests : IAsyncLifetime
{
    private static readonly string[] Refugees = ["refugees"];
    private static readonly string[] Releases = ["releases"];
    private static readonly string[] RefugeesAndNowhere = ["refugees", "nowhere"];
    private static readonly string[] TooEarly = ["P1Y"];
    private static readonly string[] Reminders = ["PT2H", "P1D", "PT120M"];

    private PublishingApp app = null!;
    private HttpClient editor = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.StartAsync();
        editor = app.Client(isEditor: true);
    }

    public ValueTask DisposeAsync()
    {
        editor.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task An_event_without_a_time_to_publish_is_a_draft_until_it_is_announced_and_announcing_twice_tells_once()
    {
        var draft = await WriteAsync(Protest());
        Assert.Equal(("draft", 0, "Saturday 21 November, 1–2 p.m. (New York time)"), (draft.Text("state"), draft.GetProperty("version").GetInt32(), draft.Text("when")));
        Assert.Equal(0, await app.CountSent());

        var announced = await SendAsync(HttpMethod.Post, $"/api/events/{draft.Text("id")}/publish");
        var again = await SendAsync(HttpMethod.Post, $"/api/events/{draft.Text("id")}/publish");

        Assert.Equal(("announced", "announced"), (announced.Text("state"), again.Text("state")));
        var sent = Assert.Single(await app.Sent<EventAnnounced>());
        Assert.Equal((1, 7L, app.Clock.GetUtcNow()), (sent.Version, sent.AudienceRevision, sent.ReleasedAt));
        Assert.Equal(("Protest", "<p>Bring <strong>signs</strong>.</p>", "Bring signs.", "Bring signs."), (sent.Event.Title, sent.Event.Html, sent.Event.Text, sent.Event.Summary));
        Assert.Equal((Utc(21, 18), Utc(21, 19), "America/New_York"), (sent.Event.StartsAt, sent.Event.EndsAt, sent.Event.Zone));
        Assert.Equal(("Embassy", "1 Main Street, Washington", $"https://alerts.example/events/{sent.EventId}"), (sent.Event.Place, sent.Event.Street, sent.Event.Link));
        Assert.Equal((38.9, -77.04, 200, "Friends"), (sent.Event.Latitude, sent.Event.Longitude, sent.Event.Capacity, sent.Event.Organiser));
        Assert.Equal(Refugees, sent.Event.Lists);
        Assert.Equal(["P1D", "PT2H"], sent.Event.RemindBefore);
    }

    [Fact]
    public async Task A_scheduled_event_is_announced_when_its_time_has_come_and_once_by_two_processes()
    {
        var scheduled = await WriteAsync(Protest(publishAt: app.Clock.GetUtcNow().AddMinutes(10)));
        Assert.Equal("scheduled", scheduled.Text("state"));
        await app.RunAsync<AnnounceDueEvents>();
        Assert.Equal(0, await app.CountSent());

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await Task.WhenAll(app.RunAsync<AnnounceDueEvents>(), app.RunAsync<AnnounceDueEvents>(), app.RunAsync<AnnounceDueEvents>());

        Assert.Equal(app.Clock.GetUtcNow(), Assert.Single(await app.Sent<EventAnnounced>()).ReleasedAt);
    }

    [Fact]
    public async Task An_event_that_began_while_nobody_could_announce_it_becomes_a_draft_again_and_says_so()
    {
        var scheduled = await WriteAsync(Protest(publishAt: app.Clock.GetUtcNow().AddMinutes(10)));

        app.Clock.Advance(TimeSpan.FromDays(1.5));
        await app.RunAsync<AnnounceDueEvents>();

        var missed = await SendAsync(HttpMethod.Get, $"/api/events/{scheduled.Text("id")}");
        Assert.Equal(("draft", true, 0), (missed.Text("state"), missed.GetProperty("missed").GetBoolean(), await app.CountSent()));
        Assert.Equal(["startsAt"], Fields(await SendAsync(HttpMethod.Post, $"/api/events/{scheduled.Text("id")}/publish", expected: HttpStatusCode.BadRequest)));
    }

    [Fact]
    public async Task A_change_tells_in_words_what_was_and_what_is()
    {
        var id = await AnnounceAsync();

        var changed = await SendAsync(
            HttpMethod.Put, $"/api/events/{id}", Protest("Protest march", "2026-11-22T14:30", "2026-11-22T15:30", place: "City Hall", markdown: "Bring *water*.", link: "https://march.example/"));

        var sent = Assert.Single(await app.Sent<EventChanged>());
        Assert.Equal((2, 2, Utc(22, 19, 30)), (sent.Version, changed.GetProperty("version").GetInt32(), sent.Event.StartsAt));
        Assert.Equal(
            [
                new EventChange("title", "Protest", "Protest march"),
                new EventChange("start", "Saturday 21 November, 1–2 p.m. (New York time)", "Sunday 22 November, 2:30–3:30 p.m. (New York time)"),
                new EventChange("place", "Embassy, 1 Main Street, Washington", "City Hall, 1 Main Street, Washington"),
                new EventChange("description", "", ""),
                new EventChange("link", "", "https://march.example/"),
            ],
            sent.Changes);
        Assert.Equal(5, changed.GetProperty("told").GetArrayLength());
    }

    [Fact]
    public async Task A_later_end_alone_is_told_as_such_and_the_same_again_changes_nothing()
    {
        var id = await AnnounceAsync();

        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest(endsAt: "2026-11-21T15:00"));
        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest(endsAt: "2026-11-21T15:00"));

        Assert.Equal(
            [new EventChange("end", "Saturday 21 November, 1–2 p.m. (New York time)", "Saturday 21 November, 1–3 p.m. (New York time)")],
            Assert.Single(await app.Sent<EventChanged>()).Changes);
    }

    [Fact]
    public async Task A_change_may_be_quiet_but_not_about_time_and_place()
    {
        var id = await AnnounceAsync();

        var refused = await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest(place: "City Hall", quiet: true), HttpStatusCode.BadRequest);
        Assert.Equal(["quiet"], Fields(refused));
        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest("Protest!", quiet: true));

        var sent = Assert.Single(await app.Sent<EventChanged>());
        Assert.Equal(("Protest!", 2), (sent.Event.Title, sent.Version));
        Assert.Empty(sent.Changes);
    }

    [Fact]
    public async Task What_concerns_no_reader_is_passed_on_without_telling()
    {
        var id = await AnnounceAsync();

        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest(capacity: 10));

        var sent = Assert.Single(await app.Sent<EventChanged>());
        Assert.Equal(10, sent.Event.Capacity);
        Assert.Empty(sent.Changes);
    }

    [Fact]
    public async Task An_announced_event_keeps_its_lists()
    {
        var id = await AnnounceAsync();

        var refused = await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest(lists: Releases), HttpStatusCode.BadRequest);

        Assert.Equal(["lists"], Fields(refused));
    }

    [Fact]
    public async Task Cancelling_tells_once_with_the_reason_and_is_for_good()
    {
        var id = await AnnounceAsync();

        var cancelled = await SendAsync(HttpMethod.Post, $"/api/events/{id}/cancel", new { reason = " Storm\nwarning " });
        await SendAsync(HttpMethod.Post, $"/api/events/{id}/cancel", new { reason = "Again" });

        Assert.Equal(("cancelled", "Storm warning"), (cancelled.Text("state"), cancelled.Text("reason")));
        var sent = Assert.Single(await app.Sent<EventCancelled>());
        Assert.Equal((2, "Storm warning", "Protest"), (sent.Version, sent.Reason, sent.Event.Title));
        await SendAsync(HttpMethod.Post, $"/api/events/{id}/publish", expected: HttpStatusCode.Conflict);
        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest("Anew"), HttpStatusCode.Conflict);
        await SendAsync(HttpMethod.Delete, $"/api/events/{id}", expected: HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_draft_is_deleted_not_cancelled()
    {
        var id = (await WriteAsync(Protest())).Text("id");

        await SendAsync(HttpMethod.Post, $"/api/events/{id}/cancel", expected: HttpStatusCode.Conflict);
        await SendAsync(HttpMethod.Delete, $"/api/events/{id}", expected: HttpStatusCode.NoContent);

        await SendAsync(HttpMethod.Get, $"/api/events/{id}", expected: HttpStatusCode.NotFound);
        Assert.Equal(0, await app.CountSent());
    }

    [Fact]
    public async Task An_event_that_is_over_is_told_by_the_clock_and_stays_as_it_was()
    {
        var id = await AnnounceAsync();

        app.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromHours(9.5));
        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest(endsAt: "2026-11-21T15:00"));
        app.Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal("over", (await SendAsync(HttpMethod.Get, $"/api/events/{id}")).Text("state"));
        Assert.Equal(["endsAt"], Fields(await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest("Anew", endsAt: "2026-11-21T15:00"), HttpStatusCode.BadRequest)));
        await SendAsync(HttpMethod.Post, $"/api/events/{id}/cancel", expected: HttpStatusCode.Conflict);
        Assert.Equal([id], Ids(await SendAsync(HttpMethod.Get, "/api/events?state=over")));
        Assert.Empty(Ids(await SendAsync(HttpMethod.Get, "/api/events?state=announced")));
    }

    [Fact]
    public async Task A_change_of_what_somebody_else_changed_is_refused()
    {
        var written = await WriteAsync(Protest());
        var (id, change) = (written.Text("id"), written.GetProperty("change").GetInt32());
        await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest("Mine", change: change));

        var refused = await SendAsync(HttpMethod.Put, $"/api/events/{id}", Protest("Theirs", change: change), HttpStatusCode.Conflict);

        Assert.StartsWith("Somebody else has changed the event", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("Mine", (await SendAsync(HttpMethod.Get, $"/api/events/{id}")).Text("title"));
    }

    [Fact]
    public async Task Two_changes_at_once_are_told_apart_by_the_database()
    {
        var id = Guid.Parse(await AnnounceAsync());

        await app.InScope(one => app.InScope(async other =>
        {
            var first = await one.GetRequiredService<PublishingDb>().Events.SingleAsync(e => e.Id == id, Cancelled);
            var second = await other.GetRequiredService<PublishingDb>().Events.SingleAsync(e => e.Id == id, Cancelled);
            var request = new EventRequest
            {
                Title = "Changed",
                StartsAt = "2026-11-21T13:00",
                EndsAt = "2026-11-21T14:00",
                Zone = "America/New_York",
                Place = "Embassy",
                Lists = ["refugees"],
            };
            Assert.NotNull((await one.GetRequiredService<EventEditing>().ChangeAsync(first, request, Cancelled)).Event);
            Assert.NotNull((await other.GetRequiredService<EventEditing>().ChangeAsync(second, request with { Title = "Changed too" }, Cancelled)).Conflict);
            return true;
        }));

        Assert.Equal("Changed", Assert.Single(await app.Sent<EventChanged>()).Event.Title);
    }

    [Fact]
    public async Task The_same_request_twice_is_one_event()
    {
        using var first = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = JsonContent.Create(Protest()), Headers = { { "Idempotency-Key", "k1" } } };
        using var second = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = JsonContent.Create(Protest()), Headers = { { "Idempotency-Key", "k1" } } };

        using var one = await editor.SendAsync(first, Cancelled);
        using var two = await editor.SendAsync(second, Cancelled);

        Assert.Equal(one.Headers.Location, two.Headers.Location);
        Assert.Equal(1, await app.InDb(db => db.Events.CountAsync(Cancelled)));
    }

    [Fact]
    public async Task What_is_wrong_is_said_by_field()
    {
        var refused = await SendAsync(
            HttpMethod.Post,
            "/api/events",
            new
            {
                title = " ",
                startsAt = "2026-11-21T13:00Z",
                endsAt = "tomorrow",
                zone = "America/Washington",
                latitude = 91,
                lists = RefugeesAndNowhere,
                capacity = 0,
                remindBefore = TooEarly,
                link = "/here",
                publishAt = "2026-12-01T00:00:00Z",
                undo = "soon",
            },
            HttpStatusCode.BadRequest);

        Assert.Equal(["capacity", "endsAt", "latitude", "link", "lists", "longitude", "remindBefore", "startsAt", "title", "undo", "zone"], Fields(refused));
        Assert.StartsWith("There is no time zone “America/Washington”.", refused.GetProperty("errors").GetProperty("zone")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-21T14:00", "2026-11-21T14:00", "endsAt")]
    [InlineData("2026-11-21T14:00", "2026-11-21T13:00", "endsAt")]
    [InlineData("2026-11-20T03:59", "2026-11-21T13:00", "startsAt")]
    [InlineData("2026-11-21T14:00", "2028-11-21T13:00", "endsAt")]
    [InlineData("2026-02-30T14:00", "2026-11-21T13:00", "startsAt")]
    [InlineData("2126-11-21T13:00", "2126-11-21T14:00", "endsAt,startsAt")]
    public async Task Times_that_cant_be_are_refused(string startsAt, string endsAt, string fields) =>
        Assert.Equal(fields.Split(','), Fields(await SendAsync(HttpMethod.Post, "/api/events", Protest(startsAt: startsAt, endsAt: endsAt), HttpStatusCode.BadRequest)));

    [Fact]
    public async Task An_announcement_after_the_start_is_refused() =>
        Assert.Equal(["publishAt"], Fields(await SendAsync(HttpMethod.Post, "/api/events", Protest(publishAt: Utc(21, 18)), HttpStatusCode.BadRequest)));

    [Theory]
    [InlineData("2027-03-14T02:30", "2027-03-14T05:00", "2027-03-14T03:30", "02:30 on 14 March 2027 doesn't exist in New York, because the clocks go forward then: 03:30 on 14 March 2027 was taken.")]
    [InlineData("2027-11-07T01:30", "2027-11-07T05:00", "2027-11-07T01:30", "01:30 on 7 November 2027 comes twice in New York, because the clocks go back then: the first of the two was taken (UTC-04:00).")]
    public async Task Of_a_local_time_that_the_clocks_skip_or_repeat_it_is_said_which_was_taken(string startsAt, string endsAt, string taken, string note)
    {
        var written = await WriteAsync(Protest(startsAt: startsAt, endsAt: endsAt));

        Assert.Equal(taken, written.Text("startsAt"));
        Assert.Equal(note, Assert.Single(written.GetProperty("notes").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task What_became_of_its_mailings_and_answers_is_known_once_they_are_counted()
    {
        var id = Guid.Parse(await AnnounceAsync());
        var now = app.Clock.GetUtcNow();
        var completed = new MailingCompleted
        {
            MailingId = Guid.NewGuid(),
            Cause = $"event/{id}/1/announced",
            Recipients = 100,
            Counts = new Dictionary<string, long> { ["accepted"] = 88, ["expired"] = 12 },
        };
        Guid[] messages = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];
        await app.PublishAsync(completed, messages[0]);
        await app.PublishAsync(completed, messages[1]);
        await app.PublishAsync(completed with { MailingId = Guid.NewGuid(), Cause = $"event/{id}/reminder/P1D/2026-11-21T18:00:00Z" }, messages[2]);
        await app.PublishAsync(new EventAnswersCounted { EventId = id, Coming = 3, Maybe = 2, NotComing = 1, CountedAt = now.AddMinutes(1) }, messages[3]);
        await Eventually.Get(() => app.InDb(db => db.EventAnswers.CountAsync(Cancelled)), count => count == 1, cancellationToken: Cancelled);
        await app.PublishAsync(new EventAnswersCounted { EventId = id, Coming = 1, Maybe = 0, NotComing = 0, CountedAt = now }, messages[4]);

        // What announced the event comes round, too, for whoever listens outside.
        await Eventually.Get(() => app.InDb(db => db.TakenMessages.CountAsync(m => messages.Contains(m.MessageId), Cancelled)), count => count == 5, cancellationToken: Cancelled);

        var deliveries = await app.InDb(db => db.EventDeliveries.Where(d => d.EventId == id).OrderBy(d => d.Kind).ToListAsync(Cancelled));
        Assert.Equal([("announced", 88L, 12L), ("reminder", 88L, 12L)], deliveries.Select(d => (d.Kind, d.Accepted, d.Expired)));
        var answers = (await SendAsync(HttpMethod.Get, $"/api/events/{id}")).GetProperty("answers");
        Assert.Equal((3, 2, 1), (answers.GetProperty("coming").GetInt32(), answers.GetProperty("maybe").GetInt32(), answers.GetProperty("notComing").GetInt32()));
    }

    [Fact]
    public async Task Only_editors_are_let_in()
    {
        using var anybody = app.Client(isEditor: false);

        using var events = await anybody.GetAsync("/api/events", Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, events.StatusCode);
    }

    private static DateTimeOffset Utc(int day, int hour, int minute = 0) => new(2026, 11, day, hour, minute, 0, TimeSpan.Zero);

    private static object Protest(
        string title = "Protest", string startsAt = "2026-11-21T13:00", string endsAt = "2026-11-21T14:00", string place = "Embassy", string markdown = "Bring **signs**.",
        string? link = null, int capacity = 200, string[]? lists = null, DateTimeOffset? publishAt = null, bool quiet = false, int? change = null) => new
        {
            title,
            markdown,
            startsAt,
            endsAt,
            zone = "America/New_York",
            place,
            street = "1 Main Street, Washington",
            latitude = 38.9,
            longitude = -77.04,
            lists = lists ?? Refugees,
            organiser = "Friends",
            capacity,
            link,
            remindBefore = Reminders,
            publishAt,
            quiet,
            change,
        };

    private async Task<string> AnnounceAsync() => (await WriteAsync(Protest(publishAt: app.Clock.GetUtcNow()))).Text("id");

    private Task<JsonElement> WriteAsync(object written) => SendAsync(HttpMethod.Post, "/api/events", written, HttpStatusCode.Created);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await editor.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == expected, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
    }

    private static IEnumerable<string> Fields(JsonElement problem) => problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Ids(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(each => each.Text("id"));
}
