using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alerts.ServiceDefaults;
using NodaTime;

namespace Alerts.Publishing.Events;

/// <summary>An event as search engines read it (https://schema.org/Event, JSON-LD).</summary>
internal static class StructuredData
{
    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>A script element of data: nothing in it is run, so the policy of our pages lets it be (HTML §4.12.1), and nothing in it can end it.</summary>
    public static string Of(Event of, int coming, AlertsOptions site) => $"<script type=\"application/ld+json\">{JsonSerializer.Serialize(
        new Dictionary<string, object?>
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Event",
            ["name"] = of.Title,
            ["description"] = of.Summary.Length > 0 ? of.Summary : null,
            ["url"] = of.LinkOn(site),
            ["startDate"] = Time(of.StartsAt, of.Zone),
            ["endDate"] = Time(of.EndsAt, of.Zone),
            ["eventStatus"] = $"https://schema.org/{(of.State is EventState.Cancelled ? "EventCancelled" : "EventScheduled")}",
            ["eventAttendanceMode"] = $"https://schema.org/{(of.Place, of.OnlineLink) switch
            {
                (null, _) => "OnlineEventAttendanceMode",
                (_, null) => "OfflineEventAttendanceMode",
                _ => "MixedEventAttendanceMode",
            }}",
            ["location"] = of.Place is null ? new { type = "VirtualLocation", url = of.OnlineLink }.Typed() : new
            {
                type = "Place",
                name = of.Place,
                address = of.Street ?? of.Place,
                geo = of.Latitude is null ? null : new { type = "GeoCoordinates", latitude = of.Latitude, longitude = of.Longitude }.Typed(),
            }.Typed(),
            ["organizer"] = of.Organiser is null ? null : new { type = "Organization", name = of.Organiser }.Typed(),
            ["maximumAttendeeCapacity"] = of.Capacity,
            ["remainingAttendeeCapacity"] = of.Capacity is { } capacity ? Math.Max(0, capacity - coming) : null,
        },
        Json)}</script>";

    private static Dictionary<string, object?> Typed(this object thing) =>
        thing.GetType().GetProperties().ToDictionary(p => p.Name == "type" ? "@type" : p.Name, p => p.GetValue(thing));

    private static string Time(DateTimeOffset instant, string zone) =>
        Instant.FromDateTimeOffset(instant).InZone(LocalTimes.Zone(zone) ?? DateTimeZone.Utc).ToDateTimeOffset().ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
