using Alerts.ServiceDefaults;

namespace Alerts.Publishing.Posts;

/// <summary>A post in a list: without its text.</summary>
/// <param name="State">draft, scheduled, published or withdrawn.</param>
/// <param name="Version">Rises with each change of the text.</param>
/// <param name="Accepted">How many mails about this post alone (no digests) were handed over so far.</param>
public sealed record PostLine(
    Guid Id, string State, string Title, string Summary, string Link, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags, bool Urgent,
    DateTimeOffset? PublishAt, DateTimeOffset? ReleasedAt, DateTimeOffset? DatedAt, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Accepted);

/// <summary>A post with its text.</summary>
/// <param name="Markdown">As written; null where HTML was given.</param>
/// <param name="Html">The body, cleaned.</param>
/// <param name="Text">The body as plain text.</param>
/// <param name="Zone">In which <paramref name="PublishAt"/> was chosen.</param>
/// <param name="Asked">Set while it waits for a second pair of eyes.</param>
/// <param name="Change">Give it back with a PUT to have that refused if somebody else has changed the post meanwhile.</param>
public sealed record PostView(
    Guid Id, string State, string Title, string? Markdown, string Html, string Text, string Summary, string Link, IReadOnlyList<string> Lists, IReadOnlyList<string> Tags,
    bool Urgent, DateTimeOffset? PublishAt, DateTimeOffset? ReleasedAt, DateTimeOffset? DatedAt, int Version, int Change, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Zone,
    PublishingAsked? Asked)
{
    internal static PostView Of(Post post, AlertsOptions site) => new(
        post.Id, PostLines.Name(post.State), post.Title, post.Markdown, post.Html, post.Text, post.Summary, post.LinkOn(site), post.Lists, post.Tags,
        post.Urgent, post.PublishAt, post.ReleasedAt, post.DatedAt, post.Version, post.Change, post.CreatedAt, post.UpdatedAt, post.Zone, post.Asked);
}
