using System.Globalization;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;

namespace Alerts.Publishing.Events;

/// <summary>An event as an editor or a program writes it.</summary>
public sealed record EventRequest
{
    /// <summary>Plain text in one line, at most 500 characters.</summary>
    public string? Title { get; init; }

    /// <summary>The description; either this or <see cref="Html"/>, or neither. At most 1 MB.</summary>
    public string? Markdown { get; init; }

    /// <summary>The description; either this or <see cref="Markdown"/>, or neither. Scripts, styles and forms are removed. At most 1 MB.</summary>
    public string? Html { get; init; }

    /// <summary>Plain text of a sentence or two, at most 1,000 characters. Absent: the first sentences of the description.</summary>
    public string? Summary { get; init; }

    /// <summary>The local time of the place, without an offset, such as <c>2026-11-21T13:00</c>.</summary>
    public string? StartsAt { get; init; }

    /// <summary>As <see cref="StartsAt"/>, and after it.</summary>
    public string? EndsAt { get; init; }

    /// <summary>IANA zone id of the place, such as <c>America/New_York</c>.</summary>
    public string? Zone { get; init; }

    /// <summary>The name of the place, at most 300 characters. Absent: online, at <see cref="Link"/>.</summary>
    public string? Place { get; init; }

    /// <summary>Street and town, at most 300 characters.</summary>
    public string? Street { get; init; }

    /// <summary>Degrees north, -90 to 90; together with <see cref="Longitude"/>.</summary>
    public double? Latitude { get; init; }

    /// <summary>Degrees east, -180 to 180.</summary>
    public double? Longitude { get; init; }

    /// <summary>Slugs of the regions it concerns. Absent or empty: everywhere.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>Slugs of the lists whose readers hear of it; at least one.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>Where one can join or read more.</summary>
    public string? Link { get; init; }

    /// <summary>Who invites, at most 300 characters.</summary>
    public string? Organiser { get; init; }

    /// <summary>How many can come, 1 to 1,000,000. Absent: no limit.</summary>
    public int? Capacity { get; init; }

    /// <summary>How long before the start readers are reminded: ISO 8601, PT5M to P60D, at most 5.</summary>
    public IReadOnlyList<string>? RemindBefore { get; init; }

    /// <summary>Only those who answered that they are coming are reminded.</summary>
    public bool RemindOnlyComing { get; init; }

    /// <summary>When it is to be announced. Absent: a draft. In the past: at once.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    /// <summary>How long announcing at once waits, so that it can be called off: ISO 8601, at most PT1H.</summary>
    public string? Undo { get; init; }

    /// <summary>Readers of an announced event get no mail about this change. Not for time and place, of which they are always told.</summary>
    public bool Quiet { get; init; }

    /// <summary>The <c>change</c> of the event as it was read: when it has been changed since, this is refused. Absent: whatever it was.</summary>
    public int? Change { get; init; }

    internal List<string> TidyLists() => KnownLists.Tidy(Lists);

    internal List<string> TidyRegions() => KnownLists.Tidy(Regions);

    /// <summary>When it is to be announced, the time to think again included; null for a draft.</summary>
    internal DateTimeOffset? PublishTime(DateTimeOffset now, Errors errors) => new PostRequest { PublishAt = PublishAt, Undo = Undo }.PublishTime(now, errors);

