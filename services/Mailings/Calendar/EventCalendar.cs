using System.Net.Mail;
using Alerts.Contracts;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using NodaTime;
using NodaTime.Extensions;
using Duration = NodaTime.Duration;

namespace Alerts.Mailings.Calendar;

/// <summary>
/// Events as calendars read them (iCalendar, RFC 5545; iTIP, RFC 5546). The UID of an event never changes and its SEQUENCE is its version, so that a calendar replaces
/// what it had; times carry the zone of the place, whose rules come along.
/// </summary>
public static class EventCalendar
{
    /// <summary>The type of a calendar file or mail part, but for its method.</summary>
    public const string MediaType = "text/calendar";

    private const string Product = "-//Alerts//Alerts//EN";

    /// <summary>An event for whoever wants it in a calendar (RFC 5546 §3.2.1).</summary>
    /// <param name="host">The name after the @ of its UID: that of the site.</param>
    public static string Publish(CalendarEntry entry, string host) => Of(CalendarMethods.Publish, null, null, [(entry, EventStatus.Confirmed)], host);

    /// <summary>Takes a published event back.</summary>
    /// <inheritdoc cref="Publish"/>
    public static string Cancel(CalendarEntry entry, string host) => Of(CalendarMethods.Cancel, null, null, [(entry, EventStatus.Cancelled)], host);

    /// <summary>
    /// An event for one who has said that she comes: an invitation that she has accepted (RFC 5546 §3.2.2) or, once cancelled, the word that it is off (§3.2.5). Several calendars
    /// honour a later cancellation only of such a one.
    /// </summary>
    /// <param name="from">Who invites, as in a mail's From header.</param>
    /// <param name="attendee">Her address; or the <see cref="Hole"/> for it, which stands at the end of its line.</param>
    /// <inheritdoc cref="Publish"/>
    public static string Invite(CalendarEntry entry, string host, string from, string attendee)
    {
        ArgumentNullException.ThrowIfNull(entry);

        var sender = new MailAddress(from);
        var organiser = new Organizer($"mailto:{sender.Address}") { CommonName = entry.Event.Organiser is { Length: > 0 } name ? name : sender.DisplayName };
        var (method, status) = entry.Cancelled ? (CalendarMethods.Cancel, EventStatus.Cancelled) : (CalendarMethods.Request, EventStatus.Confirmed);
        var calendar = Of(method, null, null, [(entry, status)], host, organiser);

        // By hand, so that the line is folded before her address and not within it.
        const string begin = "BEGIN:VEVENT\r\n";
        return calendar.Insert(calendar.IndexOf(begin, StringComparison.Ordinal) + begin.Length, $"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:\r\n mailto:{attendee}\r\n");
    }

    /// <summary>Many events as a calendar to follow; cancelled ones stay in it as such, so that they disappear from or are struck out in whoever follows it.</summary>
    /// <param name="about">A sentence; may be empty.</param>
    /// <inheritdoc cref="Publish"/>
    public static string Feed(string name, string about, IEnumerable<CalendarEntry> entries, string host)
    {
        ArgumentNullException.ThrowIfNull(entries);

        return Of(CalendarMethods.Publish, name, about, entries.Select(entry => (entry, entry.Cancelled ? EventStatus.Cancelled : EventStatus.Confirmed)), host);
    }

    /// <summary>Stays the same for the life of an event (RFC 5545 §3.8.4.7).</summary>
    public static string Uid(Guid eventId, string host) => $"{eventId}@{host}";

    private static string Of(string method, string? name, string? about, IEnumerable<(CalendarEntry Entry, string Status)> entries, string host, Organizer? organiser = null)
    {
        var calendar = new Ical.Net.Calendar { ProductId = Product, Method = method };
        if (name is not null)
        {
            // RFC 7986 §5.1; what many calendars read instead.
            calendar.AddProperty("NAME", name);
            calendar.AddProperty("X-WR-CALNAME", name);
            if (about is { Length: > 0 })
            {
                calendar.AddProperty("DESCRIPTION", about);
                calendar.AddProperty("X-WR-CALDESC", about);
            }

            // RFC 7986 §5.7: how often to look again.
            calendar.AddProperty(new CalendarProperty("REFRESH-INTERVAL", "PT1H") { Parameters = { new CalendarParameter("VALUE", "DURATION") } });
            calendar.AddProperty("X-PUBLISHED-TTL", "PT1H");
        }

        var spans = new Dictionary<string, (Instant First, Instant Last)>(StringComparer.Ordinal);
        foreach (var (entry, status) in entries)
        {
            calendar.Events.Add(Event(entry, status, host, organiser));
            var (first, last) = (entry.Event.StartsAt.ToInstant(), entry.Event.EndsAt.ToInstant());
            var span = spans.GetValueOrDefault(entry.Event.Zone, (First: first, Last: last));
            spans[entry.Event.Zone] = (Instant.Min(span.First, first), Instant.Max(span.Last, last));
        }

        foreach (var (zone, (first, last)) in spans.Where(each => !IsUtc(each.Key)))
        {
            calendar.AddTimeZone(Rules(zone, first, last));
        }

        return new CalendarSerializer().SerializeToString(calendar)!;
    }

