namespace Alerts.Publishing.Feeds;

/// <summary>A feed as its format gives it, before anything is cleaned, cut or counted.</summary>
internal sealed record RawFeed(RawText Title, Uri? Link, IReadOnlyList<RawEntry> Entries);

internal sealed record RawEntry
{
    public string? Id { get; init; }
    public required RawText Title { get; init; }
    public Uri? Link { get; init; }
    public required RawText Content { get; init; }
    public required RawText Summary { get; init; }
    public DateTimeOffset? Published { get; init; }
    public DateTimeOffset? Updated { get; init; }
    public required IEnumerable<string> Tags { get; init; }

    /// <summary>What relative addresses in the text are relative to.</summary>
    public Uri? Base { get; init; }
}

/// <summary>Text that is either plain or HTML, as its format says.</summary>
internal readonly record struct RawText(string? Value, bool IsHtml)
{
    public bool IsBlank => string.IsNullOrWhiteSpace(Value);
}
