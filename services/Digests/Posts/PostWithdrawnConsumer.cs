using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Posts;

/// <summary>Leaves a withdrawn post out of digests not cut yet.</summary>
public sealed class PostWithdrawnConsumer(DigestsDb db, TimeProvider clock) : IConsumer<PostWithdrawn>
{
    public async Task Consume(ConsumeContext<PostWithdrawn> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var post = await db.FindOrFileAsync(context.Message.PostId, clock.GetUtcNow(), context.CancellationToken);
        post.Withdraw();
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostWithdrawnConsumer, PostWithdrawn, DigestsDb>("alerts.digests.post-withdrawn");
}
