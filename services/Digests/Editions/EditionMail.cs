using System.Globalization;
using Alerts.Contracts;
using Alerts.Digests.Events;
using Alerts.Digests.Posts;
using Alerts.Mailings;
using Alerts.Mailings.Calendar;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Alerts.Digests.Editions;

/// <summary>What an edition is made for.</summary>
/// <param name="Cause">See <see cref="MailingPrepared.Cause"/>.</param>
/// <param name="GroupId">The cut or the backlog.</param>
/// <param name="Priority">One of <see cref="MailingPriority"/>.</param>
/// <param name="Title">What to call the whole, such as a feed's title. Null: by the number of posts.</param>
/// <param name="Rhythm">When its readers have their next. Null: they have none (a backlog's).</param>
public sealed record EditionOrigin(string Cause, Guid GroupId, string Priority, string? Title, Rhythm? Rhythm = null);

/// <summary>What stands in an edition.</summary>
/// <param name="Posts">At least one, in any order.</param>
/// <param name="Events">In the order of their start.</param>
public sealed record EditionContent(IReadOnlyCollection<FiledPost> Posts, IReadOnlyList<FiledEvent> Events, IReadOnlyList<Introduction> Introductions)
{
    public static EditionContent Of(IReadOnlyCollection<FiledPost> posts) => new(posts, [], []);
}

/// <summary>Writes the mail of an edition: the same for many readers.</summary>
public sealed class EditionMail(MailTemplates templates, IAudience audience, IOptions<AlertsOptions> options)
{
    /// <summary>The most posts one mail shows; its page on the web has the rest.</summary>
    public const int MostPosts = 50;

    /// <summary>From this many posts on, a list of contents comes first.</summary>
    private const int WorthContents = 4;

    /// <summary>What the markup around one post or event weighs, see <see cref="MailSize"/>.</summary>
    private const int MarkupWeight = 1_000;

    private const int MostIntroductions = 3;
    private const int TitleLength = 200;
    private const int SubjectTitleLength = 120;
    private const int PreheaderLength = 140;
    private const int LinkLength = 2_000;

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

    /// <param name="known">From <see cref="KnownAsync"/>, for all lists of the posts.</param>
    public async Task<MailingPrepared> ComposeAsync(
        EditionContent content, EditionOrigin origin, IReadOnlyDictionary<string, AudienceList> known, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(known);

        var groups = InOrder(content.Posts);
        var ordered = groups.SelectMany(group => group.Posts).ToList();
        var lists = ordered.SelectMany(p => p.Lists).Distinct().ToList();
        var sender = AudienceList.SharedSenderName([.. lists.Select(slug => known[slug])]);
        var id = MailingId.Of(origin.Cause);
        var body = await templates.RenderAsync(typeof(EditionMail).Assembly, "digest", View(id, content, ordered, groups, lists, origin, sender, known, now), cancellationToken, lists);
        return new MailingPrepared
        {
            MailingId = id,
            Cause = origin.Cause,
            Kind = MailingKind.Digest,
            Priority = origin.Priority,
            Lists = lists,
            Subject = Subject(ordered),
            SenderName = sender,
            Html = body.Html,
            Text = body.Text,
            PreparedAt = now,
            GroupId = origin.GroupId,
            Tells = content.Events.Count == 0 ? null : [.. content.Events.Select(e => new ToldEvent(e.EventId, e.Version, e.EndsAt))],
        };
    }

    /// <summary>
    /// Posts by their first list, each post once: what an editor moved up first, then the newest. The lists in the order of their first post's weight, then of how much they have.
    /// </summary>
    internal static List<(string List, List<FiledPost> Posts)> InOrder(IEnumerable<FiledPost> posts) =>
    [
        .. posts

            // A feed's first reading releases its posts at one instant; their ordinals keep its order.
            .OrderByDescending(p => p.Weight).ThenByDescending(p => p.ReleasedAt).ThenByDescending(p => p.Ordinal).ThenByDescending(p => p.Seq)
            .GroupBy(p => p.Lists[0])
            .Select(group => (List: group.Key, Posts: group.ToList()))
            .OrderByDescending(group => group.Posts[0].Weight).ThenByDescending(group => group.Posts.Count).ThenByDescending(group => group.Posts[0].ReleasedAt).ThenBy(group => group.List, StringComparer.Ordinal),
    ];

    internal static string TitleOf(FiledPost post, int most = TitleLength) =>
        post.Title.Length > 0 ? Excerpt.Of(post.Title, most) : post.Opening.Length > 0 ? Excerpt.Of(post.Opening, Math.Min(most, 80)) : "A post without a title";

    /// <summary>When its readers have the next digest.</summary>
    internal static string? Next(Rhythm? rhythm) => rhythm switch
    {
        Rhythm.Daily => "Your next one comes tomorrow at the hour you chose, if there is anything new.",
        Rhythm.Weekly => "Your next one comes in a week, on the day and at the hour you chose, if there is anything new.",
        Rhythm.Usual => "This one was sent out of turn; your next one comes at your usual hour, if there is anything new.",
        Rhythm.Last => "You have no digests any more: this is the last, with what came out before you changed that.",
        _ => null,
    };

    private static string Subject(List<FiledPost> posts)
    {
        var first = TitleOf(posts[0], SubjectTitleLength);
        return posts.Count == 1 ? first : $"{first} and {posts.Count - 1} more";
    }

