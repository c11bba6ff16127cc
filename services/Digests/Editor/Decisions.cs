using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Editor;

/// <summary>What editors decide about digests not cut yet.</summary>
internal static class Decisions
{
    public const int MostWeight = 1_000;

    /// <summary>Moves a post up or down, or out of the digests and in again. What has been cut stays as it is. False when there is no such post.</summary>
    /// <param name="weight">-<see cref="MostWeight"/> to <see cref="MostWeight"/>; null: as it is.</param>
    public static async Task<bool> MoveAsync(DigestsDb db, Guid postId, int? weight, bool? leftOut, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.Posts.FirstOrDefaultAsync(p => p.PostId == postId && p.Seq != null, cancellationToken) is not { } post)
        {
            return false;
        }

        post.Weight = weight is { } given ? Math.Clamp(given, -MostWeight, MostWeight) : post.Weight;
        post.LeftOutAt = leftOut switch { true => post.LeftOutAt ?? now, false => null, null => post.LeftOutAt };
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Holds digests back. Holding what is held changes nothing.</summary>
    public static async Task HoldAsync(DigestsDb db, Served digests, string by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var held = await CutDueDigests.HeldAsync(db, cancellationToken);
        db.Holds.AddRange(new[] { Served.Daily, Served.Weekly }.Where(each => digests.HasFlag(each) && !held.HasFlag(each)).Select(each => new Hold { Digest = each, Since = now, By = by }));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Lets digests go: those that became due meanwhile go out with the next sweep, late.</summary>
    public static async Task ReleaseAsync(DigestsDb db, Served digests, CancellationToken cancellationToken)
    {
        var held = await db.Holds.ToListAsync(cancellationToken);
        db.Holds.RemoveRange(held.Where(h => digests.HasFlag(h.Digest)));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Puts words at the top of the digests that are cut from now on.</summary>
    /// <param name="until">Null: until each reader's next digest has been cut, a day or a week from now.</param>
    public static async Task<Introduction> IntroduceAsync(
        DigestsDb db, string text, string? list, Served digests, DateTimeOffset? until, string by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var introduction = new Introduction
        {
            Id = Guid.CreateVersion7(now),
            Text = text.Trim(),
            List = string.IsNullOrWhiteSpace(list) ? null : list,
            Digests = digests,
            From = now,
            Until = until ?? now + (digests == Served.Daily ? Introduction.ForADay : Introduction.ForAWeek),
            By = by,
        };
        db.Introductions.Add(introduction);
        await db.SaveChangesAsync(cancellationToken);
        return introduction;
    }

    /// <summary>Takes an introduction out of the digests not cut yet. False when there is none of this id.</summary>
    public static async Task<bool> TakeOutAsync(DigestsDb db, Guid introduction, CancellationToken cancellationToken)
    {
        if (await db.Introductions.FindAsync([introduction], cancellationToken) is not { } found)
        {
            return false;
        }

        db.Introductions.Remove(found);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>What is wrong with an introduction, or null.</summary>
    public static string? ProblemOf(string? text) => string.IsNullOrWhiteSpace(text) ? "Write what is to stand at the top."
        : text.Trim().Length > Introduction.TextLength ? $"At most {Introduction.TextLength:N0} characters; it has {text.Trim().Length:N0}."
        : null;
}
