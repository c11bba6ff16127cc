using System.Text.Json.Serialization;

namespace Alerts.Contracts;

/// <summary>A page of readers was selected for a mailing.</summary>
/// <remarks>
/// <para>From Notices, Digests or Subscriptions, in the transaction that records the page. To Delivery.</para>
/// <para>Arrives at least once, in no particular order, even before its <see cref="MailingPrepared"/>: (<see cref="MailingId"/>, <see cref="Batch"/>) is the fact.</para>
/// </remarks>
[TakenBy(Services.Delivery)]
public sealed record RecipientsAdded
{
    public required Guid MailingId { get; init; }

    /// <summary>The batch's number within its mailing, from 1. Numbers may have gaps.</summary>
    public required int Batch { get; init; }

    /// <summary>1 to 500 readers, each in one batch of the mailing only; but for notices about events, where whoever comes twice counts once, and as excluded beside.</summary>
    public required IReadOnlyList<Recipient> Recipients { get; init; }
}

/// <summary>One reader of a batch. Her address isn't here: Delivery asks for it just before the mail leaves.</summary>
public sealed record Recipient
{
    public required Guid SubscriberId { get; init; }

    /// <summary>What fills <see cref="Hole.Name"/>. Null: empty.</summary>
    public string? Name { get; init; }

    /// <summary>Only for the confirmation of a new address: the address to write to. Null for all other mail.</summary>
    public string? Address { get; init; }

    /// <summary>She has said that she comes to the event, so she gets <see cref="MailingPrepared.AttendeeCalendar"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Attends { get; init; }
}
