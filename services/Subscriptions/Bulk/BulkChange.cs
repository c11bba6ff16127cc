using Alerts.Contracts;
using Alerts.ServiceDefaults.Staff;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Lists;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Subscriptions.Bulk;

/// <summary>What is done with many readers at once.</summary>
public enum BulkAction
{
    /// <summary>They hold a list. Who left it herself, isn't confirmed or is suppressed is passed over; who holds it keeps her frequency.</summary>
    Join,

    /// <summary>They no longer hold a list.</summary>
    Leave,

    /// <summary>They hold another list instead of the one they were found by, as often as that one. Who left the other herself stays where she is.</summary>
    Move,

    /// <summary>They hold the list as often as said; who doesn't hold it is passed over.</summary>
    Frequency,

    /// <summary>They are erased. It can't be undone.</summary>
    Erase,
}

public enum BulkState
{
    /// <summary>An admin is asked whether it is to be.</summary>
    Planned,
    Running,
    Done,

    /// <summary>Stopped by an admin; what was changed can be undone.</summary>
    Stopped,
    Undoing,
    Undone,
}

/// <summary>
/// A change to all readers that a search finds, page by page: each page is one <see cref="Audience.AudienceChange"/>, with the cursor and the counts in it, so that it is done
/// once, whatever is killed. Whom it changed is noted for a week, to be undone.
/// </summary>
public sealed class BulkChange
{
    /// <summary>So long it can be undone; then whom it changed is forgotten.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public required Guid Id { get; init; }

    public required BulkAction Action { get; init; }

    /// <summary>The slug of the list that is joined, left, moved to or held otherwise. Null: erase.</summary>
    public string? List { get; init; }

    /// <summary>How often, for <see cref="BulkAction.Join"/> and <see cref="BulkAction.Frequency"/>.</summary>
    public Frequency? Frequency { get; init; }

    /// <summary>Whom the search found, see <see cref="SubscriberFilter"/>.</summary>
    [Personal]
    public string? FoundByAddress { get; init; }

    public string? FoundByList { get; init; }

    public string? FoundByState { get; init; }

    public string? FoundByRegion { get; init; }

    /// <summary>How many readers the search found when it was planned.</summary>
    public required int Found { get; init; }

    public required string By { get; init; }

    public required BulkState State { get; set; }

    /// <summary>Readers who came later aren't meant.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last reader it has dealt with.</summary>
    public Guid After { get; private set; }

    public int Seen { get; private set; }

    public int Changed { get; private set; }

    /// <summary>Passed over, see <see cref="BulkAction"/>.</summary>
    public int KeptOut { get; private set; }

    public SubscriberFilter Filter() => new(FoundByAddress, FoundByList, FoundByState, FoundByRegion);

    public bool CanBeUndone => State is BulkState.Done or BulkState.Stopped && Action != BulkAction.Erase && Changed > 0;

    /// <summary>"put on city (daily)".</summary>
    public string InWords() => Action switch
    {
        BulkAction.Join => $"put on {List} ({Frequency?.Label()})",
        BulkAction.Leave => $"taken off {List}",
        BulkAction.Move => $"moved from {FoundByList} to {List}",
        BulkAction.Frequency => $"to hold {List} as: {Frequency?.Label()}",
        _ => "erased",
    };

    internal sealed class Mapping : IEntityTypeConfiguration<BulkChange>
    {
        public void Configure(EntityTypeBuilder<BulkChange> builder)
        {
            builder.ToTable("BulkChanges");
            builder.Property(b => b.Id).ValueGeneratedNever();
            builder.Property(b => b.Action).HasConversion<string>().HasMaxLength(20);
            builder.Property(b => b.List).HasMaxLength(MailingList.MaxSlug);
            builder.Property(b => b.Frequency).HasConversion<string>().HasMaxLength(20);
            builder.Property(b => b.FoundByAddress).HasMaxLength(EmailAddress.MaxLength);
            builder.Property(b => b.FoundByList).HasMaxLength(MailingList.MaxSlug);
            builder.Property(b => b.FoundByState).HasMaxLength(20);
            builder.Property(b => b.FoundByRegion).HasMaxLength(SubscriberDetails.MaxRegion);
            builder.Property(b => b.By).HasMaxLength(ConsentEntry.MaxBy);
            builder.Property(b => b.State).HasConversion<string>().HasMaxLength(20);
            builder.Ignore(b => b.CanBeUndone);
            builder.HasMany<BulkTouch>().WithOne().HasForeignKey(t => t.ChangeId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>That a bulk change changed a reader, and at which revision.</summary>
public sealed class BulkTouch
{
    public required Guid ChangeId { get; init; }

    public required Guid SubscriberId { get; init; }

    public required long Revision { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<BulkTouch>
    {
        public void Configure(EntityTypeBuilder<BulkTouch> builder)
        {
            builder.ToTable("BulkTouches");
            builder.HasKey(t => new { t.ChangeId, t.SubscriberId });
        }
    }
}
