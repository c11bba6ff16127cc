using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.Ledger;

/// <summary>One mailing owed to one reader. It is written when her batch comes and once more when her mail has ended.</summary>
public sealed class LedgerRow
{
    /// <summary>The longest reply that is kept; the rest of a longer one is cut off.</summary>
    public const int MaxReply = 500;

    public required Guid MailingId { get; init; }

    public required Guid SubscriberId { get; init; }

    /// <summary>The number of its <see cref="LedgerBatch"/>.</summary>
    public required int Batch { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>How often a relay was asked to take it, or wasn't because its domain was refusing all mail, this far.</summary>
    public int Attempts { get; set; }

    /// <summary>Once its content was sent and no reply came (the connection broke, the process was killed), so she may have it twice.</summary>
    public bool Uncertain { get; set; }

    /// <summary>When a deferred mail is tried again.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>What the relay said last, or why nothing was sent; without the addresses in it.</summary>
    public string? LastReply { get; set; }

    /// <summary>Fills the hole of the name. Null: empty.</summary>
    public string? Name { get; init; }

    /// <summary>Where to, only for the confirmation of a new address; all others are asked for just before the mail leaves.</summary>
    public string? Address { get; init; }

    /// <summary>See <see cref="Contracts.Recipient.Attends"/>.</summary>
    public bool Attends { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<LedgerRow>
    {
        public void Configure(EntityTypeBuilder<LedgerRow> builder)
        {
            builder.ToTable("Deliveries");

            // What makes a batch that comes twice harmless: one mailing reaches one reader once.
            builder.HasKey(r => new { r.MailingId, r.SubscriberId });
            builder.Property(r => r.LastReply).HasMaxLength(MaxReply);
            builder.Property(r => r.Name).HasMaxLength(200);
            builder.Property(r => r.Address).HasMaxLength(320);

            // No index holds a column that changes, so that PostgreSQL can write an outcome beside the row without touching an index (HOT).
            builder.HasIndex(r => new { r.MailingId, r.Batch });

            // To forget who is erased; rows without a name, which most are, aren't in it.
            builder.HasIndex(r => r.SubscriberId).HasFilter($"\"{nameof(Name)}\" IS NOT NULL OR \"{nameof(Address)}\" IS NOT NULL");
        }
    }
}
