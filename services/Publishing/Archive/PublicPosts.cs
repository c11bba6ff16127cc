using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Archive;

/// <summary>A post in a list for everybody: without its text.</summary>
public sealed record PublicPost(Guid Id, string Title, string Summary, IReadOnlyList<string> Lists, bool Urgent, DateTimeOffset ReleasedAt, DateTimeOffset? DatedAt);

/// <summary>The posts that everybody may see: published ones that went to at least one public list that is in the archive. The newest first.</summary>
internal sealed class PublicPosts(PublishingDb db, IAudience audience)
{
    private IReadOnlyList<AudienceList>? lists;

    /// <summary>The public lists that are in the archive, by name.</summary>
    public async Task<IReadOnlyList<AudienceList>> ListsAsync(CancellationToken cancellationToken) =>
        lists ??= [.. (await audience.ListsAsync(null, cancellationToken)).Where(list => list.Public && list.InArchive).OrderBy(list => list.Name, StringComparer.CurrentCulture)];

    /// <param name="list">A slug; null for all public lists. Nothing is on a list that isn't public.</param>
    /// <param name="after">The last post of the page before.</param>
    public async Task<Page<PublicPost>> PageAsync(string? list, Guid? after, int size, CancellationToken cancellationToken)
    {
        var slugs = await SlugsAsync(list, cancellationToken);
        var posts = Newest(slugs);
        if (after is not null
            && await db.Posts.Where(p => p.Id == after && p.ReleasedAt != null).Select(p => new { p.Id, p.ReleasedAt, p.Ordinal }).SingleOrDefaultAsync(cancellationToken) is { } last)
        {
            posts = posts.Where(p => p.ReleasedAt < last.ReleasedAt
                || (p.ReleasedAt == last.ReleasedAt && (p.Ordinal < last.Ordinal || (p.Ordinal == last.Ordinal && p.Id < last.Id))));
        }

        var page = await posts.Take(size + 1)
            .Select(p => new PublicPost(p.Id, p.Title, p.Summary, p.Lists, p.Urgent, p.ReleasedAt!.Value, p.DatedAt)).ToListAsync(cancellationToken);
        return new Page<PublicPost>([.. page.Take(size)], page.Count > size ? page[size - 1].Id : null);
    }

    /// <summary>The newest posts of a public list with their texts.</summary>
    /// <param name="size">Small: a text may have a megabyte.</param>
    public async Task<List<Post>> NewestAsync(string list, int size, CancellationToken cancellationToken) =>
        await Newest(await SlugsAsync(list, cancellationToken)).Take(size).ToListAsync(cancellationToken);

    /// <summary>A post that is, or was, for everybody to see. A withdrawn one is given too, so that its readers can be told.</summary>
    public async Task<Post?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var post = await db.Posts.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id && p.ReleasedAt != null, cancellationToken);
        var slugs = await SlugsAsync(null, cancellationToken);
        return post is not null && post.Lists.Exists(slugs.Contains) ? post : null;
    }

    private IQueryable<Post> Newest(List<string> slugs) =>
        db.Posts.AsNoTracking().Where(p => p.State == PostState.Published && p.Lists.Any(slug => slugs.Contains(slug)))
            .OrderByDescending(p => p.ReleasedAt).ThenByDescending(p => p.Ordinal).ThenByDescending(p => p.Id);

    private async Task<List<string>> SlugsAsync(string? list, CancellationToken cancellationToken) =>
        [.. (await ListsAsync(cancellationToken)).Select(l => l.Slug).Where(slug => list is null || slug == list)];
}
