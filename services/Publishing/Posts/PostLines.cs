using Alerts.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Posts;

/// <summary>Posts in lists for editors, the newest first; their texts stay in the database.</summary>
internal sealed class PostLines(PublishingDb db, IOptions<AlertsOptions> site)
{
    public const int DefaultSize = 50;
    public const int MaxSize = 200;

    /// <summary>A state as the API spells it.</summary>
    public static string Name(PostState state) => state.ToString().ToLowerInvariant();

    public async Task<Page<PostLine>> PageAsync(PostState? state, string? list, Guid? after, int size, CancellationToken cancellationToken)
    {
        var posts = db.Posts.AsNoTracking();
        posts = state is null ? posts : posts.Where(p => p.State == state);
        posts = list is null ? posts : posts.Where(p => p.Lists.Contains(list));
        posts = after is null ? posts : posts.Where(p => p.Id < after);
        var options = site.Value;
        var lines = await posts.OrderByDescending(p => p.Id).Take(size + 1)
            .Select(p => new PostLine(
                p.Id, Name(p.State), p.Title, p.Summary, p.Link ?? options.Link("/posts/" + p.Id), p.Lists, p.Tags, p.Urgent,
                p.PublishAt, p.ReleasedAt, p.DatedAt, p.Version, p.CreatedAt, p.UpdatedAt, db.PostDeliveries.Where(d => d.PostId == p.Id).Sum(d => d.Accepted)))
            .ToListAsync(cancellationToken);
        return new Page<PostLine>([.. lines.Take(size)], lines.Count > size ? lines[size - 1].Id : null);
    }

    public Task<Dictionary<PostState, int>> CountsAsync(CancellationToken cancellationToken) =>
        db.Posts.GroupBy(p => p.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
}
