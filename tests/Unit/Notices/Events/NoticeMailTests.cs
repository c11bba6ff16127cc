using System.Text;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Notices.Events;
using static Alerts.Tests.Unit.Notices.Events.GivenEvent;

namespace Alerts.Tests.Unit.Notices.Events;

public sealed class NoticeMailTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_announcement_says_when_where_how_to_get_there_and_how_to_answer()
    {
        var mail = await NoticesDatabase.Mail.AnnouncementAsync(Noticed(), Now, Stop);
        Assert.Equal("Vigil at the embassy", mail.Subject);
        foreach (var part in new[] { mail.Html, mail.Text })
        {
            Assert.Contains("Saturday 21 November, 1–2 p.m.", part, StringComparison.Ordinal);
            Assert.Contains("Embassy gate, 2320 Massachusetts Avenue NW, Washington", part, StringComparison.Ordinal);
            Assert.Contains("https://www.openstreetmap.org/directions?to=38.912%2C-77.0503", part, StringComparison.Ordinal);
            Assert.Contains($"{Hole.AnswerUrl}?answer=coming", part, StringComparison.Ordinal);
            Assert.Contains($"{Hole.AnswerUrl}?answer=maybe", part, StringComparison.Ordinal);
            Assert.Contains($"{Hole.AnswerUrl}?answer=no", part, StringComparison.Ordinal);
            Assert.Contains("candle", part, StringComparison.Ordinal);
            Assert.Contains("Border Watch", part, StringComparison.Ordinal);
        }

        Assert.Contains("METHOD:PUBLISH", mail.Calendar, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:1", mail.Calendar, StringComparison.Ordinal);
        Assert.Contains("METHOD:REQUEST", mail.AttendeeCalendar, StringComparison.Ordinal);
        Assert.Contains($"\r\n mailto:{Hole.Address}\r\n", mail.AttendeeCalendar, StringComparison.Ordinal);
        Assert.Contains("ORGANIZER", mail.AttendeeCalendar, StringComparison.Ordinal);
        Keep("announcement", mail);
    }

    [Fact]
    public async Task A_change_strikes_out_what_was_told_before_however_many_versions_lie_between()
    {
        var noticed = Noticed();
        noticed.Settle(Notice.Announcement, Guid.NewGuid());
        noticed.Hear(Changed(2, Vigil.Moved(TimeSpan.FromHours(1))), Now, TimeSpan.Zero);
        noticed.Hear(Changed(3, Vigil.Moved(TimeSpan.FromHours(2)) with { Place = "The park", Street = "16th Street NW", Latitude = null, Longitude = null }), Now, TimeSpan.Zero);
        var mail = await NoticesDatabase.Mail.ChangeAsync(noticed, Now, Stop);

        Assert.Equal("Changed: Vigil at the embassy", mail.Subject);
        Assert.Matches("<s>Saturday 21 November, 1–2 p.m.[^<]*</s></span><br>\\s*<strong>Saturday 21 November, 3–4 p.m.", mail.Html);
        Assert.Contains("(before: Saturday 21 November, 1–2 p.m.", mail.Text, StringComparison.Ordinal);
        Assert.Contains("(before: Embassy gate", mail.Text, StringComparison.Ordinal);
        Assert.Contains("the time and the place", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("2–3 p.m.", mail.Html + mail.Text, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:3", mail.Calendar, StringComparison.Ordinal);
        Keep("change", mail);
    }

    [Fact]
    public async Task A_cancellation_says_why_and_takes_the_event_out_of_calendars()
    {
        var noticed = Noticed();
        noticed.Settle(Notice.Announcement, Guid.NewGuid());
        noticed.Hear(Cancelled(2), Now);
        var mail = await NoticesDatabase.Mail.CancellationAsync(noticed, Now, Stop);

        Assert.Contains("The permit was withdrawn.", mail.Html, StringComparison.Ordinal);
        Assert.Contains("The permit was withdrawn.", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Hole.AnswerUrl, mail.Html + mail.Text, StringComparison.Ordinal);
        foreach (var calendar in new[] { mail.Calendar, mail.AttendeeCalendar })
        {
            Assert.Contains("METHOD:CANCEL", calendar, StringComparison.Ordinal);
            Assert.Contains("STATUS:CANCELLED", calendar, StringComparison.Ordinal);
        }

        Keep("cancellation", mail);
    }

    [Theory]
    [InlineData("P1D", "in a day")]
    [InlineData("PT2H", "in 2 hours")]
    [InlineData("PT30M", "in 30 minutes")]
    public async Task A_reminder_says_how_long_there_is(string before, string words)
    {
        var noticed = Noticed();
        noticed.Settle(Notice.Announcement, Guid.NewGuid());
        var due = Reminder.DueBefore(Vigil, before);
        var mail = await NoticesDatabase.Mail.ReminderAsync(noticed, new Reminder { EventId = Id, Before = before, StartsAt = Vigil.StartsAt, DueAt = due }, due, Stop);
        Assert.Contains(words, mail.Html, StringComparison.Ordinal);
        Assert.Contains(words, mail.Text, StringComparison.Ordinal);
        Keep("reminder", mail);
    }

    [Fact]
    public async Task A_mail_is_never_too_large_and_nothing_an_editor_writes_is_filled_by_delivery()
    {
        var text = string.Concat(Enumerable.Repeat($"日本語の文章です。 {Hole.UnsubscribeUrl} {Hole.Address} ", 20_000));
        var details = Vigil with { Title = new string('題', 400) + Hole.Address, Text = text, Html = $"<p>{text}</p>", Place = Hole.Address + new string('p', 400) };
        var mail = await NoticesDatabase.Mail.AnnouncementAsync(Noticed(details), Now, Stop);

        Assert.InRange(Encoding.UTF8.GetByteCount(mail.Html), 0, 100_000);
        Assert.InRange(JsonSerializer.Serialize(mail).Length, 0, 256 * 1024);
        Assert.DoesNotContain(Hole.Address, mail.Html + mail.Text + mail.Calendar, StringComparison.Ordinal);
        Assert.Equal(2, mail.AttendeeCalendar!.Split(Hole.Address).Length);
        Assert.DoesNotContain(Hole.UnsubscribeUrl, mail.Calendar + mail.AttendeeCalendar, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invitation_is_the_event_for_her_calendar()
    {
        var mail = await NoticesDatabase.Mail.InvitationAsync(Noticed(), 1, Now, Stop);
        Assert.Equal(("You are coming: Vigil at the embassy", MailingPriority.Normal), (mail.Subject, mail.Priority));
        Keep("invitation", mail);
    }

    private static NoticedEvent Noticed(EventDetails? details = null)
    {
        var noticed = new NoticedEvent { EventId = Id };
        noticed.Hear(Announced(details), Now);
        return noticed;
    }

    /// <summary>For people to look at: <c>MAILS=folder</c>.</summary>
    private static void Keep(string name, MailingPrepared mail)
    {
        if (Environment.GetEnvironmentVariable("MAILS") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, name + ".html"), mail.Html);
            File.WriteAllText(Path.Combine(folder, name + ".txt"), mail.Text);
            File.WriteAllText(Path.Combine(folder, name + ".ics"), mail.Calendar);
            File.WriteAllText(Path.Combine(folder, name + ".attendee.ics"), mail.AttendeeCalendar);
        }
    }
}
