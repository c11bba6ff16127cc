using Alerts.Digests.Readers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Cuts;

/// <summary>
/// The readers of a cut between two ids: gone through by one process and saved in one transaction, whose first act is to mark the stretch done. So of two processes that
/// take the same stretch one saves nothing, and one that is killed leaves nothing half done. The lease only spares them the double work.
/// </summary>
public sealed class Stretch
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    public required Guid CutId { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>Not included.</summary>
    public required Guid After { get; init; }

    /// <summary>Included.</summary>
    public required Guid UpTo { get; init; }

    public DateTimeOffset? HeldUntil { get; init; }

    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>Takes a free stretch of the cut. Null when all are done, or others are at them.</summary>
    public static async Task<Stretch?> TakeAsync(DigestsDb db, Guid cutId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        // A lease that ends later than any lease can was given before the clock was set back.
        var (until, impossible) = (now + Lease, now + Lease + Lease);
        var free = db.Stretches.AsNoTracking().Where(s => s.CutId == cutId && s.DoneAt == null && (s.HeldUntil == null || s.HeldUntil <= now || s.HeldUntil > impossible));
        while (await free.OrderBy(s => s.Number).FirstOrDefaultAsync(cancellationToken) is { } stretch)
        {
            if (await free.Where(s => s.Number == stretch.Number).ExecuteUpdateAsync(set => set.SetProperty(s => s.HeldUntil, until), cancellationToken) == 1)
            {
                return stretch;
            }
        }

        return null;
    }

    public Task RenewAsync(DigestsDb db, DateTimeOffset now, CancellationToken cancellationToken) =>
        Same(db).ExecuteUpdateAsync(set => set.SetProperty(s => s.HeldUntil, now + Lease), cancellationToken);

    /// <summary>The first act of the transaction that saves it. False: another process has saved it.</summary>
    public async Task<bool> FinishAsync(DigestsDb db, DateTimeOffset now, CancellationToken cancellationToken) =>
        await Same(db).Where(s => s.DoneAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.DoneAt, now), cancellationToken) == 1;

    /// <summary>Its readers.</summary>
    public IQueryable<Reader> Of(IQueryable<Reader> readers) => readers.Where(r => r.SubscriberId > After && r.SubscriberId <= UpTo);

    private IQueryable<Stretch> Same(DigestsDb db) => db.Stretches.Where(s => s.CutId == CutId && s.Number == Number);

    internal sealed class Mapping : IEntityTypeConfiguration<Stretch>
    {
        public void Configure(EntityTypeBuilder<Stretch> builder)
        {
            builder.ToTable("Stretches");
            builder.HasKey(s => new { s.CutId, s.Number });
        }
    }
}
