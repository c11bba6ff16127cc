using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Publishing.Events;

/// <summary>Where an event stands. That it is over is told by the clock, see <see cref="Event.IsOver"/>.</summary>
public enum EventState
{
    Draft,

    /// <summary>Waits for <see cref="Event.PublishAt"/>.</summary>
    Scheduled,

    /// <summary>Its readers have been told, and are told of each change.</summary>
    Announced,

    /// <summary>It doesn't take place.</summary>
    Cancelled,
}

/// <summary>Something that happens at a time and a place, for the readers of its lists in its regions.</summary>
public sealed class Event
{
    /// <summary>In characters: of a place, a street, an organiser, a reason.</summary>
    public const int MaxLine = 300;

    /// <summary>In characters.</summary>
    public const int MaxReason = 1_000;

    public const int MaxRegions = 100;

    public const int MaxReminders = 5;

    public const int MaxCapacity = 1_000_000;

    public static readonly TimeSpan ShortestReminder = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan LongestReminder = TimeSpan.FromDays(60);

    /// <summary>From start to end.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When anything about it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    public string Title { get; private set; } = "";

    /// <summary>What the editor wrote. Null where HTML was given.</summary>
    public string? Markdown { get; private set; }

    /// <summary>The description, cleaned; links in it are absolute. May be empty.</summary>
    public string Html { get; private set; } = "";

    /// <summary>The description as plain text, made from <see cref="Html"/>.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Given by the editor, or the first sentences of the description. May be empty.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>UTC; on the minute in <see cref="Zone"/>.</summary>
    public DateTimeOffset StartsAt { get; private set; }

    /// <summary>UTC, after the start.</summary>
    public DateTimeOffset EndsAt { get; private set; }

    /// <summary>IANA zone id of the place.</summary>
    public string Zone { get; private set; } = "UTC";

    /// <summary>The name of the place. Null: online only.</summary>
    public string? Place { get; private set; }

    /// <summary>Street and town.</summary>
    public string? Street { get; private set; }

    /// <summary>Degrees north. Null together with <see cref="Longitude"/>.</summary>
    public double? Latitude { get; private set; }

    /// <summary>Degrees east.</summary>
    public double? Longitude { get; private set; }

    /// <summary>Where one can join or read more, beside its own page.</summary>
    public string? OnlineLink { get; private set; }

    public string? Organiser { get; private set; }

    /// <summary>How many can come. Null: no limit.</summary>
    public int? Capacity { get; private set; }

    /// <summary>Slugs of the regions it concerns; empty: everywhere.</summary>
    public List<string> Regions { get; private set; } = [];

    /// <summary>Slugs, at least one.</summary>
    public List<string> Lists { get; private set; } = [];

    /// <summary>ISO 8601 durations before the start, the longest first.</summary>
    public List<string> RemindBefore { get; private set; } = [];

    public bool RemindOnlyComing { get; private set; }

    public EventState State { get; private set; }

    /// <summary>Set while it is scheduled.</summary>
    public DateTimeOffset? PublishAt { get; private set; }

    /// <summary>Its time to be announced came when it had already begun, so it became a draft again: late news is worse than none.</summary>
    public bool Missed { get; private set; }

    /// <summary>Set for ever once it was announced.</summary>
    public DateTimeOffset? AnnouncedAt { get; private set; }

    /// <summary>When the latest <see cref="Version"/> was released.</summary>
    public DateTimeOffset? ReleasedAt { get; private set; }

    /// <summary>0 until it is announced as 1; rises with each change since, and with the cancellation.</summary>
    public int Version { get; private set; }

    /// <summary>Why it was cancelled, in words for its readers; may be empty.</summary>
    public string? Reason { get; private set; }

    /// <summary>Rises with each change of any kind; of two changes at once, one finds that it has moved on.</summary>
    public int Change { get; private set; }

    /// <summary>Who asked for it under which <c>Idempotency-Key</c>: the same request again is the same event.</summary>
    public string? RequestKey { get; init; }

    public bool IsOver(DateTimeOffset now) => State is EventState.Announced && EndsAt <= now;

