using Alerts.Contracts;
using Alerts.Digests.Posts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Backlogs;

/// <summary>Notes how many posts a backlog has, and prepares its digest if all are filed already.</summary>
public sealed class BacklogPublishedConsumer(DigestsDb db, BacklogDigest digest, TimeProvider clock) : IConsumer<BacklogPublished>
{
    public async Task Consume(ConsumeContext<BacklogPublished> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var published = context.Message;
        await using var transaction = await db.BeginFilingAsync(context.CancellationToken);
        if (await db.Backlogs.FindAsync([published.BacklogId], context.CancellationToken) is not null)
        {
            return;
        }

        var backlog = new Backlog
        {
            Id = published.BacklogId,
            Posts = published.Posts,
            Title = published.Title,
            Lists = [.. published.Lists],
            Revision = published.AudienceRevision,
        };
        db.Backlogs.Add(backlog);
        await digest.PrepareIfCompleteAsync(db, backlog, clock.GetUtcNow(), context.CancellationToken);
        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<BacklogPublishedConsumer, BacklogPublished, DigestsDb>("alerts.digests.backlog-published");
}
