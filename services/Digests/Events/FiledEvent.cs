using Alerts.Contracts;
using Alerts.Mailings.Calendar;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Events;

/// <summary>An event as digests list it, in the highest version heard of. A change or a cancellation may file it before its announcement does.</summary>
public sealed class FiledEvent
{
    private const int TextLength = 2_000;

    public required Guid EventId { get; init; }

    public int Version { get; private set; }

    /// <summary>It doesn't take place, whatever comes after.</summary>
    public bool Cancelled { get; private set; }

    public DateTimeOffset StartsAt { get; private set; }

    public DateTimeOffset EndsAt { get; private set; }

    /// <summary>When this version was released (UTC).</summary>
    public DateTimeOffset ReleasedAt { get; private set; }

    /// <summary>Without its HTML, and with the beginning of its text: enough for a digest and a calendar.</summary>
    public EventDetails Event { get; private set; } = null!;

    /// <summary>Takes over a version unless a higher one is known.</summary>
    public void Take(int version, EventDetails details, DateTimeOffset releasedAt, bool cancelled = false)
    {
        ArgumentNullException.ThrowIfNull(details);

        Cancelled |= cancelled;
        if (version > Version)
        {
            (Version, StartsAt, EndsAt, ReleasedAt) = (version, details.StartsAt, details.EndsAt, releasedAt);
            Event = details with { Html = "", Text = details.Text.Length > TextLength ? details.Text[..TextLength] : details.Text };
        }
    }

    public CalendarEntry Entry() => new(EventId, Version, Event, ReleasedAt, Cancelled);

    internal sealed class Mapping : IEntityTypeConfiguration<FiledEvent>
    {
        public void Configure(EntityTypeBuilder<FiledEvent> builder)
        {
            builder.ToTable("Events");
            builder.HasKey(e => e.EventId);
            builder.HasIndex(e => e.StartsAt);
            builder.Property(e => e.Version).IsConcurrencyToken();
            builder.Property(e => e.Event).IsJson();
        }
    }
}

internal static class FilingEvents
{
    /// <summary>Files what is told of an event; of two at once the later is tried again and sees the other's version.</summary>
    public static async Task FileAsync(this DigestsDb db, Guid eventId, int version, EventDetails details, DateTimeOffset releasedAt, bool cancelled, CancellationToken cancellationToken)
    {
        if (await db.Events.FindAsync([eventId], cancellationToken) is not { } filed)
        {
            filed = new FiledEvent { EventId = eventId };
            db.Events.Add(filed);
        }

        filed.Take(version, details, releasedAt, cancelled);
        await db.SaveChangesAsync(cancellationToken);
    }
}
