using System.Security.Cryptography;
using System.Text;

namespace Alerts.Publishing.Feeds;

/// <summary>One post of a feed. All text in it is free of control characters and fits a database and a mail as it is.</summary>
public sealed record FeedEntry
{
    /// <summary>
    /// What makes it the same post when the feed is read again: its <c>guid</c> or <c>id</c>, else its link, else a hash of title and content as published.
    /// At most <see cref="FeedParser.MaxKey"/> characters.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>Plain text, never empty, at most <see cref="FeedParser.MaxTitle"/> characters; the first words of the text where the feed gives no title.</summary>
    public required string Title { get; init; }

    /// <summary>Where to read it on the web: absolute, http or https.</summary>
    public Uri? Link { get; init; }

    /// <summary>
    /// The post as HTML without scripts, styles, forms, frames or tracking pixels, its links and images absolute. Empty where the feed gives no text.
    /// At most <see cref="FeedParser.MaxBody"/> characters.
    /// </summary>
    public required string Html { get; init; }

    /// <summary>Plain text, at most <see cref="FeedParser.MaxSummary"/> characters. Null where the feed gives a text only, or only a summary (then <see cref="Html"/> is that).</summary>
    public string? Summary { get; init; }

    /// <summary>UTC. Null where the feed gives no date, or none that can be read. May lie in the future: it is what the feed says.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>UTC. An Atom entry may have this alone.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Categories as readers see them, each once, at most <see cref="FeedParser.MaxTags"/>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>
    /// SHA-256 (lower-case hex) over title, link, HTML and summary: the same key with another fingerprint is an edit, with the same one a repeat.
    /// A new version of the HTML cleaning may change it without any edit.
    /// </summary>
    public string Fingerprint => Hash(Title, Link?.AbsoluteUri, Html, Summary);

    /// <summary>The parts joined by U+001F, which no part holds.</summary>
    internal static string Hash(params ReadOnlySpan<string?> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f', parts))));
}
