namespace Alerts.Contracts;

/// <summary>An event was put on the calendar, and those it concerns should hear of it now.</summary>
/// <remarks>
/// <para>From Publishing, in the transaction that announces it. To Notices (writes at once to those in its regions) and Digests (upcoming events). To Publishing itself, which tells programs outside.</para>
/// <para>Arrives at least once, in no particular order: (<see cref="EventId"/>, <see cref="Version"/>) is the fact; whoever knows a higher version ignores this one's details.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests)]
public sealed record EventAnnounced
{
    public required Guid EventId { get; init; }

    /// <summary>Rises with each change and with the cancellation; the SEQUENCE of its calendar entry (RFC 5545 §3.8.7.4).</summary>
    public required int Version { get; init; }

    public required EventDetails Event { get; init; }

    /// <summary>When it was announced (UTC).</summary>
    public required DateTimeOffset ReleasedAt { get; init; }

    /// <summary>It is announced to those who were subscribed at this revision of the audience.</summary>
    public required long AudienceRevision { get; init; }
}
