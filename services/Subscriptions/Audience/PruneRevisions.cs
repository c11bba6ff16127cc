using Alerts.ServiceDefaults.Jobs;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Audience;

/// <summary>Which revision it was at an instant: one row a day, so that the age of a revision can be told.</summary>
public sealed class RevisionMark
{
    public required long Revision { get; init; }

    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<RevisionMark>
    {
        public void Configure(EntityTypeBuilder<RevisionMark> builder)
        {
            builder.ToTable("RevisionMarks");
            builder.HasKey(m => m.At);
        }
    }
}

/// <summary>
/// Forgets what readers held at revisions that nothing can ask for any more: mailings are recounted for 90 days after they are completed, and posts wait for their
/// digests for weeks at most. What is held now, and what was held within that time, stays. Who was erased before it goes altogether.
/// </summary>
internal sealed class PruneRevisions(SubscriptionsDb db, TimeProvider clock) : IJob
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(180);

    private const int AtOnce = 5_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var today = now - TimeSpan.FromHours(20);
        if (!await db.RevisionMarks.AnyAsync(m => m.At > today, cancellationToken))
        {
            db.RevisionMarks.Add(new RevisionMark { At = now, Revision = await db.Revisions.Select(r => r.Value).SingleAsync(cancellationToken) });
            await db.SaveChangesAsync(cancellationToken);
        }

        var before = now - Kept;
        if (await db.RevisionMarks.Where(m => m.At < before).OrderByDescending(m => m.At).FirstOrDefaultAsync(cancellationToken) is not { } passed)
        {
            return;
        }

        // A row that ended at that revision wasn't held at it.
        while (await db.Subscriptions.Where(s => s.ToRev <= passed.Revision).OrderBy(s => s.SubscriberId).ThenBy(s => s.List).ThenBy(s => s.FromRev).Take(AtOnce).ExecuteDeleteAsync(cancellationToken) == AtOnce)
        {
        }

        var gone = db.Subscribers.Where(s => s.State == SubscriberState.Erased && s.ChangedRev <= passed.Revision && !s.Subscriptions.Any());
        await db.Consents.Where(c => gone.Any(s => s.Id == c.SubscriberId)).ExecuteDeleteAsync(cancellationToken);
        await gone.ExecuteDeleteAsync(cancellationToken);
        await db.RevisionMarks.Where(m => m.At < passed.At).ExecuteDeleteAsync(cancellationToken);
    }
}
