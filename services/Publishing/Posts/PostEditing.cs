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
    internal const string Program = "a program";

    private const string Gone = "The post was withdrawn, and stays so: write another.";

    /// <summary>What is to be out before that is meant for at once.</summary>
    private static readonly TimeSpan LongestUndo = TimeSpan.FromMinutes(1);

    private const string Changed = "Somebody else has changed the post meanwhile: read it again, then repeat your change.";

    /// <param name="requestKey">The same key again is the post that was written then. Null: every call writes a post.</param>
    /// <param name="who">A staff member's address, or the name of an API key.</param>
    /// <param name="id">Of the post; null: a new one.</param>
    public async Task<PostOutcome> WriteAsync(PostRequest request, string? requestKey, CancellationToken cancellationToken, string who = Program, Guid? id = null)
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

        var post = new Post { Id = id ?? Guid.CreateVersion7(now), CreatedAt = now, RequestKey = requestKey };
        post.Write(content, now);
        post.Tag(request.TidyTags());
        post.Address(request.TidyLists(), request.Urgent);
        db.Posts.Add(post);
        await NoteVersionAsync(post, request, who, now, cancellationToken);
        await ScheduleAsync(post, publishAt, request.Zone, who, now, cancellationToken);
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
    /// <param name="who">A staff member's address, or the name of an API key.</param>
    public async Task<PostOutcome> ChangeAsync(Post post, PostRequest request, CancellationToken cancellationToken, string who = Program)
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
            return new PostOutcome(null, Conflict: Gone);
        }

        if (request.Change is { } change && change != post.Change)
        {
            return new PostOutcome(null, Conflict: Changed);
        }

        var changedBefore = post.Change;
        var corrected = post.Write(content, now);
        post.Tag(request.TidyTags());
        if (post.State is PostState.Published)
        {
            if (corrected)
            {
                db.Enqueue(post.ToCorrected(site.Value, request.CorrectionMail), now);
            }
        }
        else
        {
            post.Address(request.TidyLists(), request.Urgent);
        }

        if (post.Change != changedBefore)
        {
            await NoteVersionAsync(post, request, who, now, cancellationToken);
        }

        if (post.State is not PostState.Published)
        {
            await ScheduleAsync(post, publishAt, request.Zone, who, now, cancellationToken);
        }

        return await SaveAsync(post, cancellationToken);
    }

    /// <summary>Publishes a draft or a scheduled post. Publishing it again is allowed and announces nothing.</summary>
    /// <param name="who">A staff member's address, or the name of an API key. Null: its time has come, and whoever had to agree has.</param>
    /// <param name="undo">So long it waits, and can be called off; null: not at all.</param>
    public async Task<PostOutcome> PublishAsync(Post post, CancellationToken cancellationToken, string? who = null, TimeSpan? undo = null)
    {
        if (post.State is PostState.Withdrawn)
        {
            return new PostOutcome(null, Conflict: Gone);
        }

        var now = clock.GetUtcNow();
        if (who is not null && post.State is not PostState.Published)
        {
            await ScheduleAsync(post, now + (undo ?? TimeSpan.Zero), post.Zone, who, now, cancellationToken);
        }
        else
        {
            await ReleaseAsync(post, now, cancellationToken);
        }

        var outcome = await SaveAsync(post, cancellationToken);

        // Somebody else published it in the same moment: as good as twice.
        return outcome.Conflict is not null && await db.Posts.FindAsync([post.Id], cancellationToken) is { State: PostState.Published } published
            ? new PostOutcome(published)
            : outcome;
    }

    /// <summary>Sets when a post that isn't published is published by itself; null keeps it back as a draft.</summary>
    public async Task<PostOutcome> ScheduleAsync(Post post, DateTimeOffset? at, string? zone, string who, CancellationToken cancellationToken)
    {
        if (post.ReleasedAt is not null || post.State is PostState.Withdrawn)
        {
            return new PostOutcome(null, Conflict: post.State is PostState.Withdrawn ? Gone : "It was published a moment ago, and can't be called back: withdraw it, so that whoever hasn't been sent it gets it no more.");
        }

        await ScheduleAsync(post, at, zone, who, clock.GetUtcNow(), cancellationToken);
        return await SaveAsync(post, cancellationToken);
    }

    /// <summary>Lets a post out that waits for a second pair of eyes, at the time that was asked for.</summary>
    /// <param name="who">Another than who asked.</param>
    public async Task<PostOutcome> ApproveAsync(Post post, string who, CancellationToken cancellationToken)
    {
        if (post.Asked is not { } asked)
        {
            return new PostOutcome(null, Conflict: "Nobody has asked for the post, as it is now, to be published.");
        }

        if (string.Equals(asked.By, who, StringComparison.OrdinalIgnoreCase))
        {
            return new PostOutcome(null, Conflict: "You asked for it to be published, so somebody else must look at it.");
        }

        var now = clock.GetUtcNow();
        post.Approve(who);
        await ScheduleAsync(post, asked.PublishAt ?? now, asked.Zone, who, now, cancellationToken);
        return await SaveAsync(post, cancellationToken);
    }

    /// <summary>Withdraws a published post; deletes one that isn't published. The draft of a feed's entry is kept as withdrawn: deleted, it would come again.</summary>
    public async Task<PostOutcome> DeleteAsync(Post post, CancellationToken cancellationToken)
    {
        if (post.ReleasedAt is null && post.FeedId is null)
        {
            db.Posts.Remove(post);
            db.PostVersions.RemoveRange(await db.PostVersions.Where(v => v.PostId == post.Id).ToListAsync(cancellationToken));
        }
        else if (post.Withdraw())
        {
            var now = clock.GetUtcNow();
            db.Enqueue(post.ToWithdrawn(now), now);
        }

        return await SaveAsync(post, cancellationToken);
    }

    private async Task ScheduleAsync(Post post, DateTimeOffset? publishAt, string? zone, string who, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (publishAt is not null && await NeedsEyesAsync(post, cancellationToken))
        {
            post.Ask(new PublishingAsked(who, now, publishAt > now + LongestUndo ? publishAt : null, zone));
            return;
        }

        post.Schedule(publishAt, zone);
        if (publishAt <= now)
        {
            await ReleaseAsync(post, now, cancellationToken);
        }
    }

    /// <summary>Whether somebody else must look at it before it goes out.</summary>
    private async Task<bool> NeedsEyesAsync(Post post, CancellationToken cancellationToken) =>
        post.Urgent && post.ApprovedBy is null && (await audience.ListsAsync(post.Lists, cancellationToken)).Any(list => list.FourEyes);

    /// <summary>Keeps what was saved, and forgets the oldest version beyond those that are kept.</summary>
    private async Task NoteVersionAsync(Post post, PostRequest request, string who, DateTimeOffset now, CancellationToken cancellationToken)
    {
        db.PostVersions.Add(new PostVersion
        {
            Id = Guid.CreateVersion7(now),
            PostId = post.Id,
            At = now,
            Who = who,
            Text = PostText.Of(post) with { Summary = request.Summary ?? "" },
        });
        db.PostVersions.RemoveRange(await db.PostVersions.Where(v => v.PostId == post.Id).OrderByDescending(v => v.Id).Skip(PostVersion.Kept - 1).ToListAsync(cancellationToken));
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
