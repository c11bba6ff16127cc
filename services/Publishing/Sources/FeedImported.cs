using System.Globalization;

namespace Alerts.Publishing.Sources;

/// <summary>What reading a feed changed.</summary>
public sealed record FeedImported
{
    public required Guid? FeedId { get; init; }

    public required string Title { get; init; }

    /// <summary>Entries that became posts.</summary>
    public required int Imported { get; init; }

    /// <summary>Posts whose entry was edited.</summary>
    public required int Updated { get; init; }

    /// <summary>Entries that were known as they are.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Edited entries whose post was withdrawn here: they stay so.</summary>
    public required int Skipped { get; init; }

    /// <summary>Set when the new posts go to readers together, as one digest.</summary>
    public Guid? BacklogId { get; init; }

    /// <summary>What of the feed could not be read, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>One line for a terminal or a log.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Title}: {Imported:N0} imported, {Updated:N0} updated, {Unchanged:N0} unchanged, {Skipped:N0} skipped");
}
