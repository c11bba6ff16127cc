namespace Alerts.Contracts;

/// <summary>An announced event doesn't take place.</summary>
/// <remarks>
/// <para>From Publishing, in the transaction that cancels it. To Notices (writes at once to those who were told) and Digests (leaves it out). To Publishing itself, which tells programs outside.</para>
/// <para>Arrives at least once, in no particular order, even before its <see cref="EventAnnounced"/>: a cancellation sticks.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests)]
public sealed record EventCancelled
{
    public required Guid EventId { get; init; }

    /// <summary>Higher than that of any announcement or change.</summary>
    public required int Version { get; init; }

    /// <summary>The event as it was last.</summary>
    public required EventDetails Event { get; init; }

    /// <summary>Why, in words for its readers. Empty when none was given.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was cancelled (UTC).</summary>
    public required DateTimeOffset ReleasedAt { get; init; }
}