    /// <summary>What it says, or null when <paramref name="errors"/> say what is wrong with it.</summary>
    /// <param name="notes">Gets sentences about what was taken for a time that the clocks skip or repeat.</param>
    internal EventContent? Read(AlertsOptions site, Errors errors, List<string> notes)
    {
        var title = PlainText.OneLine(Title);
        if (title.Length == 0)
        {
            errors.Say("title", "Give the event a title.");
        }

        var (starts, ends, zone) = ReadTimes(errors, notes);
        var place = ReadLine("place", Place, errors);
        var street = ReadLine("street", Street, errors);
        var organiser = ReadLine("organiser", Organiser, errors);
        if (street is not null && place is null)
        {
            errors.Say("place", "Give the place a name, too.");
        }

        if (place is null && string.IsNullOrWhiteSpace(Link))
        {
            errors.Say("place", "Say where it takes place, or give a link at which one can join.");
        }

        CheckCoordinates(errors);
        if (Capacity is < 1 or > Event.MaxCapacity)
        {
            errors.Say("capacity", FormattableString.Invariant($"Give 1 to {Event.MaxCapacity:N0}, or leave it out where any number can come."));
        }

        var lists = TidyLists();
        if (lists.Count is 0 or > Post.MaxLists)
        {
            errors.Say("lists", lists.Count == 0 ? "Name at least one list." : $"Name at most {Post.MaxLists} lists.");
        }

        var regions = TidyRegions();
        if (regions.Count > Event.MaxRegions)
        {
            errors.Say("regions", $"Name at most {Event.MaxRegions} regions: one that contains them will do.");
        }

        var reminders = ReadReminders(errors);
        var words = PostRequest.ReadWords(title, Markdown, Html, Summary, Link, site, errors);
        return words is null || errors.Count > 0
            ? null
            : new EventContent(words, starts, ends, zone, place, street, Latitude, Longitude, organiser, Capacity, regions, lists, reminders, RemindOnlyComing);
    }

    private (DateTimeOffset Starts, DateTimeOffset Ends, string Zone) ReadTimes(Errors errors, List<string> notes)
    {
        const string Form = "Give the local time of the place without an offset, such as 2026-11-21T13:00.";
        var zone = LocalTimes.Zone(Zone);
        var (start, end) = (LocalTimes.Parse(StartsAt), LocalTimes.Parse(EndsAt));
        if (zone is null)
        {
            errors.Say("zone", string.IsNullOrWhiteSpace(Zone)
                ? "Give the time zone of the place, such as America/New_York."
                : $"There is no time zone “{PlainText.Cut(PlainText.OneLine(Zone), 60)}”. Give one of the IANA database, such as America/New_York.");
        }

        if (start is null)
        {
            errors.Say("startsAt", Form);
        }

        if (end is null)
        {
            errors.Say("endsAt", Form);
        }

        if (zone is null || start is null || end is null)
        {
            return default;
        }

        var (starts, ends) = (LocalTimes.Resolve(start.Value, zone, notes), LocalTimes.Resolve(end.Value, zone, notes));
        if (ends <= starts)
        {
            errors.Say("endsAt", "It ends before it begins: give an end after the start.");
        }
        else if (ends - starts > Event.Longest)
        {
            errors.Say("endsAt", "It lasts more than a year: give an earlier end.");
        }

        return (starts, ends, zone.Id);
    }

    private static string? ReadLine(string field, string? text, Errors errors)
    {
        var line = PlainText.OneLine(text);
        PostRequest.CheckLength(field, line, Event.MaxLine, errors);
        return line.Length == 0 ? null : line;
    }

    private void CheckCoordinates(Errors errors)
    {
        if (Latitude is not (null or (>= -90 and <= 90)))
        {
            errors.Say("latitude", "Give degrees north from -90 to 90.");
        }

        if (Longitude is not (null or (>= -180 and <= 180)))
        {
            errors.Say("longitude", "Give degrees east from -180 to 180.");
        }

        if (Latitude is null != Longitude is null)
        {
            errors.Say(Latitude is null ? "latitude" : "longitude", "Give both latitude and longitude, or neither.");
        }
    }

    private List<string> ReadReminders(Errors errors)
    {
        var texts = (RemindBefore ?? []).Select(text => text?.Trim() ?? "").Where(text => text.Length > 0).ToList();
        var durations = texts.ConvertAll(text => Duration.Parse(text, Event.ShortestReminder, Event.LongestReminder));
        if (durations.Contains(null))
        {
            errors.Say("remindBefore", "Give durations from PT5M to P60D, such as P1D for a day or PT2H for two hours.");
            return [];
        }

        var each = texts.Zip(durations.OfType<TimeSpan>()).DistinctBy(pair => pair.Second).OrderByDescending(pair => pair.Second).Select(pair => pair.First).ToList();
        if (each.Count > Event.MaxReminders)
        {
            errors.Say("remindBefore", string.Create(CultureInfo.InvariantCulture, $"Give at most {Event.MaxReminders} reminders."));
        }

        return each;
    }
}
