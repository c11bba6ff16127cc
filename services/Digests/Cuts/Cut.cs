using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Cuts;

/// <summary>Why digests were cut.</summary>
public enum CutCause
{
    /// <summary>They were due.</summary>
    Scheduled,

    /// <summary>Someone asked for it, whatever the hour.</summary>
    Now,

    /// <summary>All posts of a feed's first reading were there.</summary>
    Backlog,
}

/// <summary>One round of digests: readers are gone through in the order of their ids, and those owed the same posts share an edition, which is a mailing.</summary>
public sealed class Cut
{
    public required Guid Id { get; init; }

    public required CutCause Cause { get; init; }

    /// <summary>Also the instant up to which digests are due (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The post filed last when the cut began; later ones wait for the next.</summary>
    public required long UpToSeq { get; init; }

    public Guid? BacklogId { get; init; }

    /// <summary>The last reader gone through.</summary>
    public Guid After { get; set; }

    public int Editions { get; set; }

    /// <summary>Readers who were put into an edition.</summary>
    public long Readers { get; set; }

    /// <summary>When all its editions were sealed (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>A backlog's digest is one edition, and the fan-out finds its readers.</summary>
    public static Cut OfBacklog(Guid backlogId, long upToSeq, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Cause = CutCause.Backlog,
        StartedAt = now,
        UpToSeq = upToSeq,
        BacklogId = backlogId,
        Editions = 1,
        FinishedAt = now,
    };

    /// <summary>The cause of an edition's mailing begins so.</summary>
    public string Prefix => $"cut/{Id}/";

    internal sealed class Mapping : IEntityTypeConfiguration<Cut>
    {
        public void Configure(EntityTypeBuilder<Cut> builder)
        {
            builder.ToTable("Cuts");
            builder.Property(c => c.Cause).HasConversion<string>().HasMaxLength(20);
            builder.HasIndex(c => c.FinishedAt);
        }
    }
}
