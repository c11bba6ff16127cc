using System.Text;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editor;
using Alerts.Digests.Events;
using Alerts.Digests.Readers;
using Alerts.Tests.Unit.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Digests;

/// <summary>What stands in a digest, whatever is put into it.</summary>
public sealed class ContentTests
{
    private static readonly Guid Ada = new("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid Ben = new("00000000-0000-0000-0000-00000000000b");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<DigestsHouse> WithAdaAsync(Frequency frequency = Frequency.Daily)
    {
        var house = await DigestsHouse.BuildAsync();
        house.Audience.Join(Ada);
        house.Audience.Hold(Ada, "rivers", frequency);
        await house.SweepAsync();
        return house;
    }

    private static PostPublished Now(DigestsHouse house, int number, params string[] lists) => Given.Post(number, lists) with { AudienceRevision = house.Audience.Revision };

    private static EventAnnounced Event(int number, DateTimeOffset startsAt, params string[] regions) => new()
    {
        EventId = new Guid(number, 0, 0, new byte[8]),
        Version = 1,
        ReleasedAt = Given.Now,
        AudienceRevision = 1,
        Event = new EventDetails
        {
            Title = $"Vigil {number}",
            Summary = "",
            Html = "<p>Bring a light.</p>",
            Text = "Bring a light.",
            Link = $"https://alerts.example.org/events/{number}",
            StartsAt = startsAt,
            EndsAt = startsAt.AddHours(1),
            Zone = "America/New_York",
            Place = "At the embassy",
            Regions = regions,
            Lists = ["rivers"],
            RemindBefore = [],
        },
    };

    private static void IsAMail(MailingPrepared prepared)
    {
        Assert.InRange(Encoding.UTF8.GetByteCount(prepared.Html), 1, 100_000);
        Assert.InRange(JsonSerializer.Serialize(prepared).Length, 1, 256 * 1024);
        Assert.InRange(prepared.Subject.Length, 1, 200);
    }

    [Fact]
    public async Task It_says_why_she_gets_it_when_the_next_comes_and_how_to_get_less()
    {
        await using var house = await WithAdaAsync(Frequency.Weekly);
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(7));
        await house.SweepAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        foreach (var part in new[] { prepared.Html, prepared.Text })
        {
            Assert.Contains("You get this weekly digest because you subscribe to The rivers. Your next one comes in a week", part, StringComparison.Ordinal);
            Assert.Contains("Send me this less often", part, StringComparison.Ordinal);
            Assert.Contains($"https://alerts.example.org/digests/{prepared.MailingId}", part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Daily_and_weekly_readers_of_the_same_posts_are_told_of_different_next_ones()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Weekly);
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(5));
        await house.SweepAsync();

        Assert.Equal(2, (await house.SentAsync<MailingPrepared>()).Count);
    }

    [Fact]
    public async Task Upcoming_events_of_her_lists_in_her_regions_are_listed_and_told_of()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Regions.Add(new AudienceRegion("NO", "Norway", null));
        house.Audience.Regions.Add(new AudienceRegion("NO-03", "Oslo", "NO"));
        house.Audience.Regions.Add(new AudienceRegion("US-NY", "New York", null));
        house.Audience.Allow(Ada, regions: ["NO-03"]);
        var soon = Given.Now.AddDays(3);
        var (here, all, there, late, off) = (Event(1, soon, "NO"), Event(2, soon.AddHours(1)), Event(3, soon, "US-NY"), Event(4, Given.Now.AddDays(60)), Event(5, soon));
        foreach (var announced in new[] { all, here, there, late, off })
        {
            await house.WithAsync(db => new EventAnnouncedConsumer(db).Consume(Given.Context(announced)));
        }

