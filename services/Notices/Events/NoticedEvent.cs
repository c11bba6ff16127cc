using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Notices.Events;

/// <summary>A notice about an event that is due now.</summary>
public enum Notice
{
    Announcement,
    Change,
    Cancellation,
}

/// <summary>
/// What Notices has heard of an event, in whatever order, and what it has told its readers of it: the rules of what is to be told next. One row an event. The highest
/// version wins; a cancellation sticks.
/// </summary>
public sealed class NoticedEvent
{
    /// <summary>Changes that follow each other are waited for, but not for ever: for at most so many times the wait for one.</summary>
    private const int LongestWait = 5;

    public required Guid EventId { get; init; }

    /// <summary>The highest version heard of; see <see cref="EventAnnounced.Version"/>.</summary>
    public int Version { get; private set; }

    /// <summary>The event in that version.</summary>
    public EventDetails Event { get; private set; } = Nothing;

    /// <summary>Of <see cref="Event"/>, to be found by.</summary>
    public DateTimeOffset EndsAt { get; private set; }

    /// <summary>When that version was released.</summary>
    public DateTimeOffset ReleasedAt { get; private set; }

    /// <summary>The audience's revision when the event was announced, or last changed.</summary>
    public long AudienceRevision { get; private set; }

    /// <summary>Its announcement was heard of: before that nothing is told.</summary>
    public bool Announced { get; private set; }

    /// <summary>The highest version in which something changed that readers are to be told of.</summary>
    public int NewsVersion { get; private set; }

    /// <summary>The version that readers were told last. 0: none.</summary>
    public int ToldVersion { get; private set; }

    /// <summary>The event as they were told it. Null: not yet.</summary>
    public EventDetails? Told { get; private set; }

    /// <summary>The mailing that announced it.</summary>
    public Guid? AnnouncementId { get; private set; }

    /// <summary>All lists it was ever on: who was told as a reader of one of them hears how it goes on.</summary>
    public List<string> Lists { get; private set; } = [];

    public bool Cancelled { get; private set; }

    /// <summary>Why it was cancelled; may be empty.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Since when there is a change that wasn't told.</summary>
    public DateTimeOffset? ChangedSince { get; private set; }

    /// <summary>When something is to be told. Null: nothing.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Raised by each change: of two that are made at the same moment one is tried again and sees the other.</summary>
    public int Changes { get; private set; }

    private static EventDetails Nothing { get; } = new()
    {
        Title = "",
        Summary = "",
        Html = "",
        Text = "",
        Link = "",
        StartsAt = default,
        EndsAt = default,
        Zone = "UTC",
        Regions = [],
        Lists = [],
        RemindBefore = [],
    };

    public void Hear(EventAnnounced announced, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(announced);

        Changes++;
        Announced = true;
        Lists = [.. Lists.Union(announced.Event.Lists)];
        if (announced.Version > Version)
        {
            Take(announced.Version, announced.Event, announced.ReleasedAt);
            AudienceRevision = announced.AudienceRevision;
        }

        if (ToldVersion == 0)
        {
            DueAt = now;
        }
    }

    /// <param name="wait">How long a change is kept, so that another one that follows goes with it.</param>
    public void Hear(EventChanged changed, DateTimeOffset now, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(changed);

        Changes++;
        Lists = [.. Lists.Union(changed.Event.Lists)];
        if (changed.Changes.Count > 0)
        {
            NewsVersion = Math.Max(NewsVersion, changed.Version);
        }

        if (changed.Version > Version)
        {
            Take(changed.Version, changed.Event, changed.ReleasedAt);
            AudienceRevision = changed.AudienceRevision;
        }

        if (Cancelled)
        {
            return;
        }

        if (ToldVersion == 0)
        {
            // Announced late, or moved to where it can be announced after all.
            DueAt = now;
        }
        else if (NewsVersion > ToldVersion)
        {
            ChangedSince ??= now;
            DueAt = Earlier(now + wait, ChangedSince.Value + (LongestWait * wait));
        }
    }

    public void Hear(EventCancelled cancelled, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(cancelled);

        if (Cancelled)
        {
            return;
        }

        Changes++;
        Cancelled = true;
        Reason = cancelled.Reason;
        Lists = [.. Lists.Union(cancelled.Event.Lists)];

        // Higher than any other, whatever overtook it.
        Take(Math.Max(cancelled.Version, Version), cancelled.Event, cancelled.ReleasedAt);
        DueAt = now;
    }

    /// <summary>What is to be told now; null when nothing is, or nothing any more.</summary>
    public Notice? Due(DateTimeOffset now)
    {
        if (DueAt is null || DueAt > now)
        {
            return null;
        }

        if (Cancelled)
        {
            // Even if we announced nothing: a digest may have.
            return now < EndsAt ? Notice.Cancellation : null;
        }

        if (!Announced)
        {
            return null;
        }

        if (ToldVersion == 0)
        {
            return now < Event.StartsAt ? Notice.Announcement : null;
        }

        return NewsVersion > ToldVersion && now < EndsAt && EventDifferences.Between(Told!, Event).Any ? Notice.Change : null;
    }

    /// <summary>Something is waiting to be told which a reminder must not overtake.</summary>
    public bool HasNews => DueAt is not null && !Cancelled && ToldVersion > 0;

    /// <summary>What waits is told now.</summary>
    public void Hurry(DateTimeOffset now)
    {
        if (DueAt > now)
        {
            Changes++;
            DueAt = now;
        }
    }

    /// <summary>What was due has been told, or isn't worth telling.</summary>
    /// <param name="notice">What was told. Null: nothing.</param>
    /// <param name="mailingId">By which mailing.</param>
    public void Settle(Notice? notice, Guid? mailingId)
    {
        Changes++;
        DueAt = null;
        ChangedSince = null;
        if (notice is null)
        {
            return;
        }

        ToldVersion = Version;
        Told = Event;
        if (notice == Notice.Announcement)
        {
            AnnouncementId = mailingId;
        }
    }

    /// <summary>
    /// When readers are to be reminded of it, by how long before the start: nothing once it is cancelled, and nothing that is past. <c>P1D</c> is the same time of the day
    /// before, whatever the clocks do between; <c>PT24H</c> is 24 hours.
    /// </summary>
    public IEnumerable<(string Before, DateTimeOffset DueAt)> Reminders(DateTimeOffset now) => Cancelled || !Announced || Event.StartsAt <= now
        ? []
        : Event.RemindBefore.Distinct().Select(before => (Before: before, DueAt: Reminder.DueBefore(Event, before))).Where(r => r.DueAt < Event.StartsAt);

    private void Take(int version, EventDetails details, DateTimeOffset releasedAt)
    {
        Version = version;
        Event = details;
        EndsAt = details.EndsAt;
        ReleasedAt = releasedAt;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    internal sealed class Mapping : IEntityTypeConfiguration<NoticedEvent>
    {
        public void Configure(EntityTypeBuilder<NoticedEvent> builder)
        {
            builder.ToTable("Events");
            builder.HasKey(e => e.EventId);
            builder.Property(e => e.Changes).IsConcurrencyToken();
            builder.Property(e => e.Event).IsJson();
            builder.Property(e => e.Told!).IsJson();
            builder.Property(e => e.Lists).IsJson();
            builder.Ignore(e => e.HasNews);
            builder.HasIndex(e => e.DueAt);
            builder.HasIndex(e => e.EndsAt);
        }
    }
}
