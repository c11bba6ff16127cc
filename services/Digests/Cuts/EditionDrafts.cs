using System.Security.Cryptography;
using System.Text;

namespace Alerts.Digests.Cuts;

/// <summary>Readers who are owed the same posts, before their edition is a mailing.</summary>
internal sealed class EditionDraft(IReadOnlyList<OwedPost> posts)
{
    /// <summary>The same posts in the same versions have the same key: 64 bits of their hash, plenty within a cut.</summary>
    public string Key { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(' ', posts.Select(p => $"{p.PostId:N}.{p.Version}")))).AsSpan(0, 8));

    public IReadOnlyList<OwedPost> Posts => posts;

    public List<Guid> Readers { get; } = [];

    /// <summary>How many were owed this and have left.</summary>
    public int Left { get; set; }
}

/// <summary>The editions of a stretch.</summary>
internal sealed class EditionDrafts
{
    private readonly Dictionary<IReadOnlyList<OwedPost>, EditionDraft> drafts = new(SamePosts.Instance);

    public IEnumerable<EditionDraft> All => drafts.Values;

    public void Add(Guid reader, OwedPosts owed)
    {
        if (!drafts.TryGetValue(owed.Posts, out var draft))
        {
            draft = new EditionDraft(owed.Posts);
            drafts.Add(owed.Posts, draft);
        }

        if (owed.Left)
        {
            draft.Left++;
        }
        else
        {
            draft.Readers.Add(reader);
        }
    }

    private sealed class SamePosts : IEqualityComparer<IReadOnlyList<OwedPost>>
    {
        public static readonly SamePosts Instance = new();

        public bool Equals(IReadOnlyList<OwedPost>? x, IReadOnlyList<OwedPost>? y) =>
            x is not null && y is not null && x.Count == y.Count && x.Zip(y).All(pair => (pair.First.Seq, pair.First.Version) == (pair.Second.Seq, pair.Second.Version));

        public int GetHashCode(IReadOnlyList<OwedPost> posts)
        {
            var hash = new HashCode();
            foreach (var post in posts)
            {
                hash.Add(post.Seq);
            }

            return hash.ToHashCode();
        }
    }
}
