using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.Digests.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Readers;

/// <summary>Reads who changed since the place reached, and keeps their rows.</summary>
public sealed class FollowAudience(IAudience audience)
{
    private const int PageSize = 2_000;

    /// <summary>Takes over one page of changes; the caller saves. False when there are no more for now.</summary>
    public async Task<bool> StepAsync(DigestsDb db, SweepPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(place);

        var changes = await audience.ChangedAsync(place.Revision, place.After, PageSize, cancellationToken);
        if (changes.Count == 0)
        {
            place.FollowedAt = now;
            return false;
        }

        var since = place.FollowedAt < now ? place.FollowedAt.Value : now;

        var ids = changes.Select(c => c.SubscriberId).ToList();
        var known = await db.Readers.Where(r => EF.Parameter(ids).Contains(r.SubscriberId)).ToDictionaryAsync(r => r.SubscriberId, cancellationToken);
        var start = await StartAsync(db, place.Revision, cancellationToken);
        foreach (var change in changes)
        {
            if (!known.TryGetValue(change.SubscriberId, out var reader))
            {
                // Who took up a digest and gave it up again between two looks may be owed what was published between.
                if (!change.HadDigest)
                {
                    continue;
                }

                reader = new Reader
                {
                    SubscriberId = change.SubscriberId,
                    Zone = change.Zone,
                    Hour = change.Hour,
                    Weekday = change.Weekday,
                    Daily = change.Daily,
                    Weekly = change.Weekly,
                    Revision = change.Revision,
                    DailyCursor = start,
                    WeeklyCursor = start,
                };
                db.Readers.Add(reader);
            }

            reader.Follow(change, since, now);
        }

        place.Revision = changes[^1].Revision;
        place.After = changes[^1].SubscriberId;
        if (changes.Count == PageSize)
        {
            return true;
        }

        place.FollowedAt = now;
        return false;
    }

    /// <summary>
    /// Where a new reader's cursors start: right before the first post of a revision not looked at yet. She has no row, so she held no digest at any earlier revision, and
    /// posts are owed by revision: all before that are none of hers. The number is read before the posts are: what is filed meanwhile comes after it.
    /// </summary>
    private static async Task<long> StartAsync(DigestsDb db, long revision, CancellationToken cancellationToken)
    {
        var last = await db.FilingCounter.Where(c => c.Id == FilingCounter.OnlyId).Select(c => c.Last).SingleAsync(cancellationToken);
        var first = await db.Posts.Where(p => p.Revision >= revision).MinAsync(p => p.Seq, cancellationToken);
        return first <= last ? first.Value - 1 : last;
    }
}
