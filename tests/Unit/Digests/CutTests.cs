using System.Text;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.ServiceDefaults.Outbox;
using Alerts.Tests.Unit.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Digests;

public sealed class CutTests
{
    private static readonly Guid Ada = new("00000000-0000-0000-0000-00000000000a");
    private static readonly Guid Ben = new("00000000-0000-0000-0000-00000000000b");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<DigestsHouse> WithAdaDailyAsync()
    {
        var house = await DigestsHouse.BuildAsync();
        house.Audience.Join(Ada);
        house.Audience.Hold(Ada, "rivers", Frequency.Daily);
        await house.SweepAsync();
        return house;
    }

    private static PostPublished Now(DigestsHouse house, int number, params string[] lists) => Given.Post(number, lists) with { AudienceRevision = house.Audience.Revision };

    [Fact]
    public async Task A_daily_digest_comes_at_the_readers_hour_with_all_that_is_new_once()
    {
        await using var house = await WithAdaDailyAsync();
        var posts = new[] { Now(house, 1), Now(house, 2) };
        await house.TakeAsync(posts[0]);
        await house.TakeAsync(posts[1]);
        await house.SweepAsync();
        Assert.Empty(await house.SentAsync<MailingPrepared>());

        // 18:00 in Oslo, and the day after.
        for (var day = 0; day < 2; day++)
        {
            house.Clock.SetUtcNow(new DateTimeOffset(2026, 11, 23 + day, 17, 0, 0, TimeSpan.Zero));
            await house.SweepAsync();
        }

        var mails = await house.MailsAsync(posts);
        Assert.Equal([1, 2], Assert.Single(mails[Ada]));
        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        Assert.Equal((MailingKind.Digest, MailingPriority.Bulk, "Title 2 and 1 more"), (prepared.Kind, prepared.Priority, prepared.Subject));
        var seal = Assert.Single(await house.SentAsync<MailingSealed>());
        Assert.Equal((prepared.MailingId, 1, 1, 1), (seal.MailingId, seal.Batches, (int)seal.Recipients, (int)seal.Candidates));
        await using var db = house.Open();
        Assert.Equal([(1, 1), (0, 0)], (await db.Cuts.OrderBy(c => c.Id).ToListAsync(Stop)).ConvertAll(c => (c.Editions, (int)c.Readers)));
    }

    [Fact]
    public async Task A_missed_digest_is_made_up_once()
    {
        await using var house = await WithAdaDailyAsync();
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(4));
        await house.SweepAsync();
        await house.SweepAsync();

