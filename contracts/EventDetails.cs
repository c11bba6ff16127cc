namespace Alerts.Contracts;

/// <summary>An event as its readers should know it: the whole of it, whatever was changed.</summary>
public sealed record EventDetails
{
    /// <summary>Plain text, at most 500 characters.</summary>
    public required string Title { get; init; }

    /// <summary>Plain text of a sentence or two, for a digest. Empty where there is none.</summary>
    public required string Summary { get; init; }

    /// <summary>The description, already cleaned; at most 1 MB. Links in it are absolute.</summary>
    public required string Html { get; init; }

    /// <summary>The description as plain text.</summary>
    public required string Text { get; init; }

    /// <summary>Its page on the web.</summary>
    public required string Link { get; init; }

    /// <summary>The start (UTC): unique even where clocks change.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>The end (UTC), after the start.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>IANA zone id of the place, such as America/New_York: the times are told in it.</summary>
    public required string Zone { get; init; }

    /// <summary>The name of the place. Null when it takes place online only.</summary>
    public string? Place { get; init; }

    /// <summary>Street and town of the place.</summary>
    public string? Street { get; init; }

    /// <summary>Degrees north, -90 to 90. Null when unknown, as is <see cref="Longitude"/> then.</summary>
    public double? Latitude { get; init; }

    /// <summary>Degrees east, -180 to 180.</summary>
    public double? Longitude { get; init; }

    /// <summary>Where one can join or read more, beside <see cref="Link"/>.</summary>
    public string? OnlineLink { get; init; }

    /// <summary>Who invites, plain text.</summary>
    public string? Organiser { get; init; }

    /// <summary>How many can come; null: no limit.</summary>
    public int? Capacity { get; init; }

    /// <summary>Slugs of the regions it concerns. Empty: everywhere.</summary>
    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>Slugs of the lists it goes to; at least one.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    /// <summary>How long before the start readers are reminded: ISO 8601 durations such as <c>P1D</c>, <c>PT2H</c>; at most 5.</summary>
    public required IReadOnlyList<string> RemindBefore { get; init; }

    /// <summary>Whether only those who answered that they are coming are reminded.</summary>
    public bool RemindOnlyComing { get; init; }
}

/// <summary>One thing that was changed about an event, in words for its readers.</summary>
/// <param name="What">One of <see cref="EventChange"/>'s names: <c>title</c>, <c>start</c>, <c>end</c>, <c>place</c>, <c>description</c>, <c>link</c>.</param>
/// <param name="Before">As it was, for people. Empty where there was nothing, or where it is too long to repeat.</param>
/// <param name="After">As it is now, for people. Empty where there is nothing any more, or where it is too long to repeat.</param>
public sealed record EventChange(string What, string Before, string After)
{
    public const string Title = "title";
    public const string Start = "start";
    public const string End = "end";
    public const string Place = "place";
    public const string Description = "description";
    public const string Online = "link";
}
