namespace Alerts.Contracts;

/// <summary>One content for many readers is ready; who gets it follows in <see cref="RecipientsAdded"/>.</summary>
/// <remarks>
/// <para>From Notices, Digests or Subscriptions. To Delivery. At most 256 KB as JSON.</para>
/// <para>Arrives at least once, in no particular order, even after its batches: <see cref="MailingId"/> is the fact and its content never changes.</para>
/// </remarks>
[TakenBy(Services.Delivery)]
public sealed record MailingPrepared
{
    /// <summary>UUIDv5 of <see cref="Cause"/>, so that what follows twice from one cause is one mailing.</summary>
    public required Guid MailingId { get; init; }

    /// <summary>What it follows from, such as <c>post/{id}/{version}/immediate</c> or <c>cut/{id}/{edition}</c>.</summary>
    public required string Cause { get; init; }

    /// <summary>One of <see cref="MailingKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>One of <see cref="MailingPriority"/>.</summary>
    public required string Priority { get; init; }

    /// <summary>Slugs of the lists; a recipient must still hold one of them when her mail leaves. Empty for transactional mail, which carries no list headers.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    /// <summary>Plain text, one line.</summary>
    public required string Subject { get; init; }

    /// <summary>A whole HTML document, with <see cref="Hole"/>s where readers differ.</summary>
    public required string Html { get; init; }

    /// <summary>The same in plain text, with the same <see cref="Hole"/>s.</summary>
    public required string Text { get; init; }

    /// <summary>The name in the From header, one line of at most 100 characters; null: the common one.</summary>
    public string? SenderName { get; init; }

    public required DateTimeOffset PreparedAt { get; init; }

    /// <summary>When what it tells was released, from which its speed is measured (UTC).</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    /// <summary>The cut, backlog or event it belongs to: mailings of one group are shown together.</summary>
    public Guid? GroupId { get; init; }

    /// <summary>An iCalendar object that goes along as a calendar part. Null where there is none.</summary>
    public string? Calendar { get; init; }

    /// <summary>Past this instant nothing more of it is handed over (UTC). Null: it keeps.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The events, in the version that it has them, of which whoever gets this mailing has been told. Null where there are none.</summary>
    public IReadOnlyList<ToldEvent>? Tells { get; init; }

    /// <summary>
    /// The event that this reminds of, or of whose change or cancellation it tells: once the maker's own batches are there, Delivery adds whoever was told of the event to the recipients,
    /// from its own ledger. A change or a cancellation first stops the earlier notices of that event. Null for all other mail.
    /// </summary>
    public Guid? ToThoseTold { get; init; }

    /// <summary>
    /// For whoever <see cref="Recipient.Attends"/>, in place of <see cref="Calendar"/>: an invitation with herself in it, at <see cref="Hole.Address"/>. Null: the same for all.
    /// </summary>
    public string? AttendeeCalendar { get; init; }
}

/// <summary>An event that a mailing tells of.</summary>
/// <param name="Version">See <see cref="EventAnnounced.Version"/>.</param>
/// <param name="EndsAt">When the event ends (UTC), as the mailing tells it: who was told is known until 30 days after. Null: as long as other mail.</param>
public sealed record ToldEvent(Guid EventId, int Version, DateTimeOffset? EndsAt = null);

/// <summary>What a mailing is, for its readers.</summary>
public static class MailingKind
{
    public const string Post = "post";
    public const string Digest = "digest";
    public const string Confirmation = "confirmation";

    /// <summary>An event is announced.</summary>
    public const string Announcement = "announcement";

    /// <summary>An event begins soon.</summary>
    public const string Reminder = "reminder";

    /// <summary>An event was changed.</summary>
    public const string Change = "change";

    /// <summary>An event was cancelled.</summary>
    public const string Cancellation = "cancellation";

    /// <summary>A reader said that she comes to an event, and here is its entry for her calendar.</summary>
    public const string Invitation = "invitation";
}

/// <summary>Which lane a mailing takes: urgent overtakes normal, normal overtakes bulk.</summary>
public static class MailingPriority
{
    public const string Urgent = "urgent";
    public const string Normal = "normal";
    public const string Bulk = "bulk";
}

/// <summary>
/// The places in a mailing's HTML and text that Delivery fills for each reader. A hole is written as it stands here; its characters survive HTML encoding,
/// URL attributes and Liquid untouched, and occur in no natural text.
/// </summary>
public static class Hole
{
    /// <summary>The page to leave (GET shows it, POST leaves).</summary>
    public const string UnsubscribeUrl = "alerts-hole-unsubscribe-url";

    /// <summary>The reader's preferences page.</summary>
    public const string PreferencesUrl = "alerts-hole-preferences-url";

    /// <summary>The link that confirms a subscription or a new address.</summary>
    public const string ConfirmUrl = "alerts-hole-confirm-url";

    /// <summary>The reader's name, or empty.</summary>
    public const string Name = "alerts-hole-name";

    /// <summary>The page on which the reader says whether she comes to the event that the mailing's group is; <c>?answer=coming</c> behind it says it beforehand.</summary>
    public const string AnswerUrl = "alerts-hole-answer-url";

    /// <summary>The reader's address, only in a calendar, behind <c>mailto:</c>.</summary>
    public const string Address = "alerts-hole-address";

    /// <summary>All holes; a text that holds none of these is the same for every reader.</summary>
    public static IReadOnlyList<string> All { get; } = [UnsubscribeUrl, PreferencesUrl, ConfirmUrl, Name, AnswerUrl, Address];
}
