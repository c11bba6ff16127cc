using System.Net;
using Alerts.Contracts;
using Alerts.Publishing.Calendar;
using Alerts.Publishing.Posts;
using CsCheck;

namespace Alerts.Tests.Unit.Publishing.Editor;

public sealed class PublishTests : EditorTests
{
    [Theory]
    [InlineData(false, 30)]
    [InlineData(true, 10)]
    public async Task Before_anything_leaves_there_is_time_to_call_it_back(bool urgent, int seconds)
    {
        var id = await DraftAsync(Ada, urgent: urgent);

        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));

        App.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Equal(0, await PublishedAsync());
        Assert.Contains("It leaves in", await ReadAsync(Ada, $"/editor/posts/{id}"), StringComparison.Ordinal);
        App.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await PublishedAsync());
        Assert.Equal(PostState.Published, (await PostAsync(id)).State);
    }

    [Fact]
    public async Task Undone_in_time_it_is_a_draft_and_nobody_gets_anything()
    {
        var id = await DraftAsync(Ada);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));

        Assert.EndsWith("done=back", await SubmitAsync(Ada, $"/editor/posts/{id}", "schedule", ("do", "back")), StringComparison.Ordinal);

        App.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await PublishedAsync());
        Assert.Equal(PostState.Draft, (await PostAsync(id)).State);
    }

    [Fact]
    public async Task Undone_too_late_it_stays_published_and_says_what_to_do()
    {
        var id = await DraftAsync(Ada);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));
        var token = TokenOf(await ReadAsync(Ada, $"/editor/posts/{id}"));
        App.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await PublishedAsync());

        using var late = await Ada.DeleteAsync($"/api/posts/{id}/schedule", Cancelled);

        Assert.NotEmpty(token);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("withdraw it", await late.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(PostState.Published, (await PostAsync(id)).State);
    }

    [Fact]
    public async Task Publish_pressed_twice_publishes_once_and_does_not_move_the_time()
    {
        var id = await DraftAsync(Ada);
        var page = await ReadAsync(Ada, $"/editor/posts/{id}/publish");
        (string, string)[] form = [("_handler", "publish"), ("__RequestVerificationToken", TokenOf(page)), ("change", $"{(await PostAsync(id)).Change}"), ("when", "now"), ("zone", "UTC")];
        await SendAsync(Ada, $"/editor/posts/{id}/publish", form);
        var first = (await PostAsync(id)).PublishAt;
        App.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal($"/editor/posts/{id}", await SendAsync(Ada, $"/editor/posts/{id}/publish", form));

        Assert.Equal(first, (await PostAsync(id)).PublishAt);
        App.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await PublishedAsync());
        Assert.Equal(1, await PublishedAsync());
    }

    [Fact]
    public async Task What_was_changed_since_it_was_looked_at_is_not_published()
    {
        var id = await DraftAsync(Ada);
        var seen = (await PostAsync(id)).Change;
        await SubmitAsync(Bob, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Something else."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"));

        var page = await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"), ("change", $"{seen}"));

        Assert.Contains("has been changed since you opened this page", page, StringComparison.Ordinal);
        Assert.Equal(PostState.Draft, (await PostAsync(id)).State);
    }

    [Fact]
    public async Task It_is_scheduled_at_an_hour_in_a_zone_and_goes_out_then()
    {
        var id = await DraftAsync(Ada);

        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "at"), ("at", "2026-11-21T13:00"), ("zone", "America/New_York"));

        var post = await PostAsync(id);
        Assert.Equal((new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero), "America/New_York"), (post.PublishAt!.Value, post.Zone));
        Assert.Contains("Saturday 21 November 2026, 13:00 (America/New_York)", await ReadAsync(Ada, $"/editor/posts/{id}"), StringComparison.Ordinal);
        App.Clock.SetUtcNow(new DateTimeOffset(2026, 11, 21, 17, 59, 59, TimeSpan.Zero));
        Assert.Equal(0, await PublishedAsync());
        App.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await PublishedAsync());
    }

    [Theory]
    [InlineData("2026-11-19T13:00", "UTC", "This time has passed")]
    [InlineData("2027-03-28T02:30", "Europe/Berlin", "There is no 02:30 on 28 March 2027 in Europe/Berlin: the clocks go forward then. Take 03:00 or later")]
    [InlineData("2027-03-28T02:30", "Atlantis/Poseidonis", "Choose a time zone")]
    [InlineData("soon", "UTC", "Give the day and the time")]
    [InlineData("", "UTC", "Give the day and the time")]
    public async Task A_time_that_is_over_or_does_not_exist_is_refused_with_the_reason(string at, string zone, string says)
    {
        var id = await DraftAsync(Ada);

        var page = await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "at"), ("at", at), ("zone", zone));

        Assert.Contains(says, page, StringComparison.Ordinal);
        Assert.Equal(PostState.Draft, (await PostAsync(id)).State);
    }

    [Fact]
    public void What_is_read_in_a_zone_is_shown_there_as_it_was_given() =>
        Gen.Select(Gen.Int[0, LocalTime.Zones.Count - 1], Gen.Int[0, 60 * 24 * 365 * 5]).Sample(
            (place, minutes) =>
            {
                var zone = LocalTime.Zones[place];
                var text = new DateTime(2026, 1, 1).AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm", System.Globalization.CultureInfo.InvariantCulture);
                var (instant, problem) = LocalTime.Read(text, zone);
                return problem is null ? LocalTime.Field(instant!.Value, zone) == text : problem.Contains("the clocks go forward", StringComparison.Ordinal);
            },
            iter: 2_000, seed: "0000000000000");

    [Fact]
    public async Task Ten_times_the_usual_readers_must_be_meant()
    {
        await App.InDb(db =>
        {
            db.PostDeliveries.Add(new PostDelivery { MailingId = Guid.NewGuid(), PostId = Guid.NewGuid(), Recipients = 500, Accepted = 500, FirstAt = App.Clock.GetUtcNow().AddSeconds(-10), LastAt = App.Clock.GetUtcNow() });
            return db.SaveChangesAsync(Cancelled);
        });
        App.Audience.Estimate = new AudienceEstimate(5_000, 2_000, 100, 7_000, 3, new Dictionary<string, long> { ["refugees"] = 7_103 }, [], true);
        var id = await DraftAsync(Ada);

        var page = await ReadAsync(Ada, $"/editor/posts/{id}/publish");
        Assert.Contains("5,000", page, StringComparison.Ordinal);
        Assert.Contains("within 2 minutes at the rate of the latest mailings", page, StringComparison.Ordinal);
        Assert.Contains("many more than usual (500)", page, StringComparison.Ordinal);
        var refused = await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));
        Assert.Contains("Say that it is meant for all of them.", refused, StringComparison.Ordinal);
        Assert.Equal(PostState.Draft, (await PostAsync(id)).State);

        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"), ("meant", "true"));
        Assert.Equal(PostState.Scheduled, (await PostAsync(id)).State);
    }

    [Fact]
    public async Task An_urgent_post_to_a_careful_list_waits_for_a_second_pair_of_eyes()
    {
        var id = await DraftAsync(Ada, list: "alarm", urgent: true);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));
        App.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await PublishedAsync());
        Assert.Equal((PostState.Draft, "ada"), ((await PostAsync(id)).State, (await PostAsync(id)).Asked!.By));

        Assert.Contains("Somebody else of the staff", await ReadAsync(Ada, $"/editor/posts/{id}"), StringComparison.Ordinal);
        Assert.Contains("You asked for it to be published", await SubmitAsync(Ada, $"/editor/posts/{id}", "approve", ("do", "approve")), StringComparison.Ordinal);
        Assert.EndsWith("done=published", await SubmitAsync(Bob, $"/editor/posts/{id}", "approve", ("do", "approve")), StringComparison.Ordinal);

        Assert.Equal(1, await PublishedAsync());
        Assert.Equal("bob", (await PostAsync(id)).ApprovedBy);
    }

    [Fact]
    public async Task What_was_changed_after_it_was_asked_for_must_be_asked_for_again()
    {
        var id = await DraftAsync(Ada, list: "alarm", urgent: true);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));

        await SubmitAsync(Ada, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Something else."), ("format", "markdown"), ("lists", "alarm"), ("urgent", "true"), ("do", "save"));

        Assert.Null((await PostAsync(id)).Asked);
        Assert.DoesNotContain("second pair of eyes.</strong>", await ReadAsync(Bob, $"/editor/posts/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_calendar_shows_what_is_scheduled_and_moves_it()
    {
        var id = await DraftAsync(Ada);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "at"), ("at", "2026-11-24T09:15"), ("zone", "Europe/Berlin"));

        foreach (var view in new[] { "month", "week", "list" })
        {
            Assert.Contains("09:15</time> Harbour closed", await ReadAsync(Ada, $"/editor/calendar?view={view}&day=2026-11-25&zone=Europe/Berlin"), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Harbour closed", await ReadAsync(Ada, "/editor/calendar?view=week&day=2026-12-02&zone=Europe/Berlin"), StringComparison.Ordinal);

        // Dragged to another day, it keeps its hour.
        Assert.Contains("done=moved", await SubmitAsync(Ada, "/editor/calendar?day=2026-11-25&zone=Europe/Berlin", "move", ("post", $"{id}"), ("to", "2026-11-26"), ("zone", "Europe/Berlin")), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 8, 15, 0, TimeSpan.Zero), (await PostAsync(id)).PublishAt);

        // Without a script, by the form.
        await SubmitAsync(Ada, "/editor/calendar?day=2026-11-25&zone=Europe/Berlin", "move", ("post", $"{id}"), ($"at-{id}", "2026-11-27T20:00"), ("zone", "Europe/Berlin"));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 19, 0, 0, TimeSpan.Zero), (await PostAsync(id)).PublishAt);

        Assert.Contains("That time has passed", await SubmitAsync(Ada, "/editor/calendar?day=2026-11-25&zone=Europe/Berlin", "move", ("post", $"{id}"), ("to", "2026-11-02"), ("zone", "Europe/Berlin")), StringComparison.Ordinal);
        Assert.Contains("There is no 02:30", await SubmitAsync(Ada, "/editor/calendar?day=2026-11-25&zone=Europe/Berlin", "move", ("post", $"{id}"), ($"at-{id}", "2027-03-28T02:30"), ("zone", "Europe/Berlin")), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 19, 0, 0, TimeSpan.Zero), (await PostAsync(id)).PublishAt);
    }

    [Fact]
    public async Task What_has_been_published_is_withdrawn_from_the_composer()
    {
        var id = await DraftAsync(Ada);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));
        await SubmitAsync(Ada, $"/editor/posts/{id}", "schedule", ("do", "now"));
        Assert.Single(await App.Sent<PostPublished>());

        Assert.Equal("/editor?done=withdrawn", await SubmitAsync(Ada, $"/editor/posts/{id}", "compose", ("do", "remove")));

        Assert.Equal(id, Assert.Single(await App.Sent<PostWithdrawn>()).PostId);
    }
}
