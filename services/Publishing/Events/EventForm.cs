using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using NodaTime;

namespace Alerts.Publishing.Events;

/// <summary>The form of an event as an editor filled it in.</summary>
public sealed class EventForm
{
    /// <summary>The reminders it offers, and what they are called.</summary>
    internal static IReadOnlyDictionary<string, string> Reminders { get; } = new Dictionary<string, string>
    {
        ["P7D"] = "a week before",
        ["P2D"] = "two days before",
        ["P1D"] = "a day before",
        ["PT3H"] = "three hours before",
        ["PT2H"] = "two hours before",
        ["PT1H"] = "an hour before",
    };

    /// <summary>Sent twice, the form writes one event.</summary>
    public Guid Key { get; set; } = Guid.NewGuid();

    /// <summary>preview or save.</summary>
    public string? Step { get; set; }

    /// <summary>Of what readers are told, as it was shown: only that is sent.</summary>
    public string? Seen { get; set; }

    /// <summary>Of the event as it was opened.</summary>
    public int? Change { get; set; }

    public string? Title { get; set; }

    /// <summary>The description, in Markdown unless <see cref="IsHtml"/>.</summary>
    public string? Body { get; set; }

    /// <summary>It was written as HTML, by a program, and stays so.</summary>
    public bool IsHtml { get; set; }

    public string? Summary { get; set; }
    public string? StartsAt { get; set; }
    public string? EndsAt { get; set; }
    public string? Zone { get; set; }
    public string? Place { get; set; }
    public string? Street { get; set; }
    public string? Latitude { get; set; }
    public string? Longitude { get; set; }
    public string? Link { get; set; }
    public string? Organiser { get; set; }
    public string? Capacity { get; set; }
    public bool RemindOnlyComing { get; set; }
    public bool Quiet { get; set; }

    /// <summary>draft, now or at.</summary>
    public string? When { get; set; }

    /// <summary>As a browser's datetime-local field gives it, in <see cref="Zone"/>.</summary>
    public string? At { get; set; }

    internal static EventForm Of(Event of)
    {
        var isHtml = of.Markdown is null && of.Html.Length > 0;
        return new EventForm
        {
            Change = of.Change,
            Title = of.Title,
            Body = isHtml ? of.Html : of.Markdown,
            IsHtml = isHtml,
            Summary = of.Summary,
            StartsAt = LocalTimes.Format(of.StartsAt, of.Zone),
            EndsAt = LocalTimes.Format(of.EndsAt, of.Zone),
            Zone = of.Zone,
            Place = of.Place,
            Street = of.Street,
            Latitude = of.Latitude?.ToString(CultureInfo.InvariantCulture),
            Longitude = of.Longitude?.ToString(CultureInfo.InvariantCulture),
            Link = of.OnlineLink,
            Organiser = of.Organiser,
            Capacity = of.Capacity?.ToString(CultureInfo.InvariantCulture),
            RemindOnlyComing = of.RemindOnlyComing,
            When = of.PublishAt is null ? "draft" : "at",
            At = of.PublishAt is { } at ? LocalTimes.Format(at, of.Zone) : null,
        };
    }

    /// <summary>An event of which a post tells. Its zone is the editor's to say.</summary>
    /// <param name="starts">A local time, as the browser found it in the text. What isn't one is left out.</param>
    /// <param name="ends">The same, or nothing.</param>
    /// <param name="street">An address that stands in the text, or nothing.</param>
    internal static EventForm From(PostText post, string? starts, string? ends, string? street) => new()
    {
        Title = post.Title,
        Body = post.Body,
        IsHtml = post.IsHtml,
        Summary = post.Summary,
        StartsAt = LocalTimes.Parse(starts) is null ? null : starts,
        EndsAt = LocalTimes.Parse(ends) is null ? null : ends,
        Street = street is { Length: <= Event.MaxLine } ? street : null,
    };

    /// <summary>What it asks for.</summary>
    /// <param name="errors">Gets what isn't even a number or a time.</param>
    internal EventRequest ToRequest(IReadOnlyList<string> lists, IReadOnlyList<string> regions, IReadOnlyList<string> reminders, TimeSpan undo, DateTimeOffset now, Errors errors)
    {
        DateTimeOffset? publishAt = When == "now" ? now + undo : null;
        if (When == "at")
        {
            if (LocalTimes.Parse(At) is { } at)
            {
                publishAt = LocalTimes.Resolve(at, LocalTimes.Zone(Zone) ?? DateTimeZone.Utc, []);
            }
            else
            {
                errors.Say("publishAt", "Give the day and the time at which it is to be announced.");
            }
        }

        return new EventRequest
        {
            Title = Title,
            Markdown = IsHtml ? null : Body,
            Html = IsHtml ? Body : null,
            Summary = Summary,
            StartsAt = StartsAt,
            EndsAt = EndsAt,
            Zone = Zone,
            Place = Place,
            Street = Street,
            Latitude = Degrees("latitude", Latitude, errors),
            Longitude = Degrees("longitude", Longitude, errors),
            Link = Link,
            Organiser = Organiser,
            Capacity = Number(errors),
            Lists = lists,
            Regions = regions,
            RemindBefore = reminders,
            RemindOnlyComing = RemindOnlyComing,
            PublishAt = publishAt,
            Quiet = Quiet,
            Change = Change,
        };
    }

    /// <summary>Stands for what readers are told: two that differ are shown again before they are sent.</summary>
    internal static string FingerprintOf(IEnumerable<EventChange> changes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', changes))));

    private int? Number(Errors errors)
    {
        if (string.IsNullOrWhiteSpace(Capacity) || int.TryParse(Capacity, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return int.TryParse(Capacity, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        errors.Say("capacity", "Give a whole number, or leave it empty.");
        return null;
    }

    private static double? Degrees(string field, string? text, Errors errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees))
        {
            return degrees;
        }

        errors.Say(field, "Give degrees as a number with a point, such as 38.8977.");
        return null;
    }
}
