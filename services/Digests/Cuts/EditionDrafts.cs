using System.Security.Cryptography;
using System.Text;
using Alerts.Digests.Editions;
using Alerts.Digests.Events;

namespace Alerts.Digests.Cuts;

/// <summary>An edition before it is a mailing.</summary>
internal sealed class EditionDraft(EditionHolds holds, IReadOnlyList<Introduction> introductions)
{
    /// <summary>The same posts and events in the same versions have the same key: 64 bits of their hash, plenty within a cut.</summary>
    public string Key { get; } = KeyOf(holds, introductions);

    public IReadOnlyList<OwedPost> Posts => holds.Posts;

    public IReadOnlyList<FiledEvent> Events => holds.Events;

    public IReadOnlyList<Introduction> Introductions => introductions;

    public Rhythm Rhythm => holds.Rhythm;

    /// <summary>How many were owed this and have left.</summary>
    public int Left { get; set; }

    private static string KeyOf(EditionHolds holds, IReadOnlyList<Introduction> introductions)
    {
        var all = string.Join(
            ' ',
            holds.Posts.Select(p => $"{p.PostId:N}.{p.Version}").Prepend(holds.Rhythm.ToString()).Concat(holds.Events.Select(e => $"{e.EventId:N}.{e.Version}")).Concat(introductions.Select(i => $"{i.Id:N}")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(all)).AsSpan(0, 8));
    }
}

/// <summary>What makes an edition what it is.</summary>
internal sealed record EditionHolds(IReadOnlyList<OwedPost> Posts, IReadOnlyList<FiledEvent> Events, Rhythm Rhythm)
{
    public bool Equals(EditionHolds? other) =>
        other is not null && Rhythm == other.Rhythm && Posts.Count == other.Posts.Count && Events.Count == other.Events.Count
        && Posts.Zip(other.Posts).All(pair => (pair.First.Seq, pair.First.Version) == (pair.Second.Seq, pair.Second.Version))
        && Events.Zip(other.Events).All(pair => (pair.First.EventId, pair.First.Version) == (pair.Second.EventId, pair.Second.Version));

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Rhythm);
        foreach (var post in Posts)
        {
            hash.Add(post.Seq);
        }

        foreach (var each in Events)
        {
            hash.Add(each.EventId);
        }

        return hash.ToHashCode();
    }
}

/// <summary>The editions of a stretch.</summary>
/// <param name="introductions">Those that stand while it is cut.</param>
internal sealed class EditionDrafts(IReadOnlyList<Introduction> introductions)
{
    private readonly Dictionary<EditionHolds, EditionDraft> drafts = [];

    public IEnumerable<EditionDraft> All => drafts.Values;

    /// <summary>The draft of an edition that holds this.</summary>
    public EditionDraft Of(EditionHolds holds)
    {
        if (!drafts.TryGetValue(holds, out var draft))
        {
            draft = new EditionDraft(holds, introductions.Count == 0 ? [] : [.. introductions.Where(i => i.IsFor(holds.Rhythm, [.. holds.Posts.SelectMany(p => p.Lists)]))]);
            drafts.Add(holds, draft);
        }

        return draft;
    }
}
