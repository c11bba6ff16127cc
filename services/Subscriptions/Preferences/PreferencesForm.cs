using System.Globalization;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.Subscribers;
using Microsoft.AspNetCore.Http;
using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;

namespace Alerts.Subscriptions.Preferences;

/// <summary>The preferences form as a reader filled it in: <c>name</c>, <c>zone</c>, <c>hour</c>, <c>weekday</c>, <c>region</c> for each region that is ticked, <c>event-notices</c>, <c>urgent-posts</c>, <c>pause-until</c>, and <c>frequency-{slug}</c>, empty for a list she doesn't want.</summary>
internal sealed class PreferencesForm
{
    /// <summary>Who wants none for longer had better leave.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(366);

    /// <summary>The zones to choose among: those of places that people live in, and UTC.</summary>
    public static IReadOnlyList<string> Zones { get; } =
        [.. (TzdbDateTimeZoneSource.Default.ZoneLocations ?? []).Select(location => location.ZoneId).Append("UTC").Distinct().Order(StringComparer.Ordinal)];

    public static string FrequencyField(string slug) => $"frequency-{slug}";

    public required SubscriberDetails Details { get; init; }

    public required IReadOnlyList<Wanted> Wanted { get; init; }

    /// <summary>The beginning of the day on which mail is to come again, in her zone; null: no pause.</summary>
    public DateTimeOffset? PauseUntil { get; private init; }

    public required IReadOnlyDictionary<string, string[]> Problems { get; init; }

    /// <param name="offered">The slugs that stand on the page; others are ignored.</param>
    /// <param name="paused">The pause as the page shows it, and to the minute: left as it is, it stays.</param>
    public static PreferencesForm Read(IFormCollection form, IEnumerable<string> offered, KnownRegions regions, DateTimeOffset now, (string Day, DateTimeOffset? Until) paused)
    {
        var details = new SubscriberDetails
        {
            Name = form["name"].ToString().Trim(),
            Zone = form["zone"].ToString(),
            Hour = int.TryParse(form["hour"], NumberStyles.None, CultureInfo.InvariantCulture, out var hour) ? hour : -1,
            Weekday = form["weekday"].ToString(),
            Language = Languages.All.ContainsKey(form["language"].ToString()) ? form["language"].ToString() : null,
            Regions = regions.Ticked(form),
            EventNotices = form["event-notices"] == "yes",
            UrgentPosts = form["urgent-posts"] == "yes",
        };
        var problems = details.Problems();
        var day = form["pause-until"].ToString();
        var pause = day == paused.Day ? paused.Until : ReadPause(day, details.Zone, now, problems);
        return new PreferencesForm
        {
            Details = details,
            Wanted = [.. offered
                .Select(slug => Words.TryRead<Frequency>(form[FrequencyField(slug)], out var frequency) ? new Wanted(slug, frequency) : null)
                .OfType<Wanted>()],
            PauseUntil = pause,
            Problems = problems,
        };
    }

    private static DateTimeOffset? ReadPause(string text, string? zone, DateTimeOffset now, Dictionary<string, string[]> problems)
    {
        if (text.Length == 0 || zone is null || !SubscriberDetails.IsZone(zone))
        {
            return null;
        }

        var until = LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var date } ? date.AtStartOfDayInZone(DateTimeZoneProviders.Tzdb[zone]).ToDateTimeOffset().ToUniversalTime() : default;
        if (until <= now || until > now + LongestPause)
        {
            problems["pause-until"] = ["Give a day from tomorrow on, within a year."];
            return null;
        }

        return until;
    }
}
