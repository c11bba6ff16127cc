using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.Ledger;

/// <summary>That a reader was erased, as long as a batch with her name in it may still be under way.</summary>
public sealed class ErasedReader
{
    public required Guid SubscriberId { get; init; }

    public required DateTimeOffset ErasedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ErasedReader>
    {
        public void Configure(EntityTypeBuilder<ErasedReader> builder)
        {
            builder.ToTable("ErasedReaders");
            builder.HasKey(e => e.SubscriberId);
            builder.Property(e => e.SubscriberId).ValueGeneratedNever();
            builder.HasIndex(e => e.ErasedAt);
        }
    }
}

internal static class ErasedReaders
{
    /// <summary>Names, and the addresses they wanted to move to; what they were owed stays in the books, by id.</summary>
    /// <param name="readers">At most 500.</param>
    public static Task ForgetAsync(this DeliveryDb db, IReadOnlyCollection<Guid> readers, CancellationToken cancellationToken) =>
        db.Rows.Where(r => EF.Parameter(readers).Contains(r.SubscriberId) && (r.Name != null || r.Address != null))
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Name, (string?)null).SetProperty(r => r.Address, (string?)null), cancellationToken);

    /// <summary>Who of these was erased.</summary>
    /// <param name="readers">At most 500.</param>
    public static Task<HashSet<Guid>> ErasedAmongAsync(this DeliveryDb db, IReadOnlyCollection<Guid> readers, CancellationToken cancellationToken) =>
        db.ErasedReaders.Where(e => EF.Parameter(readers).Contains(e.SubscriberId)).Select(e => e.SubscriberId).ToHashSetAsync(cancellationToken);
}

/// <summary>
/// Forgets the names of the erased once more: of a batch that was being written at the very moment. Their ids go when no batch of that time can come any more.
/// </summary>
internal sealed class ForgetErased(DeliveryDb db, TimeProvider clock) : IJob
{
    private const int AtOnce = 500;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - ForgetDeliveries.Kept;
        await db.ErasedReaders.Where(e => e.ErasedAt < before).ExecuteDeleteAsync(cancellationToken);
        for (var after = Guid.Empty; ;)
        {
            var last = after;
            var some = await db.ErasedReaders.Where(e => e.SubscriberId > last).OrderBy(e => e.SubscriberId).Select(e => e.SubscriberId).Take(AtOnce).ToListAsync(cancellationToken);
            if (some.Count == 0)
            {
                return;
            }

            await db.ForgetAsync(some, cancellationToken);
            after = some[^1];
        }
    }
}
