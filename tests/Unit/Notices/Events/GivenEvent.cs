using Alerts.Contracts;

namespace Alerts.Tests.Unit.Notices.Events;

/// <summary>An event as Publishing tells of it.</summary>
internal static class GivenEvent
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);
    public static readonly Guid Id = new("0198c2f0-0000-7000-8000-00000000e001");

    public static EventDetails Vigil { get; } = new()
    {
        Title = "Vigil at the embassy",
        Summary = "With candles, in silence.",
        Html = "<p>We meet at the gate. Bring a <strong>candle</strong>; we stand in silence for an hour.</p>",
        Text = "We meet at the gate. Bring a candle; we stand in silence for an hour.",
        Link = "https://alerts.example.org/events/vigil",
        StartsAt = new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero),
        EndsAt = new DateTimeOffset(2026, 11, 21, 19, 0, 0, TimeSpan.Zero),
        Zone = "America/New_York",
        Place = "Embassy gate",
        Street = "2320 Massachusetts Avenue NW, Washington",
        Latitude = 38.912,
        Longitude = -77.0503,
        Organiser = "Border Watch",
        Regions = ["us-dc"],
        Lists = ["vigils"],
        RemindBefore = ["P1D", "PT2H"],
    };

    public static EventAnnounced Announced(EventDetails? details = null, int version = 1, Guid? id = null, long revision = 7) => new()
    {
        EventId = id ?? Id,
        Version = version,
        Event = details ?? Vigil,
        ReleasedAt = Now,
        AudienceRevision = revision,
    };

    public static EventChanged Changed(int version, EventDetails details, Guid? id = null, bool silent = false, long revision = 9) => new()
    {
        EventId = id ?? Id,
        Version = version,
        Event = details,
        Changes = silent ? [] : [new EventChange(EventChange.Start, "before", "after")],
        ReleasedAt = Now,
        AudienceRevision = revision,
    };

    public static EventCancelled Cancelled(int version, EventDetails? details = null, Guid? id = null, string reason = "The permit was withdrawn.") => new()
    {
        EventId = id ?? Id,
        Version = version,
        Event = details ?? Vigil,
        Reason = reason,
        ReleasedAt = Now,
    };

    public static EventDetails Moved(this EventDetails details, TimeSpan by) => details with { StartsAt = details.StartsAt + by, EndsAt = details.EndsAt + by };
}