        await house.WithAsync(db => new EventCancelledConsumer(db).Consume(Given.Context(new EventCancelled { EventId = off.EventId, Version = 2, Event = off.Event, Reason = "", ReleasedAt = Given.Now })));
        await house.WithAsync(db => new EventChangedConsumer(db).Consume(Given.Context(new EventChanged
        {
            EventId = here.EventId,
            Version = 3,
            Event = here.Event with { Title = "Vigil, moved" },
            Changes = [],
            ReleasedAt = Given.Now,
            AudienceRevision = 1,
        })));
        await house.TakeAsync(Now(house, 1));
        await house.CutNowAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        Assert.Equal([new ToldEvent(here.EventId, 3, here.Event.EndsAt), new ToldEvent(all.EventId, 1, all.Event.EndsAt)], prepared.Tells);
        foreach (var part in new[] { prepared.Html, prepared.Text })
        {
            Assert.Contains("Vigil, moved", part, StringComparison.Ordinal);
            Assert.Contains($"/digests/events/{here.EventId}.ics", part, StringComparison.Ordinal);
            Assert.Contains("New York time", part, StringComparison.Ordinal);
            Assert.DoesNotContain("Vigil 3", part, StringComparison.Ordinal);
            Assert.DoesNotContain("Vigil 4", part, StringComparison.Ordinal);
            Assert.DoesNotContain("Vigil 5", part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Events_alone_are_no_reason_for_a_mail()
    {
        await using var house = await WithAdaAsync();
        await house.WithAsync(db => new EventAnnouncedConsumer(db).Consume(Given.Context(Event(1, Given.Now.AddDays(3)))));
        house.Clock.Advance(TimeSpan.FromDays(1));
        await house.SweepAsync();

        Assert.Empty(await house.SentAsync<MailingPrepared>());
    }

    [Fact]
    public async Task Readers_of_different_regions_have_editions_of_their_own()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Daily);
        house.Audience.Allow(Ben, regions: ["KR"]);
        await house.WithAsync(db => new EventAnnouncedConsumer(db).Consume(Given.Context(Event(1, Given.Now.AddDays(3), "NO"))));
        await house.TakeAsync(Now(house, 1));
        await house.CutNowAsync();

        var editions = (await house.SentAsync<MailingPrepared>()).ToDictionary(m => m.MailingId);
        var of = (await house.SentAsync<RecipientsAdded>()).SelectMany(b => b.Recipients.Select(r => (r.SubscriberId, editions[b.MailingId]))).ToDictionary(p => p.SubscriberId, p => p.Item2);
        Assert.NotNull(of[Ada].Tells);
        Assert.Null(of[Ben].Tells);
    }

    [Fact]
    public async Task Lists_stand_in_the_order_of_their_weight_and_what_an_editor_moved_up_is_first()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Hold(Ada, "bridges", Frequency.Daily);
        var posts = new[] { Now(house, 1, "rivers"), Now(house, 2, "bridges"), Now(house, 3, "bridges") };
        foreach (var post in posts)
        {
            await house.TakeAsync(post);
        }

