namespace Alerts.Contracts;

/// <summary>The text of a published post was changed: a digest not cut yet shows the new text. A mail of its own only where <see cref="Mail"/>.</summary>
/// <remarks>
/// <para>From Publishing. To Digests (a post not cut yet) and Notices (a notice not prepared yet). To Publishing itself, which tells programs outside.</para>
/// <para>Arrives at least once, in no particular order, even before its <see cref="PostPublished"/>: the highest version wins.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests)]
public sealed record PostCorrected
{
    public required Guid PostId { get; init; }

    /// <summary>Rises with each correction.</summary>
    public required int Version { get; init; }

    public required string Title { get; init; }

    public required string Summary { get; init; }

    public required string Html { get; init; }

    public required string Text { get; init; }

    public required string Link { get; init; }

    /// <summary>Those who got the post at once get a mail that says what is right.</summary>
    public bool Mail { get; init; }

    /// <summary>When it was corrected (UTC). Null in messages from before this was told.</summary>
    public DateTimeOffset? CorrectedAt { get; init; }
}
