namespace Alerts.Contracts;

/// <summary>An announced event was changed, and those who were told of it should hear.</summary>
/// <remarks>
/// <para>From Publishing, in the transaction of the change. To Notices (writes to those who were told) and Digests (upcoming events). To Publishing itself, which tells programs outside.</para>
/// <para>Arrives at least once, in no particular order, even before its <see cref="EventAnnounced"/>: the highest version wins.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests)]
public sealed record EventChanged
{
    public required Guid EventId { get; init; }

    /// <summary>See <see cref="EventAnnounced.Version"/>.</summary>
    public required int Version { get; init; }

    /// <summary>The event as it is now.</summary>
    public required EventDetails Event { get; init; }

    /// <summary>What differs from the version before. Empty when nothing that readers need to be told of by mail.</summary>
    public required IReadOnlyList<EventChange> Changes { get; init; }

    /// <summary>When it was changed (UTC).</summary>
    public required DateTimeOffset ReleasedAt { get; init; }

    /// <summary>The audience's revision at the change.</summary>
    public required long AudienceRevision { get; init; }
}
