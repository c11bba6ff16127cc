namespace Alerts.Contracts;

/// <summary>A post was released to its readers.</summary>
/// <remarks>
/// <para>From Publishing, in the transaction that releases the post. To Notices (readers who have it at once) and Digests (daily and weekly readers). To Publishing itself, which tells programs outside.</para>
/// <para>Arrives at least once, in no particular order. A post is published once; <see cref="PostId"/> is the fact.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests)]
public sealed record PostPublished
{
    public required Guid PostId { get; init; }

    /// <summary>The version of the text that was released: 1 unless it was edited before.</summary>
    public required int Version { get; init; }

    /// <summary>Plain text, at most 500 characters.</summary>
    public required string Title { get; init; }

    /// <summary>Plain text of a few sentences, for a digest. Empty where there is none.</summary>
    public required string Summary { get; init; }

    /// <summary>The body, already cleaned; at most 1 MB. Links in it are absolute.</summary>
    public required string Html { get; init; }

    /// <summary>The body as plain text.</summary>
    public required string Text { get; init; }

    /// <summary>Where the post stands on the web.</summary>
    public required string Link { get; init; }

    /// <summary>Slugs of the lists it goes to; at least one.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>At once to all readers of its lists, whatever their frequency.</summary>
    public required bool Urgent { get; init; }

    /// <summary>When it was released here (UTC).</summary>
    public required DateTimeOffset ReleasedAt { get; init; }

    /// <summary>It goes to those who were subscribed at this revision of the audience, in the way they had chosen then.</summary>
    public required long AudienceRevision { get; init; }

    /// <summary>When its author dated it, if it came from elsewhere with a date (UTC).</summary>
    public DateTimeOffset? DatedAt { get; init; }

    /// <summary>Set on a post that came with the first reading of a feed: its readers hear of the whole backlog at once, see <see cref="BacklogPublished"/>.</summary>
    public Guid? BacklogId { get; init; }

    /// <summary>Where it stands among posts released at the same instant; higher is newer.</summary>
    public int Ordinal { get; init; }
}
