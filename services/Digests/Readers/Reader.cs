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
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The posts up to this <see cref="Posts.FiledPost.Seq"/> were gone through for what she is owed daily.</summary>
    public required long DailyCursor { get; set; }

    /// <summary>The posts up to this <see cref="Posts.FiledPost.Seq"/> were gone through for what she is owed weekly.</summary>
    public required long WeeklyCursor { get; set; }

    /// <summary>Takes over what she has chosen. A digest that is overdue stays due; others move to the time she asks for now.</summary>
    /// <param name="since">She changed after this: an hour of hers that has passed from then on, because nothing ran, is made up.</param>
    public void Follow(DigestReader change, DateTimeOffset since, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(change);

        var moved = (Zone, Hour, Weekday) != (change.Zone, change.Hour, change.Weekday);
        (Zone, Hour, Weekday, Daily, Weekly, Revision) = (change.Zone, change.Hour, change.Weekday, change.Daily, change.Weekly, change.Revision);
        var (daily, weekly) = (DailyDueAt, WeeklyDueAt);
        DailyDueAt = Daily || !Weekly ? Keep(daily) ?? Due.Next(Zone, Hour, null, since) : null;
        WeeklyDueAt = Weekly ? Keep(weekly) ?? Due.Next(Zone, Hour, Weekday, since) : null;
        DueAt = Earlier(DailyDueAt, WeeklyDueAt);

        DateTimeOffset? Keep(DateTimeOffset? due) => moved && due > now ? null : due;
    }

    internal static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    internal sealed class Mapping : IEntityTypeConfiguration<Reader>
    {
        public void Configure(EntityTypeBuilder<Reader> builder)
        {
            builder.ToTable("Readers");
            builder.HasKey(r => r.SubscriberId);
            builder.Property(r => r.Zone).HasMaxLength(100);
            builder.HasIndex(r => r.DueAt);
        }
    }
}