    private DigestView View(
        Guid id,
        EditionContent content,
        List<FiledPost> ordered,
        List<(string List, List<FiledPost> Posts)> groups,
        List<string> lists,
        EditionOrigin origin,
        string? sender,
        IReadOnlyDictionary<string, AudienceList> known,
        DateTimeOffset now)
    {
        var introductions = content.Introductions.Take(MostIntroductions).Select(i => new IntroductionView([.. Paragraphs(i.Text)], Direction.Of(i.Text))).ToList();
        var events = content.Events.Take(Upcoming.Most).Select(e => EventView.Of(e, options.Value, now)).ToList();
        var alone = ordered.Count == 1;
        var shown = Fitting(ordered, introductions.Sum(i => i.Weight) + events.Sum(e => e.Weight));
        var number = 0;
        var views = groups
            .Select(group => new GroupView(known[group.List].Name, [.. group.Posts.Where(shown.Contains).Select(p => PostView.Of(p, ++number, alone, PictureOf(p)))]))
            .Where(group => group.Posts.Count > 0)
            .ToList();
        var named = Sentence.List([.. lists.Select(slug => known[slug].Name)]);
        return new DigestView(
            alone ? TitleOf(ordered[0]) : origin.Title ?? $"{ordered.Count} new posts",
            alone ? Excerpt.Of(ordered[0].Summary, PreheaderLength) : Excerpt.Of("Also: " + string.Join(" · ", views.SelectMany(g => g.Posts).Skip(1).Select(p => p.Title)), PreheaderLength),
            $"You get this {origin.Rhythm switch { Rhythm.Daily => "daily digest", Rhythm.Weekly => "weekly digest", _ => "digest" }} because you subscribe to {named}. {Next(origin.Rhythm)}".TrimEnd(),
            Direction.Of(ordered[0].Title),
            ordered.Count,
            named,
            views.Count > 1,
            shown.Count >= WorthContents,
            introductions,
            views,
            ordered.Count - shown.Count,
            events,
            options.Value.Link($"/digests/{id}"),
            origin.Rhythm is Rhythm.Daily or Rhythm.Weekly or Rhythm.Usual,
            sender,
            LeaveLink.Of([.. lists.Select(slug => known[slug])]));
    }

    private static IEnumerable<string> Paragraphs(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => Excerpt.OneLine(line, Introduction.TextLength));

    /// <summary>Of the post, if it lies on its host or ours: loading one from elsewhere would tell strangers who reads when.</summary>
    private PictureView? PictureOf(FiledPost post) =>
        post.Picture is { } address && Uri.TryCreate(address, UriKind.Absolute, out var picture)
        && (picture.Host == new Uri(options.Value.PublicUrl).Host || (Uri.TryCreate(post.Link, UriKind.Absolute, out var link) && link.Host == picture.Host))
            ? new PictureView(address, post.PictureText)
            : null;

    /// <summary>As many as one mail shows and holds, at least one.</summary>
    private static HashSet<FiledPost> Fitting(List<FiledPost> posts, int taken)
    {
        var left = MailSize.Html - taken;
        return [.. posts.Take(MostPosts).TakeWhile((post, index) => (left -= Weight(post)) >= 0 || index == 0)];
    }

    private static int Weight(FiledPost post) =>
        MarkupWeight + (2 * MailSize.Of(post.Title)) + (2 * MailSize.Of(post.Link)) + MailSize.Of(post.Summary) + MailSize.Of(post.Picture ?? "") + MailSize.Of(post.PictureText);

    /// <summary>What the templates print.</summary>
    internal sealed record DigestView(
        string Title,
        string Preheader,
        string Why,
        string Dir,
        int Count,
        string Lists,
        bool Grouped,
        bool Contents,
        IReadOnlyList<IntroductionView> Introductions,
        IReadOnlyList<GroupView> Groups,
        int More,
        IReadOnlyList<EventView> Events,
        string Web,
        bool LessOften,
        string? SenderName,
        IReadOnlyList<LeaveLink> LeaveLists);

    internal sealed record IntroductionView(IReadOnlyList<string> Paragraphs, string Dir)
    {
        public int Weight => MarkupWeight + Paragraphs.Sum(p => MailSize.Of(p) + 50);
    }

    internal sealed record GroupView(string Name, IReadOnlyList<PostView> Posts);

    internal sealed record PictureView(string Address, string Text);

    internal sealed record PostView(int Number, string Title, string? Link, string? Date, string Excerpt, PictureView? Picture, string Dir)
    {
        public static PostView Of(FiledPost post, int number, bool alone, PictureView? picture) => new(
            number,
            TitleOf(post),
            post.Link.Length is > 0 and <= LinkLength ? post.Link : null,
            DateOf(post)?.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
            alone ? post.Opening : post.Summary,
            picture,
            Direction.Of(post.Title));

        /// <summary>A backlog was released when its feed was first read, which says nothing about its posts.</summary>
        private static DateTimeOffset? DateOf(FiledPost post) => post.DatedAt ?? (post.BacklogId is null ? post.ReleasedAt : null);
    }

    internal sealed record EventView(string Title, string Link, string Time, string Place, string Calendar, string Dir)
    {
        private const int EventTitleLength = 150;

        public int Weight => MarkupWeight + MailSize.Of(Title) + MailSize.Of(Link) + MailSize.Of(Time) + MailSize.Of(Place);

        public static EventView Of(FiledEvent filed, AlertsOptions options, DateTimeOffset now) => new(
            Excerpt.Of(filed.Event.Title, EventTitleLength),
            filed.Event.Link,
            EventTime.InEnglish(filed.StartsAt, filed.EndsAt, filed.Event.Zone, now),
            Excerpt.Of(EventCalendar.Place(filed.Event) is { Length: > 0 } place ? place : filed.Event.OnlineLink is null ? "" : "Online", EventTitleLength),
            options.Link(EventCalendarEndpoint.PathOf(filed.EventId)),
            Direction.Of(filed.Event.Title));
    }
}
