using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage;

namespace Alerts.Digests.Posts;

/// <summary>
/// The one row that numbers posts. Who files holds its lock until the commit, so that numbers become visible in their order: when a cut sees number 7, no 6 will turn up later.
/// (An identity column gives numbers out before the commit, and a cursor would skip.)
/// </summary>
public sealed class FilingCounter
{
    internal const int OnlyId = 1;

    public required int Id { get; init; }

    /// <summary>The number of the post filed last; 0 before the first.</summary>
    public required long Last { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<FilingCounter>
    {
        public void Configure(EntityTypeBuilder<FilingCounter> builder)
        {
            builder.ToTable("FilingCounter");
            builder.Property(c => c.Id).ValueGeneratedNever();
            builder.HasData(new FilingCounter { Id = OnlyId, Last = 0 });
        }
    }
}

internal static class Filing
{
    /// <summary>Begins a transaction in which nobody else files a post or settles a backlog.</summary>
    public static async Task<IDbContextTransaction> BeginFilingAsync(this DigestsDb db, CancellationToken cancellationToken)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.FilingCounter.ExecuteUpdateAsync(set => set.SetProperty(c => c.Last, c => c.Last), cancellationToken);
        return transaction;
    }

    /// <summary>The next number. Only within <see cref="BeginFilingAsync"/>.</summary>
    public static async Task<long> NextSeqAsync(this DigestsDb db, CancellationToken cancellationToken)
    {
        var counter = await db.FilingCounter.SingleAsync(cancellationToken);
        return ++counter.Last;
    }

    /// <summary>The row of a post, made if this is the first that is heard of it.</summary>
    public static async Task<FiledPost> FindOrFileAsync(this DigestsDb db, Guid postId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([postId], cancellationToken) is { } known)
        {
            return known;
        }

        var post = new FiledPost { PostId = postId, FiledAt = now };
        db.Posts.Add(post);
        return post;
    }
}