    /// <summary>
    /// What the clocks of a zone show from the first instant to the last: each stretch as tzdb has it (RFC 5545 §3.6.5), not a rule guessed from the past, which is wrong where clocks
    /// follow Ramadan.
    /// </summary>
    private static VTimeZone Rules(string id, Instant first, Instant last)
    {
        var zone = EventTime.Zone(id);
        var rules = new VTimeZone(id);
        foreach (var stretch in zone.GetZoneIntervals(first, last + Duration.Epsilon))
        {
            var from = stretch.HasStart ? zone.GetUtcOffset(stretch.Start - Duration.Epsilon) : stretch.WallOffset;
            var begins = stretch.HasStart ? stretch.Start.WithOffset(from).LocalDateTime : new LocalDateTime(1970, 1, 1, 0, 0);
            rules.AddChild(new VTimeZoneInfo(stretch.Savings > Offset.Zero ? Components.Daylight : Components.Standard)
            {
                Start = new CalDateTime(begins.ToDateTimeUnspecified()),
                OffsetFrom = new UtcOffset(from.ToTimeSpan()),
                OffsetTo = new UtcOffset(stretch.WallOffset.ToTimeSpan()),
                TimeZoneName = stretch.Name,
            });
        }

        return rules;
    }

    private static CalendarEvent Event(CalendarEntry entry, string status, string host, Organizer? organiser)
    {
        var about = entry.Event;
        var stamp = new CalDateTime(entry.ReleasedAt.UtcDateTime, "UTC");
        var happening = new CalendarEvent
        {
            Uid = Uid(entry.EventId, host),
            Sequence = entry.Version,
            DtStamp = stamp,
            LastModified = stamp,
            Status = status,
            Summary = about.Title,
            Description = Description(about),
            Start = Local(about.StartsAt, about.Zone),
            End = Local(about.EndsAt, about.Zone),
            Url = new Uri(about.Link),
            Transparency = TransparencyType.Opaque,
        };
        if (Place(about) is { Length: > 0 } place)
        {
            happening.Location = place;
        }

        if (about is { Latitude: { } latitude, Longitude: { } longitude })
        {
            happening.GeographicLocation = new GeographicLocation(latitude, longitude);
        }

        if (organiser is not null)
        {
            happening.Organizer = organiser;
        }

        return happening;
    }

    /// <summary>The place in one line: its name, its street and town.</summary>
    public static string Place(EventDetails about)
    {
        ArgumentNullException.ThrowIfNull(about);

        return string.Join(", ", new[] { about.Place, about.Street }.Where(part => part is { Length: > 0 }));
    }

    /// <summary>Many calendars show no URL, so it stands in the text, too.</summary>
    private static string Description(EventDetails about) =>
        string.Join("\n\n", new[] { about.Text, about.OnlineLink, about.Link }.Where(part => part is { Length: > 0 }));

    /// <summary>In the zone of the place; in UTC where the local time comes twice, because readers of RFC 5545 §3.3.5 differ on which of the two it means.</summary>
    private static CalDateTime Local(DateTimeOffset instant, string id)
    {
        var zone = EventTime.Zone(id);
        var local = instant.ToInstant().InZone(zone).LocalDateTime;
        return IsUtc(id) || zone.MapLocal(local).Count > 1 ? new CalDateTime(instant.UtcDateTime, "UTC") : new CalDateTime(local.ToDateTimeUnspecified(), id);
    }

    /// <summary>Times of UTC are written with a Z and need no rules (RFC 5545 §3.3.5, form 2); so are those of a zone that we don't know.</summary>
    private static bool IsUtc(string zone) => EventTime.Zone(zone) is var known && (known == DateTimeZone.Utc || known.Id is "UTC" or "Etc/UTC");
}

/// <summary>An event in one of its versions.</summary>
/// <param name="Version">Its SEQUENCE.</param>
/// <param name="ReleasedAt">When this version was released (UTC): its DTSTAMP, so that the same version is always written the same.</param>
/// <param name="Cancelled">It doesn't take place.</param>
public sealed record CalendarEntry(Guid EventId, int Version, EventDetails Event, DateTimeOffset ReleasedAt, bool Cancelled = false);