        Assert.Single(await house.SentAsync<RecipientsAdded>());
        await using var db = house.Open();
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 17, 0, 0, TimeSpan.Zero), (await db.Readers.SingleAsync(Stop)).DueAt);
    }

    [Fact]
    public async Task A_missed_digest_is_made_up_at_once_for_a_reader_who_joined_right_before_the_outage()
    {
        await using var house = await DigestsHouse.BuildAsync();
        await house.SweepAsync();
        house.Audience.Join(Ada);
        house.Audience.Hold(Ada, "rivers", Frequency.Daily);
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(1));

        await house.SweepAsync();
        await house.SweepAsync();

        Assert.Single(await house.SentAsync<RecipientsAdded>());
    }

    [Fact]
    public async Task Posts_released_together_stand_in_their_order_however_precise_the_database_is()
    {
        await using var house = await WithAdaDailyAsync();
        var posts = Enumerable.Range(1, 3).Select(number => Now(house, number) with { Ordinal = number, ReleasedAt = Given.Now.AddTicks(number == 1 ? 7 : 0) }).ToList();
        foreach (var post in posts)
        {
            await house.TakeAsync(post);
        }

        await house.CutNowAsync();

        Assert.Equal("Title 3 and 2 more", Assert.Single(await house.SentAsync<MailingPrepared>()).Subject);
    }

    [Fact]
    public async Task Daily_and_weekly_due_at_the_same_moment_are_one_mail()
    {
        await using var house = await WithAdaDailyAsync();
        house.Audience.Hold(Ada, "bridges", Frequency.Weekly);
        var posts = new[] { Now(house, 1), Now(house, 2, "bridges") };
        await house.TakeAsync(posts[0]);
        await house.TakeAsync(posts[1]);

        // On Friday; nothing ran since.
        await house.SweepAsync();
        house.Clock.SetUtcNow(new DateTimeOffset(2026, 11, 27, 17, 0, 0, TimeSpan.Zero));
        await house.SweepAsync();

        var mails = await house.MailsAsync(posts);
        Assert.Equal([1, 2], Assert.Single(mails[Ada]));
    }

    [Fact]
    public async Task Who_gave_up_her_digests_still_gets_what_she_was_owed_even_if_it_comes_late()
    {
        await using var house = await WithAdaDailyAsync();
        var posts = new[] { Now(house, 1), Now(house, 2), Now(house, 3) };
        await house.TakeAsync(posts[0]);
        house.Audience.Hold(Ada, "rivers", Frequency.Immediate);
        house.Clock.Advance(TimeSpan.FromDays(1));
        await house.SweepAsync();
        Assert.Equal([[1]], (await house.MailsAsync(posts))[Ada]);

        await house.TakeAsync(posts[1]);
        house.Clock.Advance(TimeSpan.FromDays(1));
        await house.SweepAsync();
        Assert.Equal([[1], [2]], (await house.MailsAsync(posts))[Ada]);
    }

    [Fact]
    public async Task Who_took_up_a_digest_and_gave_it_up_unseen_gets_what_was_published_between()
    {
        await using var house = await DigestsHouse.BuildAsync();
        house.Audience.Join(Ada);
        house.Audience.Hold(Ada, "rivers", Frequency.Daily);
        var post = Now(house, 1);
        house.Audience.Hold(Ada, "rivers", Frequency.Immediate);
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Immediate);
        await house.TakeAsync(post);
        await house.SweepAsync();
        house.Clock.Advance(TimeSpan.FromDays(1));
        await house.SweepAsync();

        var mails = await house.MailsAsync([post]);
        Assert.Equal([[1]], mails[Ada]);
        Assert.Empty(mails[Ben]);
        await using var db = house.Open();
        Assert.Equal([Ada], await db.Readers.Select(r => r.SubscriberId).ToListAsync(Stop));
    }

    [Fact]
    public async Task Who_left_gets_nothing_and_is_counted_as_excluded()
    {
        await using var house = await WithAdaDailyAsync();
        house.Audience.Join(Ben);
        house.Audience.Hold(Ben, "rivers", Frequency.Daily);
        await house.TakeAsync(Now(house, 1));
        house.Audience.Hold(Ben, "rivers", null);
        await house.CutNowAsync();

        Assert.Equal([Ada], (await house.SentAsync<RecipientsAdded>()).SelectMany(b => b.Recipients).Select(r => r.SubscriberId));
        var seal = Assert.Single(await house.SentAsync<MailingSealed>());
        Assert.Equal((2, 1, 1), ((int)seal.Candidates, (int)seal.Recipients, (int)seal.Excluded[Exclusion.Unsubscribed]));
    }

    [Fact]
    public async Task A_withdrawn_post_and_an_urgent_one_are_in_no_digest()
    {
        await using var house = await WithAdaDailyAsync();
        var (withdrawn, early, urgent) = (Now(house, 1), Now(house, 2), Now(house, 3) with { Urgent = true });
        await house.TakeAsync(withdrawn);
        await house.TakeAsync(Given.Withdrawal(withdrawn));
        await house.TakeAsync(Given.Withdrawal(early));
        await house.TakeAsync(early);
        await house.TakeAsync(urgent);
        await house.CutNowAsync();

        Assert.Empty(await house.SentAsync<MailingPrepared>());
    }

    [Fact]
    public async Task The_latest_correction_is_shown_in_whatever_order_it_came()
    {
        await using var house = await WithAdaDailyAsync();
        var (first, second) = (Now(house, 1), Now(house, 2));
        await house.TakeAsync(Given.Correction(first, 3, "Third"));
        await house.TakeAsync(first);
        await house.TakeAsync(Given.Correction(first, 2, "Second"));
        await house.TakeAsync(second);
        await house.TakeAsync(Given.Correction(second, 2, "Corrected"));
        await house.TakeAsync(second);
        await house.CutNowAsync();

        var text = Assert.Single(await house.SentAsync<MailingPrepared>()).Text;
        Assert.Contains("Third", text, StringComparison.Ordinal);
        Assert.Contains("Corrected", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Title", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_now_waits_for_what_was_published_before_it_and_moves_no_hour()
    {
        await using var house = await WithAdaDailyAsync();
        var message = Guid.NewGuid();
        var request = await house.AskForCutAsync(message);
        await house.SweepAsync();
        await using var db = house.Open();
        Assert.Null((await CutRequests.FindAsync(db, request, Stop))!.DoneAt);

        await house.TakeAsync(Now(house, 1));
        db.TakenMessages.Add(new TakenMessage { MessageId = message, TakenAt = Given.Now });
        await db.SaveChangesAsync(Stop);
        await house.SweepAsync();

        var done = (await CutRequests.FindAsync(db, request, Stop))!;
        Assert.Equal((Given.Now, 1, 1), (done.DoneAt!.Value, done.Editions, (int)done.Readers));
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 17, 0, 0, TimeSpan.Zero), (await db.Readers.SingleAsync(Stop)).DailyDueAt);
    }

    [Fact]
    public async Task A_backlog_is_one_digest_for_immediate_readers_once_all_its_posts_are_there()
    {
        await using var house = await WithAdaDailyAsync();
        var backlog = Guid.NewGuid();
        var posts = Enumerable.Range(1, 17).Select(n => Now(house, n) with { BacklogId = backlog, Ordinal = 17 - n }).ToList();
        var published = new BacklogPublished { BacklogId = backlog, Posts = 17, Title = "All about rivers", Lists = ["rivers"], AudienceRevision = house.Audience.Revision };
        foreach (var post in posts.Take(9))
        {
            await house.TakeAsync(post);
        }

        await house.TakeAsync(published);
        await house.TakeAsync(published);
        foreach (var post in posts.Skip(8))
        {
            Assert.Empty(await house.SentAsync<MailingPrepared>());
            await house.TakeAsync(post);
        }

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        Assert.Equal(($"backlog/{backlog}", MailingPriority.Normal, "Title 1 and 16 more"), (prepared.Cause, prepared.Priority, prepared.Subject));
        Assert.Equal(Enumerable.Range(1, 17), posts.Select(p => prepared.Text.IndexOf($"{p.Link}\n", StringComparison.Ordinal)).Select((at, i) => (at, i)).OrderBy(p => p.at).Select(p => p.i + 1));
        await using (var db = house.Open())
        {
            var mailing = await db.Mailings.SingleAsync(Stop);
            Assert.Equal((true, Frequency.Immediate, house.Audience.Revision), (mailing.FansOut, mailing.Frequency!.Value, mailing.Revision));
        }

        await house.CutNowAsync();
        Assert.Equal(Enumerable.Range(1, 17), Assert.Single((await house.MailsAsync(posts))[Ada]).Order());
    }

    [Fact]
    public async Task A_digest_of_very_much_is_cut_short_and_leads_to_its_page()
    {
        await using var house = await WithAdaDailyAsync();
        var title = string.Concat(Enumerable.Repeat("Слово & ", 50));
        for (var n = 1; n <= 60; n++)
        {
            await house.TakeAsync(Now(house, n) with { Title = title, Summary = title + title, Text = new string('я', 100_000) });
        }

        await house.CutNowAsync();

        var prepared = Assert.Single(await house.SentAsync<MailingPrepared>());
        Assert.InRange(Encoding.UTF8.GetByteCount(prepared.Html), 0, 100_000);
        Assert.InRange(JsonSerializer.Serialize(prepared).Length, 0, 256 * 1024);
        Assert.Matches("And [0-9]+ more on the web", prepared.Html);
        Assert.Matches("And [0-9]+ more on the web: https://alerts.example.org/digests/", prepared.Text);
    }

    [Fact]
    public async Task Posts_are_forgotten_three_months_after_everybody_had_them()
    {
        await using var house = await WithAdaDailyAsync();
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(91));
        await house.PurgeAsync();
        await using var db = house.Open();
        Assert.Equal(1, await db.Posts.CountAsync(Stop));

        await house.SweepAsync();
        await house.PurgeAsync();
        Assert.Equal(0, await db.Posts.CountAsync(Stop));
    }

    [Fact]
    public async Task A_post_that_was_taken_back_before_it_came_stays_so_however_late_it_comes()
    {
        await using var house = await WithAdaDailyAsync();
        var late = Now(house, 1);
        await house.TakeAsync(Given.Withdrawal(late));
        house.Clock.Advance(TimeSpan.FromDays(2 * 365));
        await house.SweepAsync();
        await house.PurgeAsync();
        await house.TakeAsync(late);
        await house.CutNowAsync();

        Assert.Empty(await house.SentAsync<MailingPrepared>());
    }

    [Fact]
    public async Task Two_sweeps_at_once_cut_once()
    {
        await using var house = await WithAdaDailyAsync();
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(1));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => house.SweepAsync(), Stop)));
        await house.SweepAsync();

        Assert.Single(await house.SentAsync<RecipientsAdded>());
    }

    [Fact]
    public async Task The_next_sweep_of_the_same_process_adds_no_hands_to_a_cut_that_takes_long()
    {
        await using var house = await WithAdaDailyAsync();
        foreach (var number in Enumerable.Range(1, 5))
        {
            // Enough for a second stretch.
            house.Audience.Join(new Guid(number, 0, 0, new byte[8]));
            house.Audience.Hold(new Guid(number, 0, 0, new byte[8]), "rivers", Frequency.Daily);
        }

        await house.SweepAsync();
        await house.TakeAsync(Now(house, 1));
        house.Clock.Advance(TimeSpan.FromDays(1));
        var (asked, began, going) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        house.Audience.BeforeHeld = () =>
        {
            asked++;
            began.TrySetResult();
            return going.Task;
        };
        var process = house.Process();
        var first = house.SweepAsync(process);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await house.SweepAsync(process).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(1, asked);

        going.SetResult();
        await first;
        Assert.Equal(6, (await house.SentAsync<RecipientsAdded>()).Sum(batch => batch.Recipients.Count));
    }
}
