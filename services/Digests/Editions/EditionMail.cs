using System.Globalization;
using Alerts.Contracts;
using Alerts.Digests.Posts;
using Alerts.Mailings;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Alerts.Digests.Editions;

/// <summary>What an edition is made for.</summary>
/// <param name="Cause">See <see cref="MailingPrepared.Cause"/>.</param>
/// <param name="GroupId">The cut or the backlog.</param>
/// <param name="Priority">One of <see cref="MailingPriority"/>.</param>
/// <param name="Title">What to call the whole, such as a feed's title. Null: by the number of posts.</param>
public sealed record EditionOrigin(string Cause, Guid GroupId, string Priority, string? Title);

/// <summary>Writes the mail of an edition: the same posts for many readers.</summary>
public sealed class EditionMail(MailTemplates templates, IAudience audience, IOptions<AlertsOptions> options)
{
    /// <summary>The most posts one mail shows; the archive has the rest.</summary>
    public const int MostPosts = 50;

    /// <summary>From this many posts on, a list of contents comes first.</summary>
    private const int WorthContents = 4;

    /// <summary>What the markup around one post weighs, see <see cref="MailSize"/>.</summary>
    private const int MarkupWeight = 1_000;

    private const int TitleLength = 200;
    private const int SubjectTitleLength = 120;
    private const int PreheaderLength = 140;

    /// <summary>Lists by slug; one that is gone is called by its slug.</summary>
    public async Task<IReadOnlyDictionary<string, AudienceList>> KnownAsync(IEnumerable<string> slugs, CancellationToken cancellationToken)
    {
        var asked = slugs.Distinct().Order(StringComparer.Ordinal).Take(1_000).ToList();
        var known = asked.ToDictionary(slug => slug, slug => new AudienceList(slug, slug, "", Public: false));
        foreach (var list in await audience.ListsAsync(asked, cancellationToken))
        {
            known[list.Slug] = list;
        }

        return known;
    }

    /// <param name="posts">At least one, in any order.</param>
    /// <param name="known">From <see cref="KnownAsync"/>, for all lists of the posts.</param>
    public async Task<MailingPrepared> ComposeAsync(
        IReadOnlyCollection<FiledPost> posts, EditionOrigin origin, IReadOnlyDictionary<string, AudienceList> known, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(posts);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(known);

        // A feed's first reading releases its posts at one instant; their ordinals keep its order.
        var newestFirst = posts.OrderByDescending(p => p.ReleasedAt).ThenByDescending(p => p.Ordinal).ThenByDescending(p => p.Seq).ToList();
        var lists = newestFirst.SelectMany(p => p.Lists).Distinct().ToList();
        var sender = AudienceList.SharedSenderName([.. lists.Select(slug => known[slug])]);
        var body = await templates.RenderAsync(typeof(EditionMail).Assembly, "digest", View(newestFirst, lists, origin.Title, sender, known), cancellationToken);
        return new MailingPrepared
        {
            MailingId = MailingId.Of(origin.Cause),
            Cause = origin.Cause,
            Kind = MailingKind.Digest,
            Priority = origin.Priority,
            Lists = lists,
            Subject = Subject(newestFirst),
            SenderName = sender,
            Html = body.Html,
            Text = body.Text,
            PreparedAt = now,
            GroupId = origin.GroupId,
        };
    }

    private static string Subject(List<FiledPost> posts)
    {
        var first = Excerpt.Of(posts[0].Title, SubjectTitleLength);
        return posts.Count == 1 ? first : $"{first} and {posts.Count - 1} more";
    }

    private DigestView View(List<FiledPost> posts, List<string> lists, string? title, string? sender, IReadOnlyDictionary<string, AudienceList> known)
    {
        var shown = Fitting(posts);
        var number = 0;
        var groups = shown
            .GroupBy(p => p.Lists[0])
            .Select(group => new GroupView(known[group.Key].Name, [.. group.Select(p => PostView.Of(p, ++number, alone: posts.Count == 1))]))
            .ToList();
        var named = Sentence.List([.. lists.Select(slug => known[slug].Name)]);
        return new DigestView(
            posts.Count == 1 ? Excerpt.Of(posts[0].Title, TitleLength) : title ?? $"{posts.Count} new posts",
            posts.Count == 1 ? Excerpt.Of(posts[0].Summary, PreheaderLength) : Excerpt.Of("Also: " + string.Join(" · ", shown.Skip(1).Select(p => p.Title)), PreheaderLength),
            $"You get this digest because you subscribe to {named}.",
            Direction.Of(posts[0].Title),
            posts.Count,
            named,
            groups.Count > 1,
            shown.Count >= WorthContents,
            groups,
            posts.Count - shown.Count,
            options.Value.Link("/archive"),
            sender,
            LeaveLink.Of([.. lists.Select(slug => known[slug])]));
    }

    /// <summary>As many as one mail shows and holds, at least one.</summary>
    private static List<FiledPost> Fitting(List<FiledPost> posts)
    {
        var left = MailSize.Html;
        return [.. posts.Take(MostPosts).TakeWhile((post, index) => (left -= Weight(post)) >= 0 || index == 0)];
    }

    private static int Weight(FiledPost post) => MarkupWeight + (2 * MailSize.Of(post.Title)) + (2 * MailSize.Of(post.Link)) + MailSize.Of(post.Summary);

    /// <summary>What the templates print.</summary>
    internal sealed record DigestView(
        string Title, string Preheader, string Why, string Dir, int Count, string Lists, bool Grouped, bool Contents, IReadOnlyList<GroupView> Groups, int More, string Archive, string? SenderName, IReadOnlyList<LeaveLink> LeaveLists);

    internal sealed record GroupView(string Name, IReadOnlyList<PostView> Posts);

    internal sealed record PostView(int Number, string Title, string Link, string? Date, string Excerpt, string Dir)
    {
        public static PostView Of(FiledPost post, int number, bool alone) => new(
            number,
            Mailings.Layout.Excerpt.Of(post.Title, TitleLength),
            post.Link,
            DateOf(post)?.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
            alone ? post.Opening : post.Summary,
            Direction.Of(post.Title));

        /// <summary>A backlog was released when its feed was first read, which says nothing about its posts.</summary>
        private static DateTimeOffset? DateOf(FiledPost post) => post.DatedAt ?? (post.BacklogId is null ? post.ReleasedAt : null);
    }
}
