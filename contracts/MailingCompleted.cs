namespace Alerts.Contracts;

/// <summary>A mailing is sealed and every delivery of it has ended.</summary>
/// <remarks>
/// <para>From Delivery, once a mailing. To whoever made it or caused it.</para>
/// <para>Arrives at least once. The counts add up to <see cref="Recipients"/>.</para>
/// </remarks>
[TakenBy(Services.Publishing | Services.Notices | Services.Digests | Services.Subscriptions)]
public sealed record MailingCompleted
{
    public required Guid MailingId { get; init; }

    public required string Cause { get; init; }

    public required long Recipients { get; init; }

    /// <summary>Deliveries by the state they ended in: accepted, bounced, suppressed, unsubscribed, expired, cancelled.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>When the first and the last mail were handed over (UTC). Null when none was.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    public DateTimeOffset? LastAt { get; init; }
}
