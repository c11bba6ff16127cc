namespace Alerts.Contracts;

/// <summary>A service has recorded these messages together with what it did about them; the sender may forget them.</summary>
/// <remarks>
/// <para>From the taker to the sender's own queue, many ids a message. It may be lost or come twice: an untaken message is published again, and the taker answers again.</para>
/// <para>It isn't kept in an outbox and nobody answers it.</para>
/// </remarks>
public sealed record Taken
{
    /// <summary>At most 1,000 message ids.</summary>
    public required IReadOnlyList<Guid> MessageIds { get; init; }

    /// <summary>The one service that has taken them.</summary>
    public required Services Service { get; init; }
}
