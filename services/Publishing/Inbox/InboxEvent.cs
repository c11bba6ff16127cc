using Alerts.Publishing.Events;

namespace Alerts.Publishing.Inbox;

/// <summary>An event that a program of somebody else announces through the broker: <c>event.announced.v1</c>, described in <c>docs/inbox.asyncapi.yaml</c>.</summary>
/// <remarks>Plain JSON on the topic exchange <c>alerts.inbox</c>. Any number of times: <see cref="IdempotencyKey"/> says which are the same. It is changed and cancelled through the API.</remarks>
public sealed record InboxEvent
{
    public const string RoutingKey = "event.announced.v1";

    /// <summary>What the publisher calls this event, 1 to 200 characters. A message with the same key again is the same event, and changes nothing.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>See <see cref="EventRequest.Title"/>.</summary>
    public string? Title { get; init; }

    /// <summary>See <see cref="EventRequest.Markdown"/>.</summary>
    public string? Markdown { get; init; }

    /// <summary>See <see cref="EventRequest.Html"/>.</summary>
    public string? Html { get; init; }

    /// <summary>See <see cref="EventRequest.Summary"/>.</summary>
    public string? Summary { get; init; }

    /// <summary>See <see cref="EventRequest.StartsAt"/>.</summary>
    public string? StartsAt { get; init; }

    /// <summary>See <see cref="EventRequest.EndsAt"/>.</summary>
    public string? EndsAt { get; init; }

    /// <summary>See <see cref="EventRequest.Zone"/>.</summary>
    public string? Zone { get; init; }

    /// <summary>See <see cref="EventRequest.Place"/>.</summary>
    public string? Place { get; init; }

    /// <summary>See <see cref="EventRequest.Street"/>.</summary>
    public string? Street { get; init; }

    /// <summary>See <see cref="EventRequest.Regions"/>.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>See <see cref="EventRequest.Lists"/>.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>See <see cref="EventRequest.Link"/>.</summary>
    public string? Link { get; init; }

    /// <summary>See <see cref="EventRequest.Organiser"/>.</summary>
    public string? Organiser { get; init; }

    /// <summary>See <see cref="EventRequest.RemindBefore"/>.</summary>
    public IReadOnlyList<string>? RemindBefore { get; init; }

    /// <summary>When to announce it. Absent or in the past: at once.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    internal EventRequest ToRequest(DateTimeOffset now) => new()
    {
        Title = Title,
        Markdown = Markdown,
        Html = Html,
        Summary = Summary,
        StartsAt = StartsAt,
        EndsAt = EndsAt,
        Zone = Zone,
        Place = Place,
        Street = Street,
        Regions = Regions,
        Lists = Lists,
        Link = Link,
        Organiser = Organiser,
        RemindBefore = RemindBefore,
        PublishAt = PublishAt ?? now,
    };
}
