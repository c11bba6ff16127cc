using Alerts.Contracts;
using Alerts.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Posts;

/// <summary>How an attempt to write or change a post ended: the post, or why not.</summary>
/// <param name="Conflict">A sentence for whoever tried to change what can't be changed (any more).</param>
internal sealed record PostOutcome(Post? Post, Errors? Errors = null, string? Conflict = null);

/// <summary>What editors do with posts, by the API and by the page. Each call that succeeds is one transaction, its messages included.</summary>
internal sealed class PostEditing(PublishingDb db, IAudience audience, TimeProvider clock, IOptions<AlertsOptions> site)
{
    private const string Changed = "Somebody else has changed the post meanwhile: read it again, then repeat your change.";

    /// <param name="requestKey">The same key again is the post that was written then. Null: every call writes a post.</param>
    public async Task<PostOutcome> WriteAsync(PostRequest request, string? requestKey, CancellationToken cancellationToken)
    {
        if (await FindAsync(requestKey, cancellationToken) is { } before)
        {
            return new PostOutcome(before);
        }

        var now = clock.GetUtcNow();
        var errors = new Errors();
        var publishAt = request.PublishTime(now, errors);
        if (await ReadAsync(request, errors, cancellationToken) is not { } content)
        {
            return new PostOutcome(null, errors);
        }

        var post = new Post { Id = Guid.CreateVersion7(now), CreatedAt = now, RequestKey = requestKey };
        post.Write(content, now);
        post.Tag(request.TidyTags());
        post.Address(request.TidyLists(), request.Urgent);
        db.Posts.Add(post);
        await ScheduleAsync(post, publishAt, now, cancellationToken);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException) when (requestKey is not null)
        {
            // The same request twice at once: the unique index let one through.
            db.ChangeTracker.Clear();
            if (await FindAsync(requestKey, cancellationToken) is not { } other)
            {
                throw;
            }

            return new PostOutcome(other);
        }

        return new PostOutcome(post);
    }

    /// <summary>Changes a post that isn't published, or corrects the text of one that is. The same text again changes nothing.</summary>
    public async Task<PostOutcome> ChangeAsync(Post post, PostRequest request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var errors = new Errors();
        var publishAt = request.PublishTime(now, errors);
        var content = await ReadAsync(request, errors, cancellationToken);
        if (post.ReleasedAt is not null && !post.Lists.Order(StringComparer.Ordinal).SequenceEqual(request.TidyLists()))
        {
            errors.Say("lists", "A published post keeps its lists, because its readers have been chosen: withdraw it and publish another.");
        }

        if (post.ReleasedAt is not null && post.Urgent != request.Urgent)
        {
            errors.Say("urgent", "A published post stays as urgent as it was: withdraw it and publish another.");
        }

        if (content is null || errors.Count > 0)
        {
            return new PostOutcome(null, errors);
        }

        if (post.State is PostState.Withdrawn)
        {
            return new PostOutcome(null, Conflict: "The post was withdrawn, and stays so: write another.");
        }

        if (request.Change is { } change && change != post.Change)
        {
            return new PostOutcome(null, Conflict: Changed);
        }

        var corrected = post.Write(content, now);
        post.Tag(request.TidyTags());
        if (post.State is PostState.Published)
        {
            if (corrected)
            {
                db.Enqueue(post.ToCorrected(site.Value), now);
            }
        }
        else
        {
            post.Address(request.TidyLists(), request.Urgent);
            await ScheduleAsync(post, publishAt, now, cancellationToken);
        }

        return await SaveAsync(post, cancellationToken);
    }

    /// <summary>Publishes a draft or a scheduled post now. Publishing it again is allowed and announces nothing.</summary>
    public async Task<PostOutcome> PublishAsync(Post post, CancellationToken cancellationToken)
    {
        if (post.State is PostState.Withdrawn)
        {
            return new PostOutcome(null, Conflict: "The post was withdrawn, and stays so: write another.");
        }

        await ReleaseAsync(post, clock.GetUtcNow(), cancellationToken);
        var outcome = await SaveAsync(post, cancellationToken);

        // Somebody else published it in the same moment: as good as twice.
        return outcome.Conflict is not null && await db.Posts.FindAsync([post.Id], cancellationToken) is { State: PostState.Published } published
            ? new PostOutcome(published)
            : outcome;
    }

    /// <summary>Withdraws a published post; deletes one that isn't published. The draft of a feed's entry is kept as withdrawn: deleted, it would come again.</summary>
    public async Task<PostOutcome> DeleteAsync(Post post, CancellationToken cancellationToken)
    {
        if (post.ReleasedAt is null && post.FeedId is null)
        {
            db.Posts.Remove(post);
        }
        else if (post.Withdraw())
        {
            db.Enqueue(post.ToWithdrawn(), clock.GetUtcNow());
        }

        return await SaveAsync(post, cancellationToken);
    }

    private async Task ScheduleAsync(Post post, DateTimeOffset? publishAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        post.Schedule(publishAt);
        if (publishAt <= now)
        {
            await ReleaseAsync(post, now, cancellationToken);
        }
    }

    private async Task ReleaseAsync(Post post, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var revision = await audience.CurrentRevisionAsync(cancellationToken);
        if (post.Publish(now, revision))
        {
            db.Enqueue(post.ToPublished(site.Value), now);
        }
    }

    private async Task<PostOutcome> SaveAsync(Post post, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return new PostOutcome(post);
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return new PostOutcome(null, Conflict: Changed);
        }
    }

    private async Task<PostContent?> ReadAsync(PostRequest request, Errors errors, CancellationToken cancellationToken)
    {
        var content = request.Read(site.Value, errors);
        if (request.TidyLists() is { Count: > 0 and <= Post.MaxLists } lists && await audience.UnknownAsync(lists, cancellationToken) is { } unknown)
        {
            errors.Say("lists", unknown);
        }

        return errors.Count == 0 ? content : null;
    }

    private Task<Post?> FindAsync(string? requestKey, CancellationToken cancellationToken) =>
        requestKey is null ? Task.FromResult<Post?>(null) : db.Posts.SingleOrDefaultAsync(p => p.RequestKey == requestKey, cancellationToken);
}
