using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.Told;

/// <summary>A mailing tells of an event: whoever got it was told.</summary>
public sealed class Telling
{
    public required Guid MailingId { get; init; }

    public required Guid EventId { get; init; }

    /// <summary>The version of the event that it tells.</summary>
    public required int Version { get; init; }

    /// <summary>Until when it is to be known who was told: a month beyond the event's end, as the mailing has it.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Telling>
    {
        public void Configure(EntityTypeBuilder<Telling> builder)
        {
            builder.ToTable("Tellings");
            builder.HasKey(t => new { t.MailingId, t.EventId });
            builder.HasIndex(t => new { t.EventId, t.Version });
            builder.HasIndex(t => t.KeptUntil);
        }
    }
}

/// <summary>
/// A batch of a mailing that told of an event, into which a mailing to those who were told has looked: the books of how it came by its recipients.
/// </summary>
public sealed class ToldPage
{
    /// <summary>Batches made of those who were told have numbers above this one, where a maker's never come to.</summary>
    public const int FirstNumber = 1_000_000;

    /// <summary>The mailing to those who were told.</summary>
    public required Guid MailingId { get; init; }

    /// <summary>The mailing that told them.</summary>
    public required Guid TellerId { get; init; }

    public required int TellerBatch { get; init; }

    /// <summary>The number of the batch that was made of it, if anybody was left for one.</summary>
    public required int Number { get; init; }

    /// <summary>How many of the batch were told.</summary>
    public required int Candidates { get; init; }

    /// <summary>Of these, how many weren't among the mailing's recipients yet.</summary>
    public required int Recipients { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ToldPage>
    {
        public void Configure(EntityTypeBuilder<ToldPage> builder)
        {
            builder.ToTable("ToldPages");

            // What makes looking twice, or in two processes, harmless.
            builder.HasKey(p => new { p.MailingId, p.TellerId, p.TellerBatch });
            builder.HasIndex(p => new { p.MailingId, p.Number }).IsUnique();
        }
    }
}
