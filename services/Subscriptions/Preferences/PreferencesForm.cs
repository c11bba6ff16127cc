using System.Globalization;
using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;
using Microsoft.AspNetCore.Http;
using NodaTime.TimeZones;

namespace Alerts.Subscriptions.Preferences;

/// <summary>The preferences form as a reader filled it in: <c>name</c>, <c>zone</c>, <c>hour</c>, <c>weekday</c>, and <c>frequency-{slug}</c>, empty for a list she doesn't want.</summary>
internal sealed class PreferencesForm
{
    /// <summary>The zones to choose among: those of places that people live in, and UTC.</summary>
    public static IReadOnlyList<string> Zones { get; } =
        [.. (TzdbDateTimeZoneSource.Default.ZoneLocations ?? []).Select(location => location.ZoneId).Append("UTC").Distinct().Order(StringComparer.Ordinal)];

    public static string FrequencyField(string slug) => $"frequency-{slug}";

    public required SubscriberDetails Details { get; init; }

    public required IReadOnlyList<Wanted> Wanted { get; init; }

    public required IReadOnlyDictionary<string, string[]> Problems { get; init; }

    /// <param name="offered">The slugs that stand on the page; others are ignored.</param>
    public static PreferencesForm Read(IFormCollection form, IEnumerable<string> offered)
    {
        var details = new SubscriberDetails
        {
            Name = form["name"].ToString().Trim(),
            Zone = form["zone"].ToString(),
            Hour = int.TryParse(form["hour"], NumberStyles.None, CultureInfo.InvariantCulture, out var hour) ? hour : -1,
            Weekday = form["weekday"].ToString(),
        };
        return new PreferencesForm
        {
            Details = details,
            Wanted = [.. offered
                .Select(slug => Words.TryRead<Frequency>(form[FrequencyField(slug)], out var frequency) ? new Wanted(slug, frequency) : null)
                .OfType<Wanted>()],
            Problems = details.Problems(),
        };
    }
}
