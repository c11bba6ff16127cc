using Alerts.Contracts;
using Alerts.ServiceDefaults.Bus;
using MassTransit;

namespace Alerts.Notices.Posts;

/// <summary>Keeps the text of a correction that came before the publication. A post already under way isn't mailed again.</summary>
public sealed class PostCorrectedConsumer(NoticesDb db) : IConsumer<PostCorrected>
{
    public async Task Consume(ConsumeContext<PostCorrected> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var post = await db.Posts.FindAsync([context.Message.PostId], context.CancellationToken);
        if (post is null)
        {
            post = new NoticedPost { PostId = context.Message.PostId };
            db.Posts.Add(post);
        }

        post.Corrected(context.Message);
        await db.SaveChangesAsync(context.CancellationToken);
    }

    internal sealed class Definition() : TakingDefinition<PostCorrectedConsumer, PostCorrected, NoticesDb>("alerts.notices.post-corrected");
}
