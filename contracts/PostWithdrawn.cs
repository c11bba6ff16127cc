namespace Alerts.Contracts;

/// <summary>A published post was taken back: nobody who hasn't been sent it gets it.</summary>
/// <remarks>
/// <para>From Publishing. To Digests (a post not cut yet is left out) and Notices (the rest of its mailing is cancelled). To Publishing itself, which tells programs outside.</para>
/// <para>Arrives at least once, in no particular order, even before its <see cref="PostPublished"/>: a withdrawal sticks.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests)]
public sealed record PostWithdrawn
{
    public required Guid PostId { get; init; }

    /// <summary>The last version there was.</summary>
    public required int Version { get; init; }

    /// <summary>When it was taken back (UTC). Null in messages from before this was told.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }
}
