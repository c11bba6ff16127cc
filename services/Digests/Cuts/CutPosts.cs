using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Cuts;

/// <summary>The posts a stretch shares out, read once; again only for a reader whose cursor lies further back than all before her.</summary>
internal sealed class CutPosts(long upToSeq)
{
    private List<OwedPost> posts = [];
    private long after = long.MaxValue;

    /// <summary>Published, not withdrawn, in order of filing; at least those after <paramref name="seq"/>.</summary>
    public async Task<List<OwedPost>> AfterAsync(DigestsDb db, long seq, CancellationToken cancellationToken)
    {
        if (seq < after)
        {
            posts = await db.Posts.Where(p => p.Seq > seq && p.Seq <= upToSeq && !p.Withdrawn).OrderBy(p => p.Seq)
                .Select(p => new OwedPost(p.Seq!.Value, p.PostId, p.Version, p.Revision, p.Lists)).ToListAsync(cancellationToken);
            after = seq;
        }

        return posts;
    }
}
