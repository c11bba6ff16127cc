using Alerts.Notices.Events;
using CsCheck;
using static Alerts.Tests.Unit.Notices.Events.GivenEvent;

namespace Alerts.Tests.Unit.Notices.Events;

/// <summary>What is told next of an event, by the rules alone.</summary>
public sealed class NoticedEventTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(2);

    [Fact]
    public void An_event_is_announced_at_once_and_once()
    {
        var noticed = Announce();
        noticed.Hear(Announced(), Now);
        Assert.Null(noticed.Due(Now.AddHours(1)));
        Assert.Equal(1, noticed.ToldVersion);
    }

    [Fact]
    public void An_announcement_after_the_start_has_lost_its_point()
    {
        var noticed = new NoticedEvent { EventId = Id };
        noticed.Hear(Announced(), Vigil.StartsAt);
        Assert.Null(noticed.Due(Vigil.StartsAt));
        noticed.Settle(null, null);

        // Moved to where it can be announced after all.
        noticed.Hear(Changed(2, Vigil.Moved(TimeSpan.FromDays(7))), Vigil.StartsAt, Wait);
        Assert.Equal(Notice.Announcement, noticed.Due(Vigil.StartsAt));
    }

    [Fact]
    public void Changes_within_minutes_are_one_mail_from_what_was_told_last_to_the_newest()
    {
        var noticed = Announce();
        noticed.Hear(Changed(2, Vigil.Moved(TimeSpan.FromHours(1))), Now, Wait);
        Assert.Null(noticed.Due(Now.AddSeconds(119)));
        noticed.Hear(Changed(3, Vigil.Moved(TimeSpan.FromHours(2))), Now.AddSeconds(119), Wait);
        Assert.Null(noticed.Due(Now.AddMinutes(3)));

        Assert.Equal(Notice.Change, noticed.Due(Now.AddSeconds(119) + Wait));
        Assert.Equal(Vigil.StartsAt, noticed.Told!.StartsAt);
        noticed.Settle(Notice.Change, Guid.NewGuid());
        Assert.Equal(3, noticed.ToldVersion);
        Assert.Null(noticed.Due(Now.AddHours(1)));
    }

    [Fact]
    public void A_hundred_changes_in_a_minute_are_told_in_the_end_and_changes_without_end_dont_wait_for_ever()
    {
        var noticed = Announce();
        var told = 0;
        for (var i = 0; i < 100; i++)
        {
            var now = Now.AddSeconds(15 * i);
            noticed.Hear(Changed(i + 2, Vigil.Moved(TimeSpan.FromMinutes(i + 1))), now, Wait);
            if (noticed.Due(now) == Notice.Change)
            {
                told++;
                noticed.Settle(Notice.Change, Guid.NewGuid());
            }
        }

        Assert.Equal(2, told);
        Assert.NotNull(noticed.DueAt);
    }

    [Fact]
    public void A_change_and_its_contrary_within_minutes_are_told_to_nobody()
    {
        var noticed = Announce();
        noticed.Hear(Changed(2, Vigil with { Place = "The park" }), Now, Wait);
        noticed.Hear(Changed(3, Vigil), Now.AddSeconds(30), Wait);
        Assert.Null(noticed.Due(Now.AddHours(1)));
    }

    [Fact]
    public void A_change_that_readers_need_not_know_of_is_told_to_nobody()
    {
        var noticed = Announce();
        noticed.Hear(Changed(2, Vigil with { Html = "<p>A comma was missing.</p>" }, silent: true), Now, Wait);
        Assert.Null(noticed.DueAt);

        // But when the one before it is late, that one is.
        noticed.Hear(Changed(3, Vigil with { Title = "Vigil, at the gate" }, silent: true), Now, Wait);
        noticed.Hear(Changed(2, Vigil with { Title = "Vigil, at the gate" }), Now, Wait);
        Assert.Equal(Notice.Change, noticed.Due(Now + Wait));
    }

    [Fact]
    public void A_cancellation_never_waits_and_sticks()
    {
        var noticed = Announce();
        noticed.Hear(Changed(2, Vigil.Moved(TimeSpan.FromHours(1))), Now, Wait);
        noticed.Hear(Cancelled(3), Now);
        Assert.Equal(Notice.Cancellation, noticed.Due(Now));
        noticed.Settle(Notice.Cancellation, Guid.NewGuid());

        noticed.Hear(Changed(4, Vigil.Moved(TimeSpan.FromHours(3))), Now, Wait);
        noticed.Hear(Announced(), Now);
        Assert.Null(noticed.Due(Now.AddHours(1)));
    }

    [Fact]
    public void A_cancellation_that_comes_first_swallows_the_announcement()
    {
        var noticed = new NoticedEvent { EventId = Id };
        noticed.Hear(Cancelled(2), Now);
        Assert.Equal(Notice.Cancellation, noticed.Due(Now));
        noticed.Settle(Notice.Cancellation, Guid.NewGuid());
        noticed.Hear(Announced(), Now);
        Assert.Null(noticed.Due(Now));
    }

    [Fact]
    public void News_after_the_end_is_none()
    {
        var noticed = Announce();
        noticed.Hear(Changed(2, Vigil with { Place = "The park" }), Vigil.EndsAt.AddMinutes(-1), Wait);
        Assert.Null(noticed.Due(Vigil.EndsAt.AddMinutes(1)));
        noticed.Hear(Cancelled(3), Vigil.EndsAt);
        Assert.Null(noticed.Due(Vigil.EndsAt));
    }

    /// <summary>Whatever the order, however often: the last version is told, or nothing is left to tell.</summary>
    [Fact]
    public void Messages_in_any_order_and_repeated_end_in_the_same() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Bool).Sample(
            (seed, cancelled) =>
            {
                var random = new Random(seed);
                var messages = new List<Action<NoticedEvent, DateTimeOffset>>
                {
                    (n, now) => n.Hear(Announced(), now),
                    (n, now) => n.Hear(Changed(2, Vigil.Moved(TimeSpan.FromHours(1))), now, Wait),
                    (n, now) => n.Hear(Changed(3, Vigil.Moved(TimeSpan.FromHours(2))), now, Wait),
                };
                if (cancelled)
                {
                    messages.Add((n, now) => n.Hear(Cancelled(4, Vigil.Moved(TimeSpan.FromHours(2))), now));
                }

                var order = messages.Concat(messages).ToArray();
                random.Shuffle(order);
                var noticed = new NoticedEvent { EventId = Id };
                var now = Now;
                var mails = new List<(Notice Notice, int Version)>();
                foreach (var hear in order.Append((_, _) => { }).Append((_, _) => { }))
                {
                    hear(noticed, now);
                    Tell();
                    now = now.AddSeconds(random.Next(0, 300));
                }

                now = now.AddMinutes(20);
                Tell();
                Assert.Equal(mails.Select(m => m.Version).Distinct().Order(), mails.Select(m => m.Version));
                Assert.Equal(cancelled ? 4 : 3, mails[^1].Version);
                Assert.Equal(cancelled, mails[^1].Notice == Notice.Cancellation);
                Assert.Null(noticed.DueAt);

                void Tell()
                {
                    if (noticed.DueAt <= now)
                    {
                        var due = noticed.Due(now);
                        noticed.Settle(due, Guid.NewGuid());
                        if (due is { } notice)
                        {
                            mails.Add((notice, noticed.ToldVersion));
                        }
                    }
                }
            },
            iter: 2_000,
            seed: "0001Q6dCSCH6");

    [Theory]
    [InlineData("P1D", "2026-11-20T18:00:00Z")]
    [InlineData("PT24H", "2026-11-20T18:00:00Z")]
    [InlineData("PT2H", "2026-11-21T16:00:00Z")]
    [InlineData("P1DT2H", "2026-11-20T16:00:00Z")]
    [InlineData("P1W", "2026-11-14T18:00:00Z")]
    public void A_reminder_is_due_so_long_before_the_start(string before, string due) =>
        Assert.Equal(DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture), Reminder.DueBefore(Vigil, before));

    [Fact]
    public void A_day_before_is_the_same_hour_whatever_the_clocks_do_between()
    {
        // Clocks went back in New York on 1 November 2026 at 2 in the morning.
        var event1 = Vigil with { StartsAt = new DateTimeOffset(2026, 11, 1, 18, 0, 0, TimeSpan.Zero) };
        Assert.Equal(new DateTimeOffset(2026, 10, 31, 17, 0, 0, TimeSpan.Zero), Reminder.DueBefore(event1, "P1D"));
        Assert.Equal(new DateTimeOffset(2026, 10, 31, 18, 0, 0, TimeSpan.Zero), Reminder.DueBefore(event1, "PT24H"));
    }

    private static NoticedEvent Announce()
    {
        var noticed = new NoticedEvent { EventId = Id };
        noticed.Hear(Announced(), Now);
        Assert.Equal(Notice.Announcement, noticed.Due(Now));
        noticed.Settle(Notice.Announcement, Guid.NewGuid());
        return noticed;
    }
}