    /// <summary>Sets what it is.</summary>
    /// <returns>False when it was that already; then nothing has changed.</returns>
    internal bool Write(EventContent content, DateTimeOffset now)
    {
        if (content.Says(EventContent.Of(this)))
        {
            return false;
        }

        (Title, Markdown, Html, Text, Summary, OnlineLink) = content.Words;
        (StartsAt, EndsAt, Zone) = (content.StartsAt, content.EndsAt, content.Zone);
        (Place, Street, Latitude, Longitude) = (content.Place, content.Street, content.Latitude, content.Longitude);
        (Organiser, Capacity) = (content.Organiser, content.Capacity);
        (Regions, Lists, RemindBefore, RemindOnlyComing) = ([.. content.Regions], [.. content.Lists], [.. content.RemindBefore], content.RemindOnlyComing);
        Touch(now);
        if (AnnouncedAt is not null)
        {
            (Version, ReleasedAt) = (Version + 1, now);
        }

        return true;
    }

    /// <summary>Sets when it is announced by itself; null makes it a draft. Does nothing to one that was announced or cancelled.</summary>
    public void Schedule(DateTimeOffset? at, DateTimeOffset now)
    {
        if (State is EventState.Draft or EventState.Scheduled)
        {
            (State, PublishAt, Missed) = (at is null ? EventState.Draft : EventState.Scheduled, at, false);
            Touch(now);
        }
    }

    /// <summary>Announces it to its readers.</summary>
    /// <returns>True once in its life: then they are to hear of it.</returns>
    public bool Announce(DateTimeOffset now)
    {
        if (State is EventState.Announced or EventState.Cancelled)
        {
            return false;
        }

        (State, PublishAt, Missed, AnnouncedAt, ReleasedAt, Version) = (EventState.Announced, null, false, now, now, 1);
        Touch(now);
        return true;
    }

    /// <summary>It began before its time to be announced was noticed.</summary>
    public void Miss(DateTimeOffset now)
    {
        Schedule(null, now);
        Missed = true;
    }

    /// <summary>Calls an announced event off.</summary>
    /// <returns>False when it was cancelled already.</returns>
    public bool Cancel(string reason, DateTimeOffset now)
    {
        if (State is not EventState.Announced)
        {
            return false;
        }

        (State, Reason, ReleasedAt, Version) = (EventState.Cancelled, reason, now, Version + 1);
        Touch(now);
        return true;
    }

    private void Touch(DateTimeOffset now)
    {
        UpdatedAt = now;
        Change++;
    }

    /// <summary>Its page, where readers find it.</summary>
    public string LinkOn(AlertsOptions site)
    {
        ArgumentNullException.ThrowIfNull(site);

        return site.Link($"/events/{Id}");
    }

    internal EventDetails ToDetails(AlertsOptions site) => EventContent.Of(this).ToDetails(LinkOn(site));

    internal EventAnnounced ToAnnounced(AlertsOptions site, long revision) =>
        new() { EventId = Id, Version = Version, Event = ToDetails(site), ReleasedAt = ReleasedAt!.Value, AudienceRevision = revision };

    internal EventChanged ToChanged(AlertsOptions site, IReadOnlyList<EventChange> changes, long revision) =>
        new() { EventId = Id, Version = Version, Event = ToDetails(site), Changes = changes, ReleasedAt = ReleasedAt!.Value, AudienceRevision = revision };

    internal EventCancelled ToCancelled(AlertsOptions site) =>
        new() { EventId = Id, Version = Version, Event = ToDetails(site), Reason = Reason ?? "", ReleasedAt = ReleasedAt!.Value };

    internal sealed class Mapping : IEntityTypeConfiguration<Event>
    {
        public void Configure(EntityTypeBuilder<Event> builder)
        {
            builder.ToTable("Events");
            builder.Property(e => e.Id).ValueGeneratedNever();
            builder.Property(e => e.Title).HasMaxLength(Post.MaxTitle);
            builder.Property(e => e.Summary).HasMaxLength(Post.MaxSummary);
            builder.Property(e => e.Zone).HasMaxLength(100);
            builder.Property(e => e.Place).HasMaxLength(MaxLine);
            builder.Property(e => e.Street).HasMaxLength(MaxLine);
            builder.Property(e => e.Organiser).HasMaxLength(MaxLine);
            builder.Property(e => e.OnlineLink).HasMaxLength(Post.MaxLink);
            builder.Property(e => e.Reason).HasMaxLength(MaxReason);
            builder.Property(e => e.State).HasConversion<string>().HasMaxLength(10);
            builder.Property(e => e.RequestKey).HasMaxLength(400);

            // Two editors, or an editor and the clock, change it at once: one of them finds that it has moved on.
            builder.Property(e => e.Change).IsConcurrencyToken();
            builder.HasIndex(e => e.RequestKey).IsUnique();
            builder.HasIndex(e => new { e.State, e.PublishAt });
            builder.HasIndex(e => new { e.State, e.StartsAt });
        }
    }
}
