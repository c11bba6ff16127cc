using System.Security.Cryptography;
using System.Text;
using Alerts.Digests.Editions;

namespace Alerts.Digests.Cuts;

/// <summary>Readers who are owed the same posts, before their edition is a mailing.</summary>
internal sealed class EditionDraft(IReadOnlyList<OwedPost> posts, Rhythm rhythm)
{
    /// <summary>The same posts in the same versions have the same key: 64 bits of their hash, plenty within a cut.</summary>
    public string Key { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{rhythm} {string.Join(' ', posts.Select(p => $"{p.PostId:N}.{p.Version}"))}")).AsSpan(0, 8));

    public IReadOnlyList<OwedPost> Posts => posts;

    public Rhythm Rhythm => rhythm;

    public List<Guid> Readers { get; } = [];

    /// <summary>How many were owed this and have left.</summary>
    public int Left { get; set; }
}

/// <summary>The editions of a stretch.</summary>
internal sealed class EditionDrafts
{
    private readonly Dictionary<(IReadOnlyList<OwedPost> Posts, Rhythm Rhythm), EditionDraft> drafts = new(SamePosts.Instance);

    public IEnumerable<EditionDraft> All => drafts.Values;

    public void Add(Guid reader, OwedPosts owed, Rhythm rhythm)
    {
        if (owed.Posts.Count == 0)
        {
            return;
        }

        var draft = Find(owed.Posts, rhythm);
        if (owed.Left)
        {
            draft.Left++;
        }
        else
        {
            draft.Readers.Add(reader);
        }
    }

    /// <summary>The draft of what readers are owed who hold all they held before; null when it is nothing.</summary>
    public EditionDraft? Find(OwedPosts owed, Rhythm rhythm) => owed.Posts.Count == 0 ? null : Find(owed.Posts, rhythm);

    private EditionDraft Find(IReadOnlyList<OwedPost> posts, Rhythm rhythm)
    {
        if (!drafts.TryGetValue((posts, rhythm), out var draft))
        {
            draft = new EditionDraft(posts, rhythm);
            drafts.Add((posts, rhythm), draft);
        }

        return draft;
    }

    private sealed class SamePosts : IEqualityComparer<(IReadOnlyList<OwedPost> Posts, Rhythm Rhythm)>
    {
        public static readonly SamePosts Instance = new();

        public bool Equals((IReadOnlyList<OwedPost> Posts, Rhythm Rhythm) x, (IReadOnlyList<OwedPost> Posts, Rhythm Rhythm) y) =>
            x.Rhythm == y.Rhythm && x.Posts.Count == y.Posts.Count && x.Posts.Zip(y.Posts).All(pair => (pair.First.Seq, pair.First.Version) == (pair.Second.Seq, pair.Second.Version));

        public int GetHashCode((IReadOnlyList<OwedPost> Posts, Rhythm Rhythm) edition)
        {
            var hash = new HashCode();
            hash.Add(edition.Rhythm);
            foreach (var post in edition.Posts)
            {
                hash.Add(post.Seq);
            }

            return hash.ToHashCode();
        }
    }
}
