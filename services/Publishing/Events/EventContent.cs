using Alerts.Contracts;
using Alerts.Mailings.Calendar;
using Alerts.Publishing.Posts;

namespace Alerts.Publishing.Events;

/// <summary>What an event is, whatever has become of it: all that an editor decides.</summary>
/// <param name="Words">Title, description and link, as those of a post.</param>
internal sealed record EventContent(
    PostContent Words, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Zone, string? Place, string? Street, double? Latitude, double? Longitude,
    string? Organiser, int? Capacity, IReadOnlyList<string> Regions, IReadOnlyList<string> Lists, IReadOnlyList<string> RemindBefore, bool RemindOnlyComing)
{
    public static EventContent Of(Event now) => new(
        new PostContent(now.Title, now.Markdown, now.Html, now.Text, now.Summary, now.OnlineLink), now.StartsAt, now.EndsAt, now.Zone, now.Place, now.Street,
        now.Latitude, now.Longitude, now.Organiser, now.Capacity, now.Regions, now.Lists, now.RemindBefore, now.RemindOnlyComing);

    /// <summary>Whether the other one is the same in all.</summary>
    public bool Says(EventContent other) =>
        Regions.SequenceEqual(other.Regions) && Lists.SequenceEqual(other.Lists) && RemindBefore.SequenceEqual(other.RemindBefore)
        && this == other with { Regions = Regions, Lists = Lists, RemindBefore = RemindBefore };

    public string When(DateTimeOffset now) => EventTime.InEnglish(StartsAt, EndsAt, Zone, now);

    /// <summary>What readers who knew it as <paramref name="before"/> need to be told, in words.</summary>
    /// <param name="quiet">Leaves out all but time and place, of which they are always told.</param>
    public IReadOnlyList<EventChange> ChangesSince(EventContent before, bool quiet, DateTimeOffset now)
    {
        var changes = new List<EventChange>();
        if (!quiet)
        {
            Add(EventChange.Title, before.Words.Title, Words.Title);
        }

        // The hours are told from start to end whichever of them moved.
        if (StartsAt != before.StartsAt || Zone != before.Zone)
        {
            Add(EventChange.Start, before.When(now), When(now));
        }
        else if (EndsAt != before.EndsAt)
        {
            Add(EventChange.End, before.When(now), When(now));
        }

        Add(EventChange.Place, before.Where, Where);
        if (!quiet)
        {
            if (before.Words.Html != Words.Html)
            {
                changes.Add(new EventChange(EventChange.Description, "", ""));
            }

            Add(EventChange.Online, before.Words.Link ?? "", Words.Link ?? "");
        }

        return changes;

        void Add(string what, string was, string @is)
        {
            if (was != @is)
            {
                changes.Add(new EventChange(what, was, @is));
            }
        }
    }

    /// <summary>The place in one line; empty when it takes place online only.</summary>
    public string Where => string.Join(", ", new[] { Place, Street }.OfType<string>());

    /// <param name="link">Its page.</param>
    public EventDetails ToDetails(string link) => new()
    {
        Title = Words.Title,
        Summary = Words.Summary,
        Html = Words.Html,
        Text = Words.Text,
        Link = link,
        StartsAt = StartsAt,
        EndsAt = EndsAt,
        Zone = Zone,
        Place = Place,
        Street = Street,
        Latitude = Latitude,
        Longitude = Longitude,
        OnlineLink = Words.Link,
        Organiser = Organiser,
        Capacity = Capacity,
        Regions = Regions,
        Lists = Lists,
        RemindBefore = RemindBefore,
        RemindOnlyComing = RemindOnlyComing,
    };
}
