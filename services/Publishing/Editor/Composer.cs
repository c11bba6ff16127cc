using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Editor;

/// <summary>A post as an editor finds it when she opens it.</summary>
/// <param name="Post">Null: it isn't saved yet.</param>
/// <param name="Text">What stands in the fields: what she last typed, where that isn't saved; else the post.</param>
/// <param name="Change">What <paramref name="Text"/> began from, see <see cref="Post.Change"/>; 0: nothing.</param>
/// <param name="Unsaved">When she typed it (UTC). Null: it is the post as saved.</param>
/// <param name="Others">Who else has typed something of this post and not saved it.</param>
internal sealed record OpenedPost(Post? Post, PostText Text, int Change, DateTimeOffset? Unsaved, IReadOnlyList<OtherEditor> Others)
{
    /// <summary>Somebody has saved another text than she began from.</summary>
    public bool HasMovedOn => Post is not null && Unsaved is not null && Post.Change != Change;
}

/// <summary>A colleague at the same post.</summary>
internal sealed record OtherEditor(string Editor, DateTimeOffset At);

/// <summary>Keeps what editors type, each one's own, and makes posts of it when they save.</summary>
internal sealed class Composer(PublishingDb db, PostEditing editing, TimeProvider clock)
{
    /// <summary>Of a body while it is typed, in characters: what is too long to be sent is kept all the same, within reason.</summary>
    public const int MaxTyped = 2 * Post.MaxBody;

    /// <summary>A colleague's text older than this is of no concern.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromHours(12);

    /// <summary>Null: there is neither such a post nor a text of hers for it.</summary>
    public async Task<OpenedPost?> OpenAsync(Guid id, string editor, CancellationToken cancellationToken)
    {
        var post = await db.Posts.FindAsync([id], cancellationToken);
        var copy = await db.WorkingCopies.AsNoTracking().SingleOrDefaultAsync(c => c.PostId == id && c.Editor == editor, cancellationToken);
        var others = await OthersAsync(id, editor, cancellationToken);
        return (post, copy) switch
        {
            (null, null) => null,
            (_, { } typed) => new OpenedPost(post, typed.Text, typed.BaseChange, typed.SavedAt, others),
            ({ } saved, _) => new OpenedPost(saved, PostText.Of(saved), saved.Change, null, others),
        };
    }

    public async Task<IReadOnlyList<OtherEditor>> OthersAsync(Guid id, string editor, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - Recent;
        return await db.WorkingCopies.Where(c => c.PostId == id && c.Editor != editor && c.SavedAt > since).OrderByDescending(c => c.SavedAt).Take(5)
            .Select(c => new OtherEditor(c.Editor, c.SavedAt)).ToListAsync(cancellationToken);
    }

    /// <summary>Texts of hers that she hasn't saved, the newest first; at most 20.</summary>
    public async Task<IReadOnlyList<WorkingCopy>> UnsavedAsync(string editor, CancellationToken cancellationToken) =>
        await db.WorkingCopies.AsNoTracking().Where(c => c.Editor == editor).OrderByDescending(c => c.SavedAt).Take(20).ToListAsync(cancellationToken);

    /// <summary>Keeps what is typed. What says the same as the post is nothing to keep.</summary>
    public async Task KeepAsync(Guid id, string editor, ComposerForm form, CancellationToken cancellationToken)
    {
        var post = await db.Posts.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellationToken);
        var copy = await db.WorkingCopies.FindAsync([id, editor], cancellationToken);
        if (form.Text.Says(post is null ? PostText.Empty : PostText.Of(post)))
        {
            if (copy is not null)
            {
                db.WorkingCopies.Remove(copy);
                await SaveCopyAsync(cancellationToken);
            }

            return;
        }

        if (copy is null)
        {
            db.WorkingCopies.Add(new WorkingCopy { PostId = id, Editor = editor, Text = form.Text, BaseChange = form.Change, SavedAt = clock.GetUtcNow() });
        }
        else
        {
            (copy.Text, copy.BaseChange, copy.SavedAt) = (form.Text, form.Change, clock.GetUtcNow());
        }

        await SaveCopyAsync(cancellationToken);
    }

    /// <summary>Saves the post, if nobody else has since she began. Nothing of hers is lost where that fails: it stays a working copy.</summary>
    /// <param name="form">Its <see cref="ComposerForm.Change"/> is what it is checked against.</param>
    /// <param name="correctionMail">See <see cref="PostRequest.CorrectionMail"/>.</param>
    public async Task<PostOutcome> SaveAsync(Guid id, string editor, ComposerForm form, bool correctionMail, CancellationToken cancellationToken)
    {
        await KeepAsync(id, editor, form, cancellationToken);
        var post = await db.Posts.FindAsync([id], cancellationToken);
        var outcome = post is null
            ? await editing.WriteAsync(form.Text.ToRequest(null), $"editor/{id}", cancellationToken, editor, id)
            : await editing.ChangeAsync(post, KeepingTime(form.Text.ToRequest(form.Change) with { CorrectionMail = correctionMail }, post), cancellationToken, editor);
        if (outcome.Post is not null)
        {
            await ForgetAsync(id, editor, cancellationToken);
        }

        return outcome;
    }

    /// <summary>Throws away what she typed and didn't save.</summary>
    public Task ForgetAsync(Guid id, string editor, CancellationToken cancellationToken) =>
        db.WorkingCopies.Where(c => c.PostId == id && c.Editor == editor).ExecuteDeleteAsync(cancellationToken);

    /// <summary>A new text doesn't move a post in the calendar.</summary>
    private static PostRequest KeepingTime(PostRequest request, Post post) => request with { PublishAt = post.PublishAt, Zone = post.Zone };

    /// <summary>Two windows of one editor may keep their texts at once: the last one wins.</summary>
    private async Task SaveCopyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.Entries.All(entry => entry.Entity is WorkingCopy))
        {
            var mine = exception.Entries.Select(entry => (WorkingCopy)entry.Entity).Single();
            db.ChangeTracker.Clear();
            if (await db.WorkingCopies.FindAsync([mine.PostId, mine.Editor], cancellationToken) is { } other)
            {
                (other.Text, other.BaseChange, other.SavedAt) = (mine.Text, mine.BaseChange, mine.SavedAt);
                await db.SaveChangesAsync(cancellationToken);
            }
        }
    }
}
