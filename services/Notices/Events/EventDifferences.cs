using Alerts.Contracts;
using Alerts.Mailings.Calendar;

namespace Alerts.Notices.Events;

/// <summary>What readers who know an event in one version must be told about another, however many lie between.</summary>
internal sealed record EventDifferences(bool Title, bool Time, bool Place, bool Online, bool Description)
{
    public bool Any => Title || Time || Place || Online || Description;

    public static EventDifferences Between(EventDetails before, EventDetails after) => new(
        before.Title != after.Title,
        (before.StartsAt, before.EndsAt, before.Zone) != (after.StartsAt, after.EndsAt, after.Zone),
        EventCalendar.Place(before) != EventCalendar.Place(after) || (before.Latitude, before.Longitude) != (after.Latitude, after.Longitude),
        before.OnlineLink != after.OnlineLink,
        before.Html != after.Html);
}
