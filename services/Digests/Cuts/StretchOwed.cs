using System.Runtime.InteropServices;
using Alerts.Contracts;
using Alerts.Digests.Editions;
using Alerts.Digests.Events;
using Alerts.Digests.Readers;

namespace Alerts.Digests.Cuts;

/// <summary>
/// What the readers of a stretch are owed. Most of them chose alike, and before any of these posts: for all of those <see cref="Owed"/> is asked once. It is asked for each
/// reader who changed since.
/// </summary>
internal sealed class StretchOwed(Cut cut, List<OwedPost> posts, Upcoming upcoming, IReadOnlyList<Introduction> introductions)
{
    private readonly long[] earliest = EarliestFromEach(posts);
    private readonly Dictionary<Alike, EditionDraft?> alike = [];
    private readonly Dictionary<string, int> numbers = [];
    private readonly Dictionary<(string, int, DayOfWeek?), DateTimeOffset> due = [];

    public EditionDrafts Editions { get; } = new(introductions);

    public IReadOnlyList<OwedPost> Posts => posts;

    /// <summary>The earliest revision of the posts after this one. Subscriptions that ended before it matter to none of them.</summary>
    public long EarliestRevision(long afterSeq)
    {
        var (first, end) = (0, posts.Count);
        while (first < end)
        {
            var middle = (first + end) / 2;
            (first, end) = posts[middle].Seq > afterSeq ? (first, middle) : (middle + 1, end);
        }

        return first < earliest.Length ? earliest[first] : long.MaxValue;
    }

    /// <summary>The edition that a reader gets. Null when she is owed nothing, or has left all it is of (which is counted).</summary>
    public EditionDraft? EditionOf(ReaderTurn turn, List<HeldSubscription> held)
    {
        var rhythm = RhythmOf(turn.Reader);
        if (Signature(held, EarliestRevision(turn.After)) is not { } signature)
        {
            var owed = Owed.To(held, posts, turn.Daily, turn.Weekly);
            var hers = Draft(owed, held, turn.Reader, rhythm);
            if (hers is null || !owed.Left)
            {
                return hers;
            }

            hers.Left++;
            return null;
        }

        var key = new Alike(signature, upcoming == Upcoming.None ? "" : turn.Reader.Regions, turn.Daily, turn.Weekly, rhythm);
        ref var draft = ref CollectionsMarshal.GetValueRefOrAddDefault(alike, key, out var known);
        if (!known)
        {
            draft = Draft(Owed.To(held, posts, turn.Daily, turn.Weekly), held, turn.Reader, rhythm);
        }

        return draft;
    }

    /// <summary><see cref="Due.Next"/> after the cut, remembered.</summary>
    public DateTimeOffset NextDue(string zone, int hour, DayOfWeek? weekday)
    {
        ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(due, (zone, hour, weekday), out var known);
        return known ? next : next = Due.Next(zone, hour, weekday, cut.StartedAt);
    }

    private EditionDraft? Draft(OwedPosts owed, List<HeldSubscription> held, Reader reader, Rhythm rhythm) =>
        owed.Posts.Count == 0 ? null : Editions.Of(new EditionHolds(owed.Posts, owed.Left ? [] : upcoming.For(held, reader.Regions), rhythm));

    private Rhythm RhythmOf(Reader reader) => cut.Cause == CutCause.Now ? Rhythm.Usual : reader switch
    {
        { Daily: true } => Rhythm.Daily,
        { Weekly: true } => Rhythm.Weekly,
        _ => Rhythm.Last,
    };

    private static long[] EarliestFromEach(List<OwedPost> posts)
    {
        var earliest = new long[posts.Count];
        for (var i = posts.Count - 1; i >= 0; i--)
        {
            earliest[i] = i + 1 < posts.Count ? Math.Min(posts[i].Revision, earliest[i + 1]) : posts[i].Revision;
        }

        return earliest;
    }

    /// <summary>What she holds, in a few letters. Null when she changed after that revision.</summary>
    private string? Signature(List<HeldSubscription> held, long revision)
    {
        Span<char> letters = held.Count <= 100 ? stackalloc char[held.Count] : new char[held.Count];
        for (var i = 0; i < held.Count; i++)
        {
            var each = held[i];
            if (each.FromRevision > revision || each.ToRevision != long.MaxValue)
            {
                return null;
            }

            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, each.List, out var known);
            number = known ? number : numbers.Count;
            if (number > char.MaxValue / 8)
            {
                return null;
            }

            letters[i] = (char)((number * 8) + ((int)each.Frequency * 2) + (each.Urgent ? 1 : 0));
        }

        letters.Sort();
        return new string(letters);
    }

    private readonly record struct Alike(string Held, string Regions, Span Daily, Span Weekly, Rhythm Rhythm);
}
