using Alerts.Publishing.Events;
using CsCheck;
using NodaTime;
using NodaTime.Extensions;

namespace Alerts.Tests.Unit.Publishing.Events;

public sealed class LocalTimesTests
{
    private static readonly System.Collections.ObjectModel.ReadOnlyCollection<string> Ids = DateTimeZoneProviders.Tzdb.Ids;

    /// <summary>Around the clock changes of all zones since 2000, and to 2099.</summary>
    private static readonly Gen<(DateTimeZone Zone, LocalDateTime Local)> AroundChanges =
        from id in Gen.Int[0, Ids.Count - 1]
        from year in Gen.Int[2001, 2098]
        from place in Gen.Int[0, 10]
        from minutes in Gen.Int[-200, 200]
        select Near(DateTimeZoneProviders.Tzdb[Ids[id]], year, place, minutes);

    [Fact]
    public void A_local_time_is_kept_where_it_exists_and_moved_to_one_that_does_where_it_doesnt() => AroundChanges.Sample(
        sample =>
        {
            var (zone, local) = sample;
            var notes = new List<string>();
            var taken = LocalTimes.Resolve(local, zone, notes);
            var shown = taken.ToInstant().InZone(zone).LocalDateTime;
            var mapping = zone.MapLocal(local);
            Assert.Equal(mapping.Count == 1, notes.Count == 0);
            if (mapping.Count > 0)
            {
                Assert.Equal(local, shown);
                Assert.Equal(mapping.First().ToInstant(), taken.ToInstant());
            }
            else
            {
                // As much later as the clocks skip.
                Assert.Equal(mapping.LateInterval.WallOffset.Seconds - mapping.EarlyInterval.WallOffset.Seconds, (long)Period.Between(local, shown, PeriodUnits.Seconds).Seconds);
            }
        },
        seed: "0000000000001", iter: 20_000);

    [Fact]
    public void What_the_form_shows_means_the_same_instant_again() => AroundChanges.Sample(
        sample =>
        {
            var notes = new List<string>();
            var taken = LocalTimes.Resolve(sample.Local, sample.Zone, notes);
            var again = LocalTimes.Parse(LocalTimes.Format(taken, sample.Zone.Id));
            Assert.NotNull(again);
            Assert.Equal(taken, LocalTimes.Resolve(again.Value, sample.Zone, notes));
        },
        seed: "0000000000001", iter: 20_000);

    [Theory]
    [InlineData("2026-11-21T13:00", true)]
    [InlineData(" 2026-11-21T13:00:00 ", true)]
    [InlineData("2026-11-21 13:00", true)]
    [InlineData("2026-11-21T13:00Z", false)]
    [InlineData("2026-11-21T13:00+01:00", false)]
    [InlineData("2026-11-21", false)]
    [InlineData("1999-12-31T23:59", false)]
    [InlineData("2100-01-01T00:00", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_local_times_of_this_century_are_read(string? text, bool isRead) => Assert.Equal(isRead, LocalTimes.Parse(text) is not null);

    private static (DateTimeZone Zone, LocalDateTime Local) Near(DateTimeZone zone, int year, int place, int minutes)
    {
        var changes = zone.GetZoneIntervals(new Interval(Instant.FromUtc(year, 1, 1, 0, 0), Instant.FromUtc(year + 1, 1, 1, 0, 0))).Where(i => i.HasStart).Select(i => i.IsoLocalStart).ToList();
        var near = changes.Count == 0 ? new LocalDateTime(year, 6, 1, 2, 0) : changes[place % changes.Count];

        // Since seconds aren't told in forms.
        return (zone, near.With(TimeAdjusters.TruncateToMinute).PlusMinutes(minutes) is { Year: >= 2000 } local ? local : new LocalDateTime(year, 6, 1, 2, 0));
    }
}
