using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using NodaTime;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>What a reader is called, where she is and when she reads, as somebody wrote it. Null: not said.</summary>
public record SubscriberDetails
{
    public const int MaxName = 100;
    public const int MaxRegions = 20;
    public const int MaxRegion = 50;
    public const int MaxLanguage = 35;

    private static readonly FrozenSet<string> Zones = DateTimeZoneProviders.Tzdb.Ids.ToFrozenSet(StringComparer.Ordinal);

    public string? Name { get; init; }

    /// <summary>IANA zone id, such as Asia/Seoul.</summary>
    public string? Zone { get; init; }

    /// <summary>0 to 23: the hour of digests, in her zone.</summary>
    public int? Hour { get; init; }

    /// <summary>The day of weekly digests, such as friday.</summary>
    public string? Weekday { get; init; }

    /// <summary>Where she is, for events: slugs of regions, see <c>GET /api/regions</c>. Empty: anywhere. While no regions are set up, codes of your own such as KR or US-NY.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Whether she gets notices about events: announcements, reminders, changes. Default: true.</summary>
    public bool? EventNotices { get; init; }

    /// <summary>Whether urgent posts reach her at once, however often she has the others. Default: true.</summary>
    public bool? UrgentPosts { get; init; }

    /// <summary>Language tag (RFC 5646).</summary>
    public string? Language { get; init; }

    /// <summary>What is wrong, by field, with how to mend it. Empty: nothing.</summary>
    public Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (Name is not null && (Name.Length > MaxName || Name.Any(char.IsControl)))
        {
            problems["name"] = [$"A name has at most {MaxName} characters on one line."];
        }

        if (Zone is not null && !IsZone(Zone))
        {
            problems["zone"] = ["This isn't an IANA time zone: write it like Europe/Berlin or Asia/Seoul."];
        }

        if (Hour is < 0 or > 23)
        {
            problems["hour"] = ["The hour is a whole number from 0 to 23."];
        }

        if (Weekday is not null && !Words.TryRead<DayOfWeek>(Weekday, out _))
        {
            problems["weekday"] = ["The weekday is one of monday, tuesday, wednesday, thursday, friday, saturday, sunday."];
        }

        if (Regions is not null && (Regions.Count > MaxRegions || Regions.Any(r => r is not { Length: > 0 and <= MaxRegion } || r.Any(char.IsControl))))
        {
            problems["regions"] = [$"At most {MaxRegions} regions of 1 to {MaxRegion} characters each, such as KR or US-NY."];
        }

        if (Language is not null && (Language.Length is 0 or > MaxLanguage || !Language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
        {
            problems["language"] = ["The language is a tag such as en or ko-KR."];
        }

        return problems;
    }

    public static bool IsZone(string zone) => Zones.Contains(zone);

    /// <summary>Every zone a reader may choose.</summary>
    public static IReadOnlyList<string> AllZones { get; } = [.. Zones.Order(StringComparer.Ordinal)];
}

/// <summary>When readers who don't say get their digests. Bound from the root of the configuration and checked at start.</summary>
public sealed class ReadingDefaults : IValidatableObject
{
    /// <summary>IANA zone id. Default: UTC.</summary>
    public string DefaultZone { get; set; } = "UTC";

    /// <summary>0 to 23. Default: 18.</summary>
    [Range(0, 23)]
    public int DefaultHour { get; set; } = 18;

    /// <summary>Default: Friday.</summary>
    [EnumDataType(typeof(DayOfWeek))]
    public DayOfWeek DefaultWeekday { get; set; } = DayOfWeek.Friday;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!SubscriberDetails.IsZone(DefaultZone))
        {
            yield return new ValidationResult($"DefaultZone is '{DefaultZone}', which isn't an IANA time zone: write it like Europe/Berlin.", [nameof(DefaultZone)]);
        }
    }
}
