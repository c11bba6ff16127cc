using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Digests.Posts;

/// <summary>Gives a post its new text, for digests not cut yet.</summary>
public sealed class PostCorrectedConsumer(DigestsDb db, TimeProvider clock) : IConsumer<PostCorrected>
{
    public async Task Consume(ConsumeContext<PostCorrected> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var post = await db.FindOrFileAsync(context.Message.PostId, clock.GetUtcNow(), context.CancellationToken);
        post.Correct(context.Message);
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostCorrectedConsumer, PostCorrected, DigestsDb>("alerts.digests.post-corrected");
}
