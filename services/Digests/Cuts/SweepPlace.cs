using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Cuts;

/// <summary>
/// The one row that every step of following the audience and of cutting digests changes. Two processes that take the same step read it first and save it last: the second
/// finds <see cref="Steps"/> raised and saves nothing. The lease only spares them the double work.
/// </summary>
public sealed class SweepPlace
{
    internal const int OnlyId = 1;

    /// <summary>Long against most steps (a longer one renews it), short against the wait after a process that was killed.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public required int Id { get; init; }

    /// <summary>With <see cref="After"/>, how far the audience's changes were read.</summary>
    public long Revision { get; set; }

    /// <summary>See <see cref="Contracts.IAudience.ChangedAsync"/>.</summary>
    public Guid After { get; set; }

    /// <summary>When the audience's changes were last read to their end (UTC): those still to be read came after. Null before the first time.</summary>
    public DateTimeOffset? FollowedAt { get; set; }

    /// <summary>Posts up to this number were looked at for readers who had given up all digests; see <see cref="CutDueDigests"/>.</summary>
    public long StragglersSeq { get; set; }

    /// <summary>The latest instant at which anybody swept (UTC). Later than now: the clock was set back since.</summary>
    public DateTimeOffset? SweptAt { get; set; }

    public long Steps { get; private set; }

    /// <summary>Who is sweeping now.</summary>
    public Guid? Holder { get; private set; }

    public DateTimeOffset? HeldUntil { get; private set; }

    /// <summary>False when another sweep is under way.</summary>
    public bool TakeTurn(Guid holder, DateTimeOffset now)
    {
        // A lease that ends later than any lease can was given before the clock was set back.
        if (Holder is not null && Holder != holder && HeldUntil > now && HeldUntil <= now + Lease + Lease)
        {
            return false;
        }

        Holder = holder;
        HeldUntil = now + Lease;
        Steps++;
        return true;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<SweepPlace>
    {
        public void Configure(EntityTypeBuilder<SweepPlace> builder)
        {
            builder.ToTable("SweepPlace");
            builder.Property(p => p.Id).ValueGeneratedNever();
            builder.Property(p => p.Steps).IsConcurrencyToken();
            builder.HasData(new SweepPlace { Id = OnlyId });
        }
    }
}
