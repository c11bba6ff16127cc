namespace Alerts.Contracts;

/// <summary>A mailing was called off: what hasn't been handed over stays unsent.</summary>
/// <remarks>
/// <para>From Delivery (a person called it off) or from the mailing's maker (the post was withdrawn). To Delivery, which cancels the deliveries, and to the makers, which stop fanning out.</para>
/// <para>Arrives at least once, in no particular order; a cancellation that comes first sticks.</para>
/// </remarks>
[TakenBy(Services.Delivery | Services.Notices | Services.Digests | Services.Subscriptions)]
public sealed record MailingCancelled
{
    public required Guid MailingId { get; init; }

    /// <summary>The staff account or API key, or the service.</summary>
    public required string By { get; init; }

    public required string Why { get; init; }

    public required DateTimeOffset CancelledAt { get; init; }
}
