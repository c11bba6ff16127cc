namespace Alerts.Publishing.Feeds;

/// <summary>What a site publishes, read once and made safe to mail: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, or JSON Feed.</summary>
public sealed record Feed
{
    /// <summary>Plain text, at most <see cref="FeedParser.MaxTitle"/> characters. The site's host where the feed gives none.</summary>
    public required string Title { get; init; }

    /// <summary>The site the feed belongs to, not the feed's own address.</summary>
    public Uri? Link { get; init; }

    /// <summary>At most <see cref="FeedParser.MaxEntries"/>, in the feed's order, each key once.</summary>
    public required IReadOnlyList<FeedEntry> Entries { get; init; }

    /// <summary>What was left out or cut, a sentence each, to be shown to whoever added the feed. Empty when all of it was read.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
