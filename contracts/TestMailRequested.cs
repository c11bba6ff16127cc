namespace Alerts.Contracts;

/// <summary>An editor wants to see a mail in her own mail program before its readers get it.</summary>
/// <remarks>
/// <para>From Publishing. To Delivery, which sends it to her account's address, beside the ledger.</para>
/// <para>Arrives at least once, in no particular order: <see cref="TestId"/> is the fact, and a repeat carries the same Message-ID.</para>
/// </remarks>
[TakenBy(Services.Delivery)]
public sealed record TestMailRequested
{
    public required Guid TestId { get; init; }

    /// <summary>Whose account it goes to the address of.</summary>
    public required Guid StaffId { get; init; }

    /// <summary>Slugs of the lists, for the headers that their mails carry.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    /// <summary>Plain text, one line.</summary>
    public required string Subject { get; init; }

    /// <summary>A whole HTML document, without holes.</summary>
    public required string Html { get; init; }

    /// <summary>The same in plain text.</summary>
    public required string Text { get; init; }

    /// <summary>The name in the From header; null: the common one.</summary>
    public string? SenderName { get; init; }

    /// <summary>After an hour it is of no use any more (UTC).</summary>
    public required DateTimeOffset RequestedAt { get; init; }
}
