namespace Alerts.Contracts;

/// <summary>Readers were erased: whatever is known of them beside their ids is to be forgotten.</summary>
/// <remarks>
/// <para>From Subscriptions, in the transaction that erases them. To Delivery, whose ledger has their names, and Notices, which has their answers. (Digests learns their new rows by following the audience, and
/// keeps nothing else.)</para>
/// <para>Arrives at least once, in no particular order; forgetting twice is the same as once.</para>
/// </remarks>
[TakenBy(Services.Delivery | Services.Notices)]
public sealed record SubscribersErased
{
    /// <summary>1 to 500 readers.</summary>
    public required IReadOnlyList<Guid> SubscriberIds { get; init; }
}
