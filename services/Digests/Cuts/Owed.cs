using Alerts.Contracts;

namespace Alerts.Digests.Cuts;

/// <summary>A post as far as it decides who gets it.</summary>
/// <param name="Urgent">It went at once to whoever allows urgent posts.</param>
public sealed record OwedPost(long Seq, Guid PostId, int Version, long Revision, IReadOnlyList<string> Lists, bool Urgent = false);

/// <summary>Posts after <see cref="After"/> and up to <see cref="UpTo"/>, by their Seq. Empty when a frequency isn't served in this cut.</summary>
public readonly record struct Span(long After, long UpTo)
{
    public static Span Empty => new(0, 0);

    public bool Holds(long seq) => After < seq && seq <= UpTo;
}

/// <summary>What a reader gets in a cut.</summary>
/// <param name="Posts">In the order given; none when there is nothing for her.</param>
/// <param name="Left">She has left all the lists of the posts she was owed: these go nowhere.</param>
public sealed record OwedPosts(IReadOnlyList<OwedPost> Posts, bool Left);

/// <summary>The rule of who is owed what: a pure function of the audience's revisions and the reader's cursors.</summary>
public static class Owed
{
    /// <summary>
    /// The posts within the span of the frequency that was the reader's fastest on their lists at their revision, as far as she still holds one of their lists. An urgent
    /// post is owed only to whoever didn't have it at once.
    /// </summary>
    /// <param name="posts">Published and not withdrawn.</param>
    /// <param name="held">All her subscriptions since the earliest revision of <paramref name="posts"/>.</param>
    public static OwedPosts To(IReadOnlyList<HeldSubscription> held, IEnumerable<OwedPost> posts, Span daily, Span weekly)
    {
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(posts);

        List<OwedPost>? wanted = null;
        List<OwedPost>? left = null;
        foreach (var post in posts)
        {
            var isDaily = daily.Holds(post.Seq);
            var isWeekly = weekly.Holds(post.Seq);
            if (!isDaily && !isWeekly)
            {
                continue;
            }

            Frequency? fastest = null;
            var stillHeld = false;
            foreach (var subscription in held)
            {
                if (post.Lists.Contains(subscription.List))
                {
                    stillHeld |= subscription.ToRevision == long.MaxValue;
                    if (subscription.FromRevision <= post.Revision && post.Revision < subscription.ToRevision)
                    {
                        var way = post.Urgent && subscription.Urgent ? Frequency.Immediate : subscription.Frequency;
                        fastest = way < fastest ? way : fastest ?? way;
                    }
                }
            }

            if ((isDaily && fastest == Frequency.Daily) || (isWeekly && fastest == Frequency.Weekly))
            {
                (stillHeld ? wanted ??= [] : left ??= []).Add(post);
            }
        }

        return wanted is not null ? new OwedPosts(wanted, Left: false) : new OwedPosts(left ?? [], Left: left is not null);
    }
}
