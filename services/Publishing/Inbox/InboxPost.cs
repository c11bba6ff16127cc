using Alerts.Publishing.Posts;

namespace Alerts.Publishing.Inbox;

/// <summary>A post that a program of somebody else publishes through the broker: <c>post.published.v1</c>, described in <c>docs/inbox.asyncapi.yaml</c>.</summary>
/// <remarks>Plain JSON on the topic exchange <c>alerts.inbox</c>. Any time, in any order, any number of times: <see cref="IdempotencyKey"/> says which are the same.</remarks>
public sealed record InboxPost
{
    public const string RoutingKey = "post.published.v1";

    /// <summary>What the publisher calls this post, 1 to 200 characters. A message with the same key again is the same post, and changes nothing.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>See <see cref="PostRequest.Title"/>.</summary>
    public string? Title { get; init; }

    /// <summary>See <see cref="PostRequest.Markdown"/>.</summary>
    public string? Markdown { get; init; }

    /// <summary>See <see cref="PostRequest.Html"/>.</summary>
    public string? Html { get; init; }

    /// <summary>See <see cref="PostRequest.Summary"/>.</summary>
    public string? Summary { get; init; }

    /// <summary>See <see cref="PostRequest.Link"/>.</summary>
    public string? Link { get; init; }

    /// <summary>See <see cref="PostRequest.Lists"/>.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>See <see cref="PostRequest.Tags"/>.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>See <see cref="PostRequest.Urgent"/>.</summary>
    public bool Urgent { get; init; }

    /// <summary>When to publish it. Absent or in the past: at once.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    internal PostRequest ToRequest(DateTimeOffset now) => new()
    {
        Title = Title,
        Markdown = Markdown,
        Html = Html,
        Summary = Summary,
        Link = Link,
        Lists = Lists,
        Tags = Tags,
        Urgent = Urgent,
        PublishAt = PublishAt ?? now,
    };
}
