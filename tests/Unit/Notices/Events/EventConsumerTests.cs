using Alerts.Contracts;
using static Alerts.Tests.Unit.Notices.Events.GivenEvent;

namespace Alerts.Tests.Unit.Notices.Events;

public sealed class EventConsumerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_announced_event_is_owed_once_to_those_in_its_regions_as_of_its_revision()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(), Announced());

        var prepared = Assert.Single(await notices.SentAsync());
        Assert.Equal(($"event/{Id}/1/announced", MailingKind.Announcement, MailingPriority.Urgent), (prepared.Cause, prepared.Kind, prepared.Priority));
        Assert.Equal((Vigil.StartsAt, Id, null), (prepared.ExpiresAt!.Value, prepared.GroupId!.Value, prepared.ToThoseTold));
        Assert.Equal(new ToldEvent(Id, 1, Vigil.EndsAt), Assert.Single(prepared.Tells!));
        var mailing = Assert.Single(await notices.MailingsAsync());
        Assert.Equal((7, true, false), (mailing.Revision, mailing.FansOut, mailing.Attending));
        Assert.Equal(["us-dc"], mailing.Regions);
    }

    [Fact]
    public async Task A_change_while_the_announcement_goes_out_reaches_the_audience_and_those_who_were_told()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(), Changed(2, Vigil.Moved(TimeSpan.FromHours(1))));
        await notices.SweepAsync(Now.AddMinutes(1));
        Assert.Single(await notices.SentAsync());

        await notices.SweepAsync(Now.AddMinutes(2));
        var prepared = (await notices.SentAsync())[1];
        Assert.Equal(($"event/{Id}/2/changed", (Guid?)Id, Vigil.EndsAt.AddHours(1)), (prepared.Cause, prepared.ToThoseTold, prepared.ExpiresAt!.Value));
        var mailing = (await notices.MailingsAsync())[1];
        Assert.Equal((9, true, true), (mailing.Revision, mailing.Attending, mailing.Regions is ["us-dc"]));
    }

    [Fact]
    public async Task A_change_after_the_announcement_reached_all_goes_only_to_those_who_were_told_unless_it_concerns_more_people_now()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        await CompleteAsync(notices);
        await notices.HearAsync(Changed(2, Vigil with { Place = "The park" }));
        await notices.SweepAsync(Now.AddMinutes(2));
        Assert.Null((await notices.MailingsAsync())[1].Regions);

        await notices.HearAsync(Changed(3, Vigil with { Place = "The park", Regions = ["us-dc", "us-md"] }));
        await notices.HearAsync(Changed(4, Vigil with { Place = "The square", Regions = ["us-dc", "us-md"] }));
        await notices.SweepAsync(Now.AddMinutes(10));
        Assert.Equal(["us-dc", "us-md"], (await notices.MailingsAsync())[2].Regions);
    }

    [Fact]
    public async Task A_cancellation_goes_at_once_to_those_who_were_told_on_whichever_list_it_ever_was()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(), Changed(2, Vigil with { Lists = ["courts"] }), Cancelled(3, Vigil with { Lists = ["courts"] }), Cancelled(3));

        var sent = await notices.SentAsync();
        Assert.Equal([MailingKind.Announcement, MailingKind.Cancellation], sent.Select(m => m.Kind));
        Assert.Equal(["courts", "vigils"], sent[1].Lists.Order());
        Assert.Null((await notices.MailingsAsync())[1].Regions);
        Assert.Empty(await notices.RemindersAsync());
    }

    [Fact]
    public async Task Reminders_are_rows_that_move_with_the_event_and_moving_it_away_and_back_swallows_none()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        Assert.Equal([Now.AddHours(9), Now.AddHours(31)], (await notices.RemindersAsync()).Select(r => r.DueAt));

        await notices.HearAsync(Changed(2, Vigil.Moved(TimeSpan.FromDays(2))));
        Assert.Equal([Now.AddHours(57), Now.AddHours(79)], (await notices.RemindersAsync()).Select(r => r.DueAt));

        await notices.HearAsync(Changed(3, Vigil));
        await notices.SweepAsync(Now.AddHours(9));
        await notices.SweepAsync(Now.AddHours(9).AddMinutes(1));
        var reminder = (await notices.SentAsync())[^1];
        Assert.Equal(($"event/{Id}/reminder/P1D/2026-11-21T18:00:00Z", MailingKind.Reminder, (Guid?)Id), (reminder.Cause, reminder.Kind, reminder.ToThoseTold));
        Assert.Equal(2, (await notices.SentAsync()).Count);

        // Moved away after the first was sent, and back: that one isn't sent again, the other is.
        await notices.HearAsync(Changed(4, Vigil.Moved(TimeSpan.FromDays(2))), Changed(5, Vigil));
        await notices.SweepAsync(Now.AddHours(31));
        Assert.Equal(["PT2H"], (await notices.SentAsync()).Skip(2).Select(m => m.Cause.Split('/')[3]));
    }

    [Fact]
    public async Task An_event_moved_to_before_its_reminder_is_told_of_without_one()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(Vigil with { RemindBefore = ["PT2H"] }));
        await notices.HearAsync(Changed(2, (Vigil with { RemindBefore = ["PT2H"] }).Moved(TimeSpan.FromHours(-32))));
        Assert.Empty(await notices.RemindersAsync());
        await notices.SweepAsync(Now.AddMinutes(2));
        Assert.Equal([MailingKind.Announcement, MailingKind.Change], (await notices.SentAsync()).Select(m => m.Kind));
    }

    [Fact]
    public async Task After_an_outage_only_the_last_of_the_due_reminders_is_sent_and_none_after_the_start()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        await notices.SweepAsync(Now.AddHours(32));
        Assert.Equal(["PT2H"], (await notices.SentAsync()).Skip(1).Select(m => m.Cause.Split('/')[3]));
        Assert.All(await notices.RemindersAsync(), r => Assert.NotNull(r.SettledAt));

        await using var late = await NoticesDatabase.CreateAsync();
        await late.HearAsync(Announced());
        await late.SweepAsync(Vigil.StartsAt);
        Assert.Single(await late.SentAsync());
    }

    [Fact]
    public async Task A_reminder_does_not_overtake_a_change_that_waits()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        notices.Clock.SetUtcNow(Now.AddHours(9).AddSeconds(-10));
        await notices.HearAsync(Changed(2, Vigil with { Place = "The park" }));
        await notices.SweepAsync(Now.AddHours(9));
        Assert.Equal([MailingKind.Announcement, MailingKind.Change, MailingKind.Reminder], (await notices.SentAsync()).Select(m => m.Kind));
    }

    [Fact]
    public async Task A_reminder_may_be_for_those_who_come_alone()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(Vigil with { RemindOnlyComing = true }));
        await notices.SweepAsync(Now.AddHours(9));
        Assert.Null((await notices.SentAsync())[1].ToThoseTold);
        var mailing = (await notices.MailingsAsync())[1];
        Assert.True(mailing is { Attending: true, Regions: null });
    }

    private static async Task CompleteAsync(NoticesDatabase notices)
    {
        await using var db = notices.Open();
        foreach (var mailing in db.Mailings)
        {
            mailing.Completed(Now);
        }

        await db.SaveChangesAsync(Stop);
    }
}
