using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Readers;

/// <summary>
/// When a reader's digests are due, and how far she has been served. Only the cursors and the audience's revisions decide what she is owed; the rest of the row decides when.
/// </summary>
/// <remarks>Who never held a daily or weekly subscription has no row.</remarks>
public sealed class Reader
{
    public required Guid SubscriberId { get; init; }

    /// <summary>IANA zone id.</summary>
    public required string Zone { get; set; }

    /// <summary>0–23, local.</summary>
    public required int Hour { get; set; }

    /// <summary>Of her weekly digest, local.</summary>
    public required DayOfWeek Weekday { get; set; }

    /// <summary>She held a daily subscription when the audience was last read.</summary>
    public required bool Daily { get; set; }

    /// <summary>She held a weekly subscription when the audience was last read.</summary>
    public required bool Weekly { get; set; }

    /// <summary>The revision at which she last changed, as far as the audience was read.</summary>
    public required long Revision { get; set; }

    /// <summary>When her next daily digest is due (UTC). Null: she has none. Kept for one last time after she gave up all digests, for what she is still owed.</summary>
    public DateTimeOffset? DailyDueAt { get; set; }

    /// <summary>When her next weekly digest is due (UTC). Null: she has none.</summary>
    public DateTimeOffset? WeeklyDueAt { get; set; }

    /// <summary>The earlier of the two.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>She wants no mail until then (UTC): what she is owed meanwhile comes with her first digest after it. Null, or passed: no pause.</summary>
    public DateTimeOffset? PausedUntil { get; set; }

    /// <summary>Slugs of the regions whose events she wants, separated by spaces; empty: anywhere.</summary>
    public string Regions { get; set; } = "";

    /// <summary>The posts up to this <see cref="Posts.FiledPost.Seq"/> were gone through for what she is owed daily.</summary>
    public required long DailyCursor { get; set; }

    /// <summary>The posts up to this <see cref="Posts.FiledPost.Seq"/> were gone through for what she is owed weekly.</summary>
    public required long WeeklyCursor { get; set; }

    /// <summary>Takes over what she has chosen. A digest that is overdue stays due; others move to the time she asks for now. While she pauses none is due.</summary>
    /// <param name="since">She changed after this: an hour of hers that has passed from then on, because nothing ran, is made up.</param>
    public void Follow(DigestReader change, DateTimeOffset since, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(change);

        var moved = (Zone, Hour, Weekday, PausedUntil) != (change.Zone, change.Hour, change.Weekday, change.PausedUntil);
        (Zone, Hour, Weekday, PausedUntil) = (change.Zone, change.Hour, change.Weekday, change.PausedUntil);
        (Daily, Weekly, Revision, Regions) = (change.Daily, change.Weekly, change.Revision, string.Join(' ', change.Regions.Order(StringComparer.Ordinal)));
        Schedule(since, keep: due => (!moved || due <= now) && !(due < PausedUntil));
    }

    /// <summary>After the clock was set back: what isn't due by now is due at her next hour, counted from now.</summary>
    public void Reschedule(DateTimeOffset now) => Schedule(now, keep: due => due <= now);

    internal void SetDue(DateTimeOffset? daily, DateTimeOffset? weekly) => (DailyDueAt, WeeklyDueAt, DueAt) = (daily, weekly, Earlier(daily, weekly));

    private void Schedule(DateTimeOffset since, Func<DateTimeOffset, bool> keep)
    {
        // A pause ends with the beginning of a day; a digest at that very moment is the first again.
        var from = PausedUntil is { } end && end.AddTicks(-1) > since ? end.AddTicks(-1) : since;
        SetDue(
            Daily || !Weekly ? Keep(DailyDueAt) ?? Due.Next(Zone, Hour, null, from) : null,
            Weekly ? Keep(WeeklyDueAt) ?? Due.Next(Zone, Hour, Weekday, from) : null);

        DateTimeOffset? Keep(DateTimeOffset? due) => due is { } instant && keep(instant) ? due : null;
    }

    internal static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    internal sealed class Mapping : IEntityTypeConfiguration<Reader>
    {
        public void Configure(EntityTypeBuilder<Reader> builder)
        {
            builder.ToTable("Readers");
            builder.HasKey(r => r.SubscriberId);
            builder.Property(r => r.Zone).HasMaxLength(100);
            builder.Property(r => r.Regions).HasMaxLength(4_000);
            builder.HasIndex(r => r.DueAt);
        }
    }
}
