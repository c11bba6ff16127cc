using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alerts.Contracts;

namespace Alerts.Publishing.Outward;

/// <summary>A fact of ours as programs outside are told of it, on the exchange <c>alerts.events</c> and by webhooks: plain JSON, described in <c>docs/events.asyncapi.yaml</c>.</summary>
/// <remarks>Its shape is the payload that Standard Webhooks recommends (<c>type</c>, <c>timestamp</c>, <c>data</c>) with the id beside it. A type grows by optional members only; anything else is a new version, sent beside the old.</remarks>
public sealed record OutwardFact
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // It stands in no page, and letters that aren't English stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One of <see cref="OutwardTypes"/>; the routing key on the exchange.</summary>
    public required string Type { get; init; }

    /// <summary>The same whenever and wherever this fact is told again.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset Timestamp { get; init; }

    public required OutwardData Data { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The plain form of a contract.</summary>
    /// <param name="id">Of the message.</param>
    /// <param name="lists">The slugs of the lists it concerns: not every contract names them.</param>
    /// <param name="sentAt">Where the contract says no time.</param>
    internal static OutwardFact Of(object fact, Guid id, IReadOnlyList<string> lists, DateTimeOffset sentAt) => fact switch
    {
        PostPublished post => Of(OutwardTypes.PostPublished, id, post.ReleasedAt, new OutwardPost
        {
            Id = post.PostId,
            Version = post.Version,
            Lists = lists,
            Title = post.Title,
            Summary = post.Summary,
            Html = post.Html,
            Text = post.Text,
            Link = post.Link,
            Tags = post.Tags,
            Urgent = post.Urgent,
            DatedAt = post.DatedAt,
        }),
        PostCorrected post => Of(OutwardTypes.PostCorrected, id, post.CorrectedAt ?? sentAt, new OutwardPost
        {
            Id = post.PostId,
            Version = post.Version,
            Lists = lists,
            Title = post.Title,
            Summary = post.Summary,
            Html = post.Html,
            Text = post.Text,
            Link = post.Link,
        }),
        PostWithdrawn post => Of(OutwardTypes.PostWithdrawn, id, post.WithdrawnAt ?? sentAt, new OutwardPost { Id = post.PostId, Version = post.Version, Lists = lists }),
        EventAnnounced happening => Of(OutwardTypes.EventAnnounced, id, happening.ReleasedAt, OutwardEvent.Of(happening.EventId, happening.Version, happening.Event)),
        EventChanged happening => Of(OutwardTypes.EventChanged, id, happening.ReleasedAt, OutwardEvent.Of(happening.EventId, happening.Version, happening.Event) with { Changes = happening.Changes }),
        EventCancelled happening => Of(OutwardTypes.EventCancelled, id, happening.ReleasedAt, OutwardEvent.Of(happening.EventId, happening.Version, happening.Event) with { Reason = happening.Reason }),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "Nobody outside is told of this."),
    };

    internal static OutwardFact Of(string type, Guid id, DateTimeOffset timestamp, OutwardData data) => new() { Type = type, Id = id, Timestamp = timestamp, Data = data };
}

/// <summary>What a fact is about.</summary>
[JsonDerivedType(typeof(OutwardPost))]
[JsonDerivedType(typeof(OutwardEvent))]
public abstract record OutwardData
{
    /// <summary>Of the post or event.</summary>
    public required Guid Id { get; init; }

    /// <summary>Rises with each change of that post or event. Facts come in any order: the highest version holds.</summary>
    public required int Version { get; init; }

    /// <summary>Slugs of the lists it concerns, as far as the taker may know of them.</summary>
    public required IReadOnlyList<string> Lists { get; init; }
}

/// <summary>A post; of one that was withdrawn only what identifies it.</summary>
public sealed record OutwardPost : OutwardData
{
    /// <summary>Plain text, at most 500 characters.</summary>
    public string? Title { get; init; }

    /// <summary>Plain text, at most 1,000 characters; may be empty.</summary>
    public string? Summary { get; init; }

    /// <summary>The body, cleaned, at most a million characters. Links in it are absolute.</summary>
    public string? Html { get; init; }

    /// <summary>The body as plain text.</summary>
    public string? Text { get; init; }

    /// <summary>Where it stands on the web.</summary>
    public string? Link { get; init; }

    /// <summary>Told when it is published.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Told when it is published: it went to all readers at once.</summary>
    public bool? Urgent { get; init; }

    /// <summary>When its author dated it, if it came from elsewhere with a date (UTC).</summary>
    public DateTimeOffset? DatedAt { get; init; }
}

/// <summary>An event as its readers should know it, the whole of it; of one that was cancelled, as it was last. See <see cref="EventDetails"/> for what each member means.</summary>
public sealed record OutwardEvent : OutwardData
{
    public required string Title { get; init; }

    public required string Summary { get; init; }

    public required string Html { get; init; }

    public required string Text { get; init; }

    public required string Link { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    public required DateTimeOffset EndsAt { get; init; }

    public required string Zone { get; init; }

    public string? Place { get; init; }

    public string? Street { get; init; }

    public double? Latitude { get; init; }

    public double? Longitude { get; init; }

    public string? OnlineLink { get; init; }

    public string? Organiser { get; init; }

    public int? Capacity { get; init; }

    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>Told of one that was changed: what differs, in words for its readers.</summary>
    public IReadOnlyList<EventChange>? Changes { get; init; }

    /// <summary>Told of one that was cancelled: why. May be empty.</summary>
    public string? Reason { get; init; }

    internal static OutwardEvent Of(Guid id, int version, EventDetails details) => new()
    {
        Id = id,
        Version = version,
        Lists = details.Lists,
        Title = details.Title,
        Summary = details.Summary,
        Html = details.Html,
        Text = details.Text,
        Link = details.Link,
        StartsAt = details.StartsAt,
        EndsAt = details.EndsAt,
        Zone = details.Zone,
        Place = details.Place,
        Street = details.Street,
        Latitude = details.Latitude,
        Longitude = details.Longitude,
        OnlineLink = details.OnlineLink,
        Organiser = details.Organiser,
        Capacity = details.Capacity,
        Regions = details.Regions,
    };
}
