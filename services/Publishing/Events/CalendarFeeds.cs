using System.Security.Cryptography;
using System.Text;
using Alerts.Mailings.Calendar;
using Alerts.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Alerts.Publishing.Events;

/// <summary>Events as calendars (iCalendar, RFC 5545): one each, and those of a public list to follow.</summary>
internal static class CalendarFeeds
{
    public static void MapCalendars(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events/{id:guid}.ics", Event).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/feeds/{list}.ics", Feed).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<Results<FileContentHttpResult, NotFound>> Event(
        Guid id, PublicEvents events, IOptions<AlertsOptions> site, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await events.FindAsync(id, cancellationToken) is not { } found)
        {
            return TypedResults.NotFound();
        }

        var (entry, host) = (events.EntryOf(found.Event), Host(site.Value));
        return Answer(entry.Cancelled ? EventCalendar.Cancel(entry, host) : EventCalendar.Publish(entry, host), $"event-{id:N}.ics", response);
    }

    /// <summary>A list's events; those of a region and what concerns it, with <paramref name="region"/>.</summary>
    private static async Task<Results<FileContentHttpResult, NotFound>> Feed(
        string list, string? region, PublicEvents events, IOptions<AlertsOptions> site, HttpResponse response, CancellationToken cancellationToken)
    {
        region = string.IsNullOrEmpty(region) ? null : region;
        var place = region is null ? null : (await events.RegionsAsync(cancellationToken)).FirstOrDefault(r => r.Slug == region);
        if ((await events.ListsAsync(cancellationToken)).FirstOrDefault(l => l.Slug == list) is not { } about || (region is not null && place is null))
        {
            return TypedResults.NotFound();
        }

        var entries = await events.CalendarAsync(list, region, cancellationToken);
        return Answer(
            EventCalendar.Feed(place is null ? about.Name : $"{about.Name}, {place.Name}", about.Description, entries, Host(site.Value)), $"{list}.ics", response);
    }

    private static FileContentHttpResult Answer(string calendar, string name, HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=300";
        var content = Encoding.UTF8.GetBytes(calendar);
        var tag = Convert.ToHexStringLower(SHA256.HashData(content));
        return TypedResults.File(content, $"{EventCalendar.MediaType}; charset=utf-8", name, entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static string Host(AlertsOptions site) => new Uri(site.PublicUrl).Host;
}
