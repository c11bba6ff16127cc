using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>
/// That a reader holds a list, from one revision on and no more from another on. A change of frequency, of what she allows or of her regions ends one row and begins the
/// next; rows are kept, so that the audience of any past revision can be told.
/// </summary>
public sealed class Subscription
{
    /// <summary>The <see cref="ToRev"/> of what is held now.</summary>
    public const long Held = long.MaxValue;

    public required Guid SubscriberId { get; init; }

    /// <summary>The list's slug.</summary>
    public required string List { get; init; }

    public required Frequency Frequency { get; set; }

    /// <summary>Whether urgent posts reach her at once, however often she has the others.</summary>
    public bool Urgent { get; set; } = true;

    /// <summary>Whether she gets notices about events.</summary>
    public bool Events { get; set; } = true;

    /// <summary>The slugs of her regions, a line each; empty: anywhere.</summary>
    public string Regions { get; set; } = "";

    public required long FromRev { get; init; }

    public long ToRev { get; set; } = Held;

    internal sealed class Mapping : IEntityTypeConfiguration<Subscription>
    {
        public void Configure(EntityTypeBuilder<Subscription> builder)
        {
            builder.ToTable("Subscriptions");
            builder.HasKey(s => new { s.SubscriberId, s.List, s.FromRev });
            builder.Property(s => s.List).HasMaxLength(Lists.MailingList.MaxSlug);
            builder.Property(s => s.Urgent).HasDefaultValue(true).HasSentinel(true);
            builder.Property(s => s.Events).HasDefaultValue(true).HasSentinel(true);
            builder.Property(s => s.Regions).HasMaxLength(SubscriberDetails.MaxRegions * (SubscriberDetails.MaxRegion + 1)).HasDefaultValue("");

            // A reader holds a list once, whatever runs at the same time. On PostgreSQL rows are found by this, too: the key has no index of its own there.
            builder.HasIndex(s => new { s.SubscriberId, s.List, s.ToRev }).IsUnique();

            // What digests are made by, as they ask for each reader who changed.
            builder.HasIndex(s => s.SubscriberId, "IX_Subscriptions_Digests").HasFilter($"\"{nameof(Frequency)}\" <> {(int)Frequency.Immediate}");

            // The walk of a fan-out: the readers of one list and frequency by id, with the revisions at hand.
            builder.HasIndex(s => new { s.List, s.Frequency, s.SubscriberId, s.FromRev, s.ToRev });
        }
    }
}
