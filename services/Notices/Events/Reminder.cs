using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.Text;

namespace Alerts.Notices.Events;

/// <summary>A reminder of an event that is to be sent, or was: a row rather than a timer, so that nothing is forgotten. It belongs to one start of the event: when that moves, it is another.</summary>
public sealed class Reminder
{
    public required Guid EventId { get; init; }

    /// <summary>How long before the start: an ISO 8601 duration, such as <c>P1D</c>.</summary>
    public required string Before { get; init; }

    /// <summary>The start that it reminds of (UTC).</summary>
    public required DateTimeOffset StartsAt { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>It was sent, or had lost its point. Null: it waits.</summary>
    public DateTimeOffset? SettledAt { get; private set; }

    /// <summary>Null when it wasn't sent.</summary>
    public Guid? MailingId { get; private set; }

    public void Settle(Guid? mailingId, DateTimeOffset now) => (MailingId, SettledAt) = (mailingId, now);

    /// <summary>The instant so long before an event's start: days and weeks by the calendar of its place, hours and minutes by the clock.</summary>
    /// <remarks>A local time that a clock change skips becomes the next valid one; of a doubled one, the first.</remarks>
    public static DateTimeOffset DueBefore(EventDetails details, string before)
    {
        ArgumentNullException.ThrowIfNull(details);

        var period = PeriodPattern.NormalizingIso.Parse(before);
        if (!period.Success)
        {
            return DateTimeOffset.MaxValue;
        }

        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(details.Zone) ?? DateTimeZone.Utc;
        var (years, months, days) = (period.Value.Years, period.Value.Months, (period.Value.Weeks * 7) + period.Value.Days);
        var day = details.StartsAt.ToInstant().InZone(zone).LocalDateTime.PlusYears(-years).PlusMonths(-months).PlusDays(-days);
        var time = new PeriodBuilder(period.Value) { Years = 0, Months = 0, Weeks = 0, Days = 0 }.Build().ToDuration();
        var start = years + months + days == 0 ? details.StartsAt.ToInstant() : day.InZoneLeniently(zone).ToInstant();
        return (start - time).ToDateTimeOffset();
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Reminder>
    {
        public void Configure(EntityTypeBuilder<Reminder> builder)
        {
            builder.ToTable("Reminders");

            // What makes moving an event away and back swallow no reminder, and send none twice.
            builder.HasKey(r => new { r.EventId, r.Before, r.StartsAt });
            builder.Property(r => r.Before).HasMaxLength(50);
            builder.HasIndex(r => r.DueAt).HasFilter($"\"{nameof(SettledAt)}\" IS NULL");
        }
    }
}
