using Alerts.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Consent;

/// <summary>What happened.</summary>
public enum ConsentEvent
{
    /// <summary>Somebody gave the address and asked for a list; its owner hasn't said yes.</summary>
    Asked,

    /// <summary>She said yes by the link in the confirmation mail.</summary>
    Confirmed,

    /// <summary>She holds a list from now on.</summary>
    Joined,

    /// <summary>She holds a list with another frequency.</summary>
    Changed,

    /// <summary>She no longer holds a list, or what was asked for was taken back.</summary>
    Left,
    Paused,
    Resumed,

    /// <summary>She wants notices about events (again).</summary>
    AllowedEvents,

    /// <summary>No notices about events any more.</summary>
    RefusedEvents,

    /// <summary>Urgent posts may reach her at once (again).</summary>
    AllowedUrgent,

    /// <summary>Urgent posts no longer reach her at once.</summary>
    RefusedUrgent,

    /// <summary>She is written to at another address.</summary>
    Moved,

    /// <summary>No more mail: the address bounced, or she complained.</summary>
    Suppressed,

    /// <summary>Mail again.</summary>
    Lifted,
    Erased,
}

/// <summary>By which way it came.</summary>
public enum ConsentMeans
{
    /// <summary>The sign-up form.</summary>
    Form,

    /// <summary>A link in a mail.</summary>
    Link,

    /// <summary>The preferences page.</summary>
    Preferences,

    /// <summary>A file that an admin imported.</summary>
    Import,

    /// <summary>An admin, on a page.</summary>
    Admin,

    /// <summary>The API, with a key.</summary>
    Api,

    /// <summary>Alerts itself, such as after a bounce.</summary>
    System,
}

/// <summary>Who or what makes a change: noted beside everything that follows from it.</summary>
/// <param name="By">Who of the staff, the name of a key, or of a file. Null: the reader herself.</param>
/// <param name="Wording">The version of the words she said yes to. Null where there were none.</param>
public sealed record ConsentSource(ConsentMeans Means, string? By = null, string? Wording = null)
{
    /// <summary>The version of the words on the sign-up page and in the confirmation mail. Raise it when their meaning changes.</summary>
    public const string CurrentWording = "2026-11";

    public static ConsentSource SignUp { get; } = new(ConsentMeans.Form, Wording: CurrentWording);

    public static ConsentSource Link { get; } = new(ConsentMeans.Link, Wording: CurrentWording);

    public static ConsentSource Preferences { get; } = new(ConsentMeans.Preferences, Wording: CurrentWording);
}

/// <summary>
/// A line of a reader's record: what she agreed to and what she took back, when, and how (GDPR art. 7 (1): to be able to demonstrate consent). Lines are added, never
/// changed, in the transaction of what they tell of; they go when she is erased.
/// </summary>
public sealed class ConsentEntry
{
    public const int MaxBy = 254;
    public const int MaxWording = 50;

    public required Guid SubscriberId { get; init; }

    /// <summary>The revision of the change it belongs to.</summary>
    public required long Revision { get; init; }

    /// <summary>Its place among the lines of that change.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required ConsentEvent What { get; init; }

    /// <summary>The list's slug, where it is about one.</summary>
    public string? List { get; init; }

    public Frequency? Frequency { get; init; }

    public required ConsentMeans Means { get; init; }

    /// <summary>See <see cref="ConsentSource"/>.</summary>
    public string? By { get; init; }

    public string? Wording { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ConsentEntry>
    {
        public void Configure(EntityTypeBuilder<ConsentEntry> builder)
        {
            builder.ToTable("Consents");
            builder.HasKey(c => new { c.SubscriberId, c.Revision, c.Number });
            builder.Property(c => c.What).HasConversion<string>().HasMaxLength(20);
            builder.Property(c => c.Means).HasConversion<string>().HasMaxLength(20);
            builder.Property(c => c.List).HasMaxLength(Lists.MailingList.MaxSlug);
            builder.Property(c => c.By).HasMaxLength(MaxBy);
            builder.Property(c => c.Wording).HasMaxLength(MaxWording);
        }
    }
}
