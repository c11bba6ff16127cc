using Alerts.Digests.Readers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Cuts;

/// <summary>The posts that some readers of a cut may be owed.</summary>
internal static class CutPosts
{
    /// <summary>Published, neither withdrawn nor left out, in order of filing, from the first that any of the readers hasn't been served yet.</summary>
    public static async Task<List<OwedPost>> ReadAsync(DigestsDb db, IQueryable<Reader> readers, long upToSeq, CancellationToken cancellationToken)
    {
        var behind = readers.Where(r => r.DailyCursor < upToSeq || r.WeeklyCursor < upToSeq);
        if (await behind.MinAsync(r => (long?)(r.DailyCursor < r.WeeklyCursor ? r.DailyCursor : r.WeeklyCursor), cancellationToken) is not { } after)
        {
            return [];
        }

        return await db.Posts.AsNoTracking().Where(p => p.Seq > after && p.Seq <= upToSeq && !p.Withdrawn && p.LeftOutAt == null).OrderBy(p => p.Seq)
            .Select(p => new OwedPost(p.Seq!.Value, p.PostId, p.Version, p.Revision, p.Lists, p.Urgent)).ToListAsync(cancellationToken);
    }
}
