using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Events;

/// <summary>How a mailing about one event ended.</summary>
public sealed class EventDelivery
{
    public required Guid MailingId { get; init; }

    public required Guid EventId { get; init; }

    /// <summary>announced, changed, cancelled or reminder.</summary>
    public required string Kind { get; init; }

    public required long Recipients { get; init; }

    /// <summary>Mails that a server took.</summary>
    public required long Accepted { get; init; }

    /// <summary>Mails that were too late and weren't sent.</summary>
    public required long Expired { get; init; }

    /// <summary>Mails that were called off: the event was changed or cancelled before they left.</summary>
    public required long Cancelled { get; init; }

    /// <summary>When the news of its end came.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>When the last mail was handed over. Null when none was.</summary>
    public DateTimeOffset? LastAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<EventDelivery>
    {
        public void Configure(EntityTypeBuilder<EventDelivery> builder)
        {
            builder.ToTable("EventDeliveries");

            // What makes the news of a mailing's end that comes twice harmless.
            builder.HasKey(d => d.MailingId);
            builder.HasIndex(d => d.EventId);
            builder.Property(d => d.Kind).HasMaxLength(20);
        }
    }
}
