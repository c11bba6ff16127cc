namespace Alerts.Publishing.Feeds;

/// <summary>The answer to one fetch.</summary>
public sealed record FetchedFeed
{
    /// <summary>Null when the feed has not changed since the validators that were given.</summary>
    public Feed? Feed { get; init; }

    /// <summary>Where it was found in the end, after redirects.</summary>
    public required Uri Address { get; init; }

    /// <summary>To be kept and given with the next fetch.</summary>
    public required FeedValidators Validators { get; init; }
}

/// <summary>By what a server tells whether a feed has changed (RFC 9110, 8.8). Kept as the server wrote them, and at most 500 characters each.</summary>
public sealed record FeedValidators(string? ETag, string? LastModified)
{
    public static FeedValidators None { get; } = new(null, null);
}