        await house.WithAsync(async db => Assert.True(await Decisions.MoveAsync(db, posts[0].PostId, 1, null, Given.Now, Stop)));
        await house.CutNowAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        Assert.Equal("Title 1 and 2 more", prepared.Subject);
        Assert.True(prepared.Text.IndexOf("THE RIVERS", StringComparison.Ordinal) < prepared.Text.IndexOf("THE BRIDGES", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_editor_left_out_isnt_in_it_and_can_come_back()
    {
        await using var house = await WithAdaAsync();
        var (first, second) = (Now(house, 1), Now(house, 2));
        await house.TakeAsync(first);
        await house.TakeAsync(second);
        await house.WithAsync(db => Decisions.MoveAsync(db, first.PostId, null, true, Given.Now, Stop));
        await house.WithAsync(db => Decisions.MoveAsync(db, second.PostId, null, true, Given.Now, Stop));
        await house.WithAsync(db => Decisions.MoveAsync(db, second.PostId, null, false, Given.Now, Stop));
        await house.CutNowAsync();

        Assert.Equal([[2]], (await house.MailsAsync([first, second]))[Ada]);
    }

    [Fact]
    public async Task An_introduction_stands_at_the_top_of_its_digests_and_of_no_others()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Weekly);
        await house.TakeAsync(Now(house, 1));
        await house.WithAsync(db => Decisions.IntroduceAsync(db, "Dear readers,\nit rained <all> week.", "rivers", Served.Daily, null, "ed", house.Clock.GetUtcNow(), Stop));
        await house.WithAsync(db => Decisions.IntroduceAsync(db, "Not here.", "bridges", Served.Both, null, "ed", house.Clock.GetUtcNow(), Stop));
        house.Clock.Advance(TimeSpan.FromHours(12));
        await house.SweepAsync();
        house.Clock.Advance(TimeSpan.FromDays(7));
        await house.SweepAsync();

        var (daily, weekly) = ((await house.SentAsync<MailingPrepared>())[0], (await house.SentAsync<MailingPrepared>())[1]);
        Assert.Contains("it rained &lt;all&gt; week.", daily.Html, StringComparison.Ordinal);
        Assert.Contains("it rained <all> week.", daily.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("rained", weekly.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Not here", daily.Text + weekly.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://blog.example.org/a.jpg", true)]
    [InlineData("https://alerts.example.org/a.jpg", true)]
    [InlineData("https://tracker.example.com/a.jpg", false)]
    public async Task A_picture_is_shown_if_it_lies_with_the_post_or_with_us(string address, bool shown)
    {
        await using var house = await WithAdaAsync();
        await house.TakeAsync(Now(house, 1) with { Html = $"<p>x</p><img src=\"{address}\" alt=\"The flood\">" });
        await house.CutNowAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        Assert.Equal(shown, prepared.Html.Contains(address, StringComparison.Ordinal));
        Assert.Equal(shown, prepared.Text.Contains("[The flood]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bad_input_a_post_without_a_text_a_title_or_a_link_is_shown_as_far_as_it_goes()
    {
        await using var house = await WithAdaAsync();
        await house.TakeAsync(Now(house, 1) with { Text = "", Html = "", Summary = "" });
        await house.TakeAsync(Now(house, 2) with { Title = "", Link = "", Text = "", Html = "", Summary = "" });
        await house.CutNowAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        IsAMail(prepared);
        Assert.Contains("Title 1", prepared.Text, StringComparison.Ordinal);
        Assert.Contains("A post without a title", prepared.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"\"", prepared.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_input_a_post_of_five_megabytes_and_a_title_of_2_000_arabic_characters_make_an_ordinary_mail()
    {
        await using var house = await WithAdaAsync();
        var text = string.Concat(Enumerable.Repeat("كلمات كثيرة. ", 200_000));
        await house.TakeAsync(Now(house, 1) with { Title = string.Concat(Enumerable.Repeat("فيضان ", 334))[..2_000], Text = text, Html = $"<p>{text}</p>", Summary = text });
        await house.TakeAsync(Now(house, 2));
        await house.CutNowAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        IsAMail(prepared);
        Assert.Contains("dir=\"rtl\"", prepared.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_input_no_posts_make_no_mail_and_the_run_is_on_record()
    {
        await using var house = await WithAdaAsync();
        house.Clock.Advance(TimeSpan.FromDays(1));
        await house.SweepAsync();

        Assert.Empty(await house.SentAsync<MailingPrepared>());
        await using var db = house.Open();
        var run = await db.Cuts.SingleAsync(Stop);
        Assert.Equal((0, 0L, 1L, true), (run.Editions, run.Readers, run.LookedAt, run.MadeUp));
    }

    [Fact]
    public void Bad_input_a_zone_of_a_newer_database_is_looked_up_in_the_machines()
    {
        // What NodaTime's own database doesn't know and the machine does: an identifier of Windows, which ICU maps, stands for a zone renamed since.
        var due = Due.Next("W. Europe Standard Time", 8, null, new DateTimeOffset(2026, 7, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(new DateTimeOffset(2026, 7, 1, 6, 0, 0, TimeSpan.Zero), due);
    }

    [Fact]
    public async Task Held_digests_wait_and_go_out_late_once_they_are_let_go()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Weekly);
        var post = Now(house, 1);
        await house.TakeAsync(post);
        await house.WithAsync(db => Decisions.HoldAsync(db, Served.Daily, "ed", Given.Now, Stop));
        house.Clock.Advance(TimeSpan.FromDays(6));
        await house.SweepAsync();
        Assert.Empty((await house.MailsAsync([post]))[Ada]);
        Assert.Equal([[1]], (await house.MailsAsync([post]))[Ben]);
        await house.WithAsync(async db => Assert.Equal(TimeSpan.Zero, await NoticeMissedCuts.OverdueAsync(db, house.Clock.GetUtcNow(), Stop)));

        await house.WithAsync(db => Decisions.ReleaseAsync(db, Served.Daily, Stop));
        await house.SweepAsync();
        Assert.Equal([[1]], (await house.MailsAsync([post]))[Ada]);
    }

    [Fact]
    public async Task Daily_digests_sent_now_leave_the_weekly_ones_alone()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Weekly);
        await house.TakeAsync(Now(house, 1));
        await house.WithAsync(db => CutRequests.AskAsync(db, [], house.Clock.GetUtcNow(), Stop, Served.Daily));
        await house.SweepAsync();

        Assert.Equal([Ada], (await house.SentAsync<RecipientsAdded>()).SelectMany(b => b.Recipients).Select(r => r.SubscriberId));
    }

    [Fact]
    public async Task A_run_that_never_started_is_noticed_and_made_up()
    {
        await using var house = await WithAdaAsync();
        await house.TakeAsync(Now(house, 1));
        house.Clock.SetUtcNow(new DateTimeOffset(2026, 11, 23, 17, 40, 0, TimeSpan.Zero));
        await house.WithAsync(async db => Assert.Equal(TimeSpan.FromMinutes(40), await NoticeMissedCuts.OverdueAsync(db, house.Clock.GetUtcNow(), Stop)));

        await house.SweepAsync();
        await house.WithAsync(async db =>
        {
            Assert.Equal(TimeSpan.Zero, await NoticeMissedCuts.OverdueAsync(db, house.Clock.GetUtcNow(), Stop));
            var run = await db.Cuts.SingleAsync(Stop);
            Assert.True(run.MadeUp);
            Assert.Equal(new DateTimeOffset(2026, 11, 23, 17, 0, 0, TimeSpan.Zero), run.DueAt);
        });
    }

    [Fact]
    public async Task A_pause_keeps_her_posts_for_the_first_digest_after_it()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Pause(Ada, Given.Now.AddDays(10));
        var post = Now(house, 1);
        await house.TakeAsync(post);
        house.Clock.Advance(TimeSpan.FromDays(3));
        await house.CutNowAsync();
        await house.SweepAsync();
        Assert.Empty(await house.SentAsync<RecipientsAdded>());

        house.Clock.Advance(TimeSpan.FromDays(8));
        await house.SweepAsync();
        Assert.Equal([[1]], (await house.MailsAsync([post]))[Ada]);
    }

    [Fact]
    public async Task A_clock_that_jumped_ahead_and_was_set_back_stops_no_digest()
    {
        await using var house = await WithAdaAsync();
        house.Clock.Advance(TimeSpan.FromDays(2_000));
        await house.SweepAsync();
        house.Clock.AdjustTime(Given.Now);
        var post = Now(house, 1);
        await house.TakeAsync(post);
        await house.SweepAsync();
        house.Clock.Advance(TimeSpan.FromDays(2));
        await house.SweepAsync();

        Assert.Equal([[1]], (await house.MailsAsync([post]))[Ada]);
    }

    [Fact]
    public async Task An_urgent_post_is_in_the_digest_of_whoever_didnt_have_it_at_once()
    {
        await using var house = await WithAdaAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Daily, urgent: false);
        var post = Now(house, 1) with { Urgent = true };
        await house.TakeAsync(post);
        await house.CutNowAsync();

        var mails = await house.MailsAsync([post]);
        Assert.Empty(mails[Ada]);
        Assert.Equal([[1]], mails[Ben]);
    }

    [Fact]
    public async Task Several_workers_cut_side_by_side_and_each_reader_is_in_one_batch()
    {
        await using var house = await DigestsHouse.BuildAsync(workers: 4);
        var readers = Enumerable.Range(1, 60).Select(n => new Guid(n, 0, 0, new byte[8])).ToList();
        foreach (var reader in readers)
        {
            house.Audience.Join(reader);
            house.Audience.Hold(reader, "rivers", Frequency.Daily);
        }

        await house.SweepAsync();
        await house.TakeAsync(Now(house, 1));
        await house.CutNowAsync();

        var batches = await house.SentAsync<RecipientsAdded>();
        Assert.Equal(readers, batches.SelectMany(b => b.Recipients).Select(r => r.SubscriberId).Order());
        Assert.Equal(batches.Count, batches.Select(b => b.Batch).Distinct().Count());
        Assert.Equal(60, Assert.Single(await house.SentAsync<MailingSealed>()).Recipients);
    }
}
