using System.Globalization;
using System.Net;
using Alerts.Contracts;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Alerts.Mailings.Posts;

/// <summary>Writes the mail of one post: Notices to send it, Publishing to show its editor what will be sent.</summary>
public sealed class PostMail(MailTemplates templates, IAudience audience, IOptions<AlertsOptions> options)
{
    private const int PreheaderLength = 140;

    /// <param name="correction">Its text is taken when it is of a higher version.</param>
    public async Task<MailingPrepared> ComposeAsync(PostPublished post, PostCorrected? correction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(post);

        if (correction is not null && correction.Version > post.Version)
        {
            post = post with
            {
                Version = correction.Version,
                Title = correction.Title,
                Summary = correction.Summary,
                Html = correction.Html,
                Text = correction.Text,
                Link = correction.Link,
            };
        }

        var known = await audience.ListsAsync(post.Lists, cancellationToken);
        var sender = AudienceList.SharedSenderName(known);
        var names = known.ToDictionary(list => list.Slug, list => list.Name);
        var lists = Sentence.List([.. post.Lists.Select(slug => names.GetValueOrDefault(slug, slug))]);
        var body = await templates.RenderAsync(typeof(PostMail).Assembly, "post", PostView.Of(post, lists, known, OwnHosts(post)), cancellationToken, post.Lists);
        var cause = $"post/{post.PostId}/{post.Version}/immediate";
        return new MailingPrepared
        {
            MailingId = MailingId.Of(cause),
            Cause = cause,
            Kind = MailingKind.Post,
            Priority = post.Urgent ? MailingPriority.Urgent : MailingPriority.Normal,
            Lists = post.Lists,
            Subject = Excerpt.OneLine(post.Title),
            SenderName = sender,
            Html = body.Html,
            Text = body.Text,
            PreparedAt = now,
            ReleasedAt = post.ReleasedAt,
        };
    }

    /// <summary>The mail that says what is right, to those who got the post at once.</summary>
    /// <param name="lists">Of the post's mailing.</param>
    public async Task<MailingPrepared> ComposeCorrectionAsync(PostCorrected correction, IReadOnlyList<string> lists, bool urgent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(correction);
        ArgumentNullException.ThrowIfNull(lists);

        var post = new PostPublished
        {
            PostId = correction.PostId,
            Version = correction.Version,
            Title = correction.Title,
            Summary = correction.Summary,
            Html = correction.Html,
            Text = correction.Text,
            Link = correction.Link,
            Lists = lists,
            Tags = [],
            Urgent = urgent,
            ReleasedAt = now,
            AudienceRevision = 0,
        };
        var known = await audience.ListsAsync(lists, cancellationToken);
        var names = known.ToDictionary(list => list.Slug, list => list.Name);
        var view = PostView.Of(post, Sentence.List([.. lists.Select(slug => names.GetValueOrDefault(slug, slug))]), known, OwnHosts(post)) with
        {
            Correction = true,
            Why = "You get this because you were sent what is corrected here.",
        };
        var body = await templates.RenderAsync(typeof(PostMail).Assembly, "post", view, cancellationToken);
        var cause = CorrectionCause(correction.PostId, correction.Version);
        return new MailingPrepared
        {
            MailingId = MailingId.Of(cause),
            Cause = cause,
            Kind = MailingKind.Post,
            Priority = urgent ? MailingPriority.Urgent : MailingPriority.Normal,
            Lists = lists,
            Subject = $"Correction: {Excerpt.OneLine(correction.Title)}",
            SenderName = AudienceList.SharedSenderName(known),
            Html = body.Html,
            Text = body.Text,
            PreparedAt = now,
            ReleasedAt = now,
        };
    }

    /// <summary>See <see cref="MailingPrepared.Cause"/>.</summary>
    public static string CorrectionCause(Guid postId, int version) => $"post/{postId}/{version}/correction";

    private HashSet<string> OwnHosts(PostPublished post) =>
        [.. new[] { post.Link, options.Value.PublicUrl }.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : "").Where(host => host.Length > 0)];

    /// <summary>What the templates print.</summary>
    internal sealed record PostView(
        string Title, string Preheader, string Why, string Dir, bool Urgent, string Lists, string? Date, string Link, string Html, bool HtmlCut, string Text, bool TextCut, string? SenderName, IReadOnlyList<LeaveLink> LeaveLists, bool Correction = false)
    {
        public static PostView Of(PostPublished post, string lists, IReadOnlyCollection<AudienceList> known, IReadOnlyCollection<string> ownHosts)
        {
            // A post that is only a link and a summary has no body.
            var html = MailHtml.Fit(post.Html.Length > 0 ? post.Html : $"<p>{WebUtility.HtmlEncode(post.Summary)}</p>", MailSize.Html, ownHosts);
            var text = (post.Text.Length > 0 ? post.Text : post.Summary).ReplaceLineEndings("\n").Trim();
            var beginning = MailSize.Beginning(text, MailSize.Text);
            var cut = beginning.Length < text.Length;
            return new PostView(
                post.Title,
                Excerpt.Of(Excerpt.SaysMore(post.Text, post.Summary) ? post.Text : post.Summary, PreheaderLength),
                post.Urgent
                    ? $"This is urgent, so everybody who subscribes to {lists} gets it at once."
                    : $"You get this because you asked for {lists} as soon as something is published.",
                Direction.Of(post.Title + " " + text),
                post.Urgent,
                lists,
                post.DatedAt?.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
                post.Link,
                html.Html,
                html.Cut,
                cut ? beginning[..Math.Max(0, beginning.LastIndexOf(' '))] + "…" : beginning,
                cut,
                AudienceList.SharedSenderName(known),
                LeaveLink.Of(known));
        }
    }
}

public static class PostMailExtensions
{
    /// <summary>Registers <see cref="PostMail"/> and what it is made of.</summary>
    public static void AddPostMail(this IServiceCollection services)
    {
        services.AddMailTemplates();
        services.TryAddSingleton<PostMail>();
        services.TryAddSingleton<MailHeaders>();
    }
}
