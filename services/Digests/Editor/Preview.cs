using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Digests.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Editor;

/// <summary>What goes into the next digests, as far as it is filed.</summary>
/// <param name="DueAt">When the first of them is due (UTC); null: nobody has one.</param>
/// <param name="Readers">How many have such a digest.</param>
/// <param name="Held">Since when an editor holds them; null: nobody does.</param>
/// <param name="Subject">Of a digest with all these posts; null where there are none.</param>
/// <param name="Posts">In the order in which they will stand. Those left out are last. At most 200.</param>
internal sealed record Preview(Frequency Frequency, DateTimeOffset? DueAt, int Readers, DateTimeOffset? Held, string? Subject, IReadOnlyList<PreviewPost> Posts)
{
    public const int MostPosts = 200;

    /// <param name="list">Only posts of this list; null: all.</param>
    /// <param name="zone">Only readers of this zone; null: all.</param>
    public static async Task<Preview> OfAsync(DigestsDb db, Frequency frequency, string? list, string? zone, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var daily = frequency == Frequency.Daily;
        var readers = db.Readers.Where(r => (daily ? r.Daily : r.Weekly) && (zone == null || r.Zone == zone));
        var due = await readers.MinAsync(r => daily ? r.DailyDueAt : r.WeeklyDueAt, cancellationToken);

        // Who pauses has far to catch up; that isn't the next digest of the others.
        var after = await readers.Where(r => r.PausedUntil == null || r.PausedUntil <= now).MinAsync(r => (long?)(daily ? r.DailyCursor : r.WeeklyCursor), cancellationToken);
        var posts = after is null ? [] : await db.Posts.AsNoTracking().Where(p => p.Seq > after && !p.Withdrawn).OrderByDescending(p => p.Seq).Take(1_000).ToListAsync(cancellationToken);
        var shown = posts.Where(p => list is null || p.Lists.Contains(list)).Take(MostPosts).ToList();
        var inOrder = EditionMail.InOrder(shown.Where(p => p.LeftOutAt is null)).SelectMany(g => g.Posts).ToList();
        var digest = daily ? Served.Daily : Served.Weekly;
        return new Preview(
            frequency,
            due,
            await readers.CountAsync(cancellationToken),
            (await db.Holds.AsNoTracking().FirstOrDefaultAsync(h => h.Digest == digest, cancellationToken))?.Since,
            inOrder.Count == 0 ? null : inOrder.Count == 1 ? EditionMail.TitleOf(inOrder[0]) : $"{EditionMail.TitleOf(inOrder[0])} and {inOrder.Count - 1} more",
            [.. inOrder.Concat(shown.Where(p => p.LeftOutAt is not null)).Select(PreviewPost.Of)]);
    }
}

/// <summary>A post that waits for digests.</summary>
/// <param name="Weight">Higher stands further up; 0 unless an editor moved it.</param>
/// <param name="LeftOut">An editor took it out of the digests not cut yet.</param>
/// <param name="Urgent">It went at once to whoever allows that, and is in the digests of the others only.</param>
internal sealed record PreviewPost(Guid Id, string Title, IReadOnlyList<string> Lists, DateTimeOffset? ReleasedAt, int Weight, bool LeftOut, bool Urgent)
{
    public static PreviewPost Of(FiledPost post) => new(post.PostId, EditionMail.TitleOf(post), post.Lists, post.ReleasedAt, post.Weight, post.LeftOutAt is not null, post.Urgent);
}
