using Alerts.Mailings.Calendar;
using Alerts.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Digests.Events;

/// <summary>An event of a digest as a file that calendars take in.</summary>
internal static class EventCalendarEndpoint
{
    public static void MapEventCalendar(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/digests/events/{id:guid}.ics", GetAsync).AllowAnonymous().ExcludeFromDescription();

    /// <summary>The path of an event's file.</summary>
    public static string PathOf(Guid eventId) => $"/digests/events/{eventId}.ics";

    private static async Task<IResult> GetAsync(Guid id, DigestsDb db, IOptions<AlertsOptions> options, CancellationToken cancellationToken)
    {
        if (await db.Events.AsNoTracking().FirstOrDefaultAsync(e => e.EventId == id, cancellationToken) is not { } filed)
        {
            return TypedResults.NotFound();
        }

        var host = new Uri(options.Value.PublicUrl).Host;
        return TypedResults.Text(filed.Cancelled ? EventCalendar.Cancel(filed.Entry(), host) : EventCalendar.Publish(filed.Entry(), host), "text/calendar; charset=utf-8");
    }
}
