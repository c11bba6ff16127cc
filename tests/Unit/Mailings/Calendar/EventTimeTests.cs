using System.Globalization;
using Alerts.Mailings.Calendar;

namespace Alerts.Tests.Unit.Mailings.Calendar;

public sealed class EventTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-11-21T18:00Z", "2026-11-21T19:00Z", "America/New_York", "Saturday 21 November, 1–2 p.m. (New York time)")]
    [InlineData("2026-11-21T16:00Z", "2026-11-21T18:30Z", "America/New_York", "Saturday 21 November, 11 a.m.–1:30 p.m. (New York time)")]
    [InlineData("2026-11-21T17:00Z", "2026-11-22T05:00Z", "America/New_York", "Saturday 21 November, noon – Sunday 22 November, midnight (New York time)")]
    [InlineData("2027-01-02T18:00Z", "2027-01-02T19:05Z", "Asia/Seoul", "Sunday 3 January 2027, 3–4:05 a.m. (Seoul time)")]
    [InlineData("2026-11-21T12:00Z", "2026-11-21T13:00Z", "America/Argentina/Buenos_Aires", "Saturday 21 November, 9–10 a.m. (Buenos Aires time)")]
    [InlineData("2026-11-21T12:00Z", "2026-11-21T13:00Z", "UTC", "Saturday 21 November, noon–1 p.m. (UTC time)")]
    [InlineData("2026-11-01T05:30Z", "2026-11-01T06:30Z", "America/New_York", "Sunday 1 November, 1:30 a.m.–1:30 a.m. (New York time)")]
    public void The_time_of_an_event_is_said_as_people_say_it(string startsAt, string endsAt, string zone, string words) =>
        Assert.Equal(words, EventTime.InEnglish(At(startsAt), At(endsAt), zone, Now));

    [Fact]
    public void In_other_languages_it_is_said_in_their_way()
    {
        var korean = EventTime.InWords(At("2026-11-21T18:00Z"), At("2026-11-21T19:00Z"), "America/New_York", Now, CultureInfo.GetCultureInfo("ko"));
        Assert.Equal("2026년 11월 21일 토요일, 오후 1:00–오후 2:00", korean);

        var arabic = EventTime.InWords(At("2026-11-21T18:00Z"), At("2026-11-21T19:00Z"), "America/New_York", Now, CultureInfo.GetCultureInfo("ar"));
        Assert.Contains("نوفمبر", arabic, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
