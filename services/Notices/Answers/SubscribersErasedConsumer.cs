using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Answers;

/// <summary>Forgets the answers of readers who were erased: their places are free again.</summary>
public sealed class SubscribersErasedConsumer(NoticesDb db, TimeProvider clock) : IConsumer<SubscribersErased>
{
    public async Task Consume(ConsumeContext<SubscribersErased> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var ids = context.Message.SubscriberIds;
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        var answers = await db.Answers.Where(a => EF.Parameter(ids).Contains(a.SubscriberId)).ToListAsync(context.CancellationToken);
        foreach (var of in answers.GroupBy(a => a.EventId).OrderBy(g => g.Key))
        {
            var counts = await AnswerCount.LockAsync(db, of.Key, context.CancellationToken);
            foreach (var answer in of)
            {
                counts?.Count(answer.Choice, null, clock.GetUtcNow());
            }
        }

        db.Answers.RemoveRange(answers);
        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<SubscribersErasedConsumer, SubscribersErased, NoticesDb>("alerts.notices.subscribers-erased");
}
