namespace Alerts.Publishing.Sources;

/// <summary>Where a feed comes from and where its posts go.</summary>
internal sealed record FeedOrigin
{
    /// <summary>On the web. Null for a file.</summary>
    public Uri? Address { get; init; }

    /// <summary>Null for the web.</summary>
    public string? FileName { get; init; }

    /// <summary>Slugs, at least one.</summary>
    public required IReadOnlyCollection<string> Lists { get; init; }

    /// <summary>False: its entries become drafts.</summary>
    public bool Publish { get; init; } = true;

    /// <summary>The <see cref="ImportedFeed"/> that a source follows, once it has been read. Null: it is looked for.</summary>
    public Guid? FeedId { get; init; }
}
