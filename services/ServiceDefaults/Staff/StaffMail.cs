using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// A mail to one of the staff that waits for Delivery, which hands it straight to a relay: staff are no subscribers, and nobody who is locked out should wait behind a mailing.
/// The row goes when the mail went; it is given up after <see cref="Life"/>.
/// </summary>
public sealed class StaffMail
{
    /// <summary>As long as the links in it are good.</summary>
    public static readonly TimeSpan Life = Invitation.Life;

    public const int MaxText = 2_000;

    public required Guid Id { get; init; }

    public required string Address { get; init; }

    public required string Subject { get; init; }

    /// <summary>Plain text; an empty line parts paragraphs.</summary>
    public required string Text { get; init; }

    /// <summary>A path here for the button. Null: no button.</summary>
    public string? Path { get; init; }

    /// <summary>What the button says.</summary>
    public string? Button { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on somebody may send it; moved ahead by whoever tries.</summary>
    public required DateTimeOffset NextTryAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<StaffMail>
    {
        public void Configure(EntityTypeBuilder<StaffMail> builder)
        {
            builder.ToTable("Mails");
            builder.HasIndex(m => m.NextTryAt);
            builder.Property(m => m.Address).HasMaxLength(StaffAddress.MaxLength);
            builder.Property(m => m.Subject).HasMaxLength(200);
            builder.Property(m => m.Text).HasMaxLength(MaxText);
            builder.Property(m => m.Path).HasMaxLength(200);
            builder.Property(m => m.Button).HasMaxLength(60);
        }
    }
}
