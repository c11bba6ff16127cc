namespace Alerts.Contracts;

/// <summary>A mailing has all its batches; these totals close its books.</summary>
/// <remarks>
/// <para>From Notices, Digests or Subscriptions, in the transaction of the last page. To Delivery.</para>
/// <para>Arrives at least once, in no particular order, even before batches it counts. <c>Candidates = Recipients + the sum of Excluded</c>, always.</para>
/// </remarks>
[TakenBy(Services.Delivery)]
public sealed record MailingSealed
{
    public required Guid MailingId { get; init; }

    /// <summary>How many <see cref="RecipientsAdded"/> belong to it.</summary>
    public required int Batches { get; init; }

    /// <summary>How many readers these batches hold.</summary>
    public required long Recipients { get; init; }

    /// <summary>How many readers the mailing concerned when they were selected.</summary>
    public required long Candidates { get; init; }

    /// <summary>How many of the candidates were left out, by reason; see <see cref="Exclusion"/>.</summary>
    public required IReadOnlyDictionary<string, long> Excluded { get; init; }
}
