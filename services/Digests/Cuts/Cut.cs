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

/// <summary>One round of digests: its readers are gone through stretch by stretch (see <see cref="Stretch"/>), and those owed the same posts share an edition, which is a mailing.</summary>
public sealed class Cut
{
    /// <summary>Digests this late were missed: nothing ran, or they were held.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(15);

    public required Guid Id { get; init; }

    public required CutCause Cause { get; init; }

    /// <summary>The digests it serves; others wait for their own time.</summary>
    public required Served Serves { get; init; }

    /// <summary>When the first of its digests was due (UTC). Null: they weren't cut because they were due.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Also the instant up to which digests are due (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The post filed last when the cut began; later ones wait for the next.</summary>
    public required long UpToSeq { get; init; }

    public Guid? BacklogId { get; init; }

    public int Editions { get; set; }

    /// <summary>Readers who were put into an edition.</summary>
    public long Readers { get; set; }

    /// <summary>Readers who were looked at, most of whom may have been owed nothing.</summary>
    public long LookedAt { get; set; }

    /// <summary>When all its editions were sealed (UTC).</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>It came late, for digests that nobody cut at their time.</summary>
    public bool MadeUp => StartedAt - DueAt > Late;

    /// <summary>A backlog's digest is one edition, and the fan-out finds its readers.</summary>
    public static Cut OfBacklog(Guid backlogId, long upToSeq, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Cause = CutCause.Backlog,
        Serves = Served.None,
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
