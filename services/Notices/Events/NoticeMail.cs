using System.Globalization;
using System.Net;
using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Calendar;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Alerts.Notices.Events;

/// <summary>Writes the mails about an event. Each says all of it: when and where, how to get there, how to answer; and has its entry for calendars.</summary>
public sealed class NoticeMail(MailTemplates templates, IAudience audience, IOptions<AlertsOptions> alerts, IOptions<MailOptions> mail)
{
    private const int PreheaderLength = 140;

    /// <summary>Of the description, in a calendar's entry: the rest is behind its link.</summary>
    private const int CalendarText = 1_500;

    public Task<MailingPrepared> AnnouncementAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);

        return ComposeAsync(
            new Occasion(noticed, MailingKind.Announcement, "announced", $"event/{noticed.EventId}/{noticed.Version}/announced", noticed.Event.Title, noticed.ReleasedAt, noticed.Event.StartsAt), now, cancellationToken);
    }

    /// <param name="reminder">It stands for the start it was planned for.</param>
    public Task<MailingPrepared> ReminderAsync(NoticedEvent noticed, Reminder reminder, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);
        ArgumentNullException.ThrowIfNull(reminder);

        var cause = string.Create(CultureInfo.InvariantCulture, $"event/{noticed.EventId}/reminder/{reminder.Before}/{reminder.StartsAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
        return ComposeAsync(
            new Occasion(noticed, MailingKind.Reminder, "reminder", cause, $"Reminder: {noticed.Event.Title}", reminder.DueAt, noticed.Event.StartsAt, ToThoseTold: !noticed.Event.RemindOnlyComing), now, cancellationToken);
    }

    public Task<MailingPrepared> ChangeAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);

        return ComposeAsync(
            new Occasion(noticed, MailingKind.Change, "changed", $"event/{noticed.EventId}/{noticed.Version}/changed", $"Changed: {noticed.Event.Title}", now, noticed.EndsAt, ToThoseTold: true), now, cancellationToken);
    }

    public Task<MailingPrepared> CancellationAsync(NoticedEvent noticed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);

        return ComposeAsync(
            new Occasion(noticed, MailingKind.Cancellation, "cancelled", $"event/{noticed.EventId}/{noticed.Version}/cancelled", $"Cancelled: {noticed.Event.Title}", noticed.ReleasedAt, noticed.EndsAt, ToThoseTold: true),
            now,
            cancellationToken);
    }

    /// <summary>To some who have said that they come: the event's entry, with themselves in it.</summary>
    /// <param name="number">Which of the event's mailings of this kind it is, from 1.</param>
    public Task<MailingPrepared> InvitationAsync(NoticedEvent noticed, int number, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(noticed);

        return ComposeAsync(
            new Occasion(noticed, MailingKind.Invitation, "invitation", $"event/{noticed.EventId}/coming/{number}", $"You are coming: {noticed.Event.Title}", now, noticed.Event.StartsAt), now, cancellationToken);
    }

    private async Task<MailingPrepared> ComposeAsync(Occasion occasion, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (noticed, details) = (occasion.Noticed, occasion.Noticed.Event);
        var known = await audience.ListsAsync(noticed.Lists, cancellationToken);
        var view = NoticeView.Of(occasion, known, OwnHosts(details), now);
        var body = await templates.RenderAsync(typeof(NoticeMail).Assembly, "notice", view, cancellationToken, noticed.Lists);
        var cancelled = occasion.Kind == MailingKind.Cancellation;
        var entry = new CalendarEntry(noticed.EventId, noticed.Version, ForCalendar(details), noticed.ReleasedAt, cancelled);
        var host = new Uri(alerts.Value.PublicUrl).Host;
        return new MailingPrepared
        {
            MailingId = MailingId.Of(occasion.Cause),
            Cause = occasion.Cause,
            Kind = occasion.Kind,
            Priority = occasion.Kind == MailingKind.Invitation ? MailingPriority.Normal : MailingPriority.Urgent,
            Lists = noticed.Lists,
            Subject = Excerpt.OneLine(occasion.Subject),
            SenderName = AudienceList.SharedSenderName(known),
            Html = body.Html,
            Text = body.Text,
            Calendar = cancelled ? EventCalendar.Cancel(entry, host) : EventCalendar.Publish(entry, host),
            AttendeeCalendar = EventCalendar.Invite(entry, host, mail.Value.From, Hole.Address),
            PreparedAt = now,
            ReleasedAt = occasion.ReleasedAt,
            ExpiresAt = occasion.ExpiresAt,
            GroupId = noticed.EventId,
            Tells = [new ToldEvent(noticed.EventId, noticed.Version, noticed.EndsAt)],
            ToThoseTold = occasion.ToThoseTold ? noticed.EventId : null,
        };
    }

    /// <summary>Short, and with nothing that Delivery would fill.</summary>
    private static EventDetails ForCalendar(EventDetails details)
    {
        var text = details.Text.ReplaceLineEndings("\n").Trim();
        var beginning = MailSize.Beginning(text, CalendarText * 3);
        beginning = beginning.Length <= CalendarText ? beginning : beginning[..CalendarText];
        return details with
        {
            Title = Plain(Excerpt.OneLine(details.Title)),
            Text = Plain(beginning.Length < text.Length ? beginning[..Math.Max(0, beginning.LastIndexOf(' '))] + "…" : text),
            Link = Plain(details.Link),
            Place = details.Place is { } place ? Plain(Excerpt.OneLine(place)) : null,
            Street = details.Street is { } street ? Plain(Excerpt.OneLine(street)) : null,
            OnlineLink = details.OnlineLink is { } online ? Plain(online) : null,
            Organiser = details.Organiser is { } organiser ? Plain(Excerpt.OneLine(organiser)) : null,
        };

        static string Plain(string text) => text.Replace("alerts-hole-", "alerts hole ", StringComparison.OrdinalIgnoreCase);
    }

    private HashSet<string> OwnHosts(EventDetails details) =>
        [.. new[] { details.Link, alerts.Value.PublicUrl }.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : "").Where(host => host.Length > 0)];

    /// <summary>What a mail is about.</summary>
    /// <param name="Word">The templates' word for it.</param>
    internal sealed record Occasion(
        NoticedEvent Noticed, string Kind, string Word, string Cause, string Subject, DateTimeOffset ReleasedAt, DateTimeOffset ExpiresAt, bool ToThoseTold = false);

    /// <summary>One line of when, where and how: as it is and, struck through, as readers were told it before.</summary>
    /// <param name="Before">Empty when it is as it was.</param>
    internal sealed record Fact(string Label, string Before, string Now, string? Link, string? LinkText)
    {
        public bool Changed => Before.Length > 0;
    }

    /// <summary>What the templates print.</summary>
    internal sealed record NoticeView(
        string Occasion,
        string Badge,
        string Title,
        string TitleBefore,
        string Intro,
        string Reason,
        IReadOnlyList<Fact> Facts,
        bool DescriptionChanged,
        bool Answers,
        string Link,
        string Html,
        bool HtmlCut,
        string Text,
        bool TextCut,
        string Preheader,
        string Why,
        string Dir,
        string? SenderName,
        IReadOnlyList<LeaveLink> LeaveLists)
    {
        public static NoticeView Of(Occasion occasion, IReadOnlyList<AudienceList> known, IReadOnlyCollection<string> ownHosts, DateTimeOffset now)
        {
            var (details, told) = (occasion.Noticed.Event, occasion.Kind == MailingKind.Change ? occasion.Noticed.Told : null);
            var differences = told is null ? new EventDifferences(false, false, false, false, false) : EventDifferences.Between(told, details);
            var html = MailHtml.Fit(details.Html.Length > 0 ? details.Html : $"<p>{WebUtility.HtmlEncode(details.Summary)}</p>", MailSize.Html, ownHosts);
            var text = (details.Text.Length > 0 ? details.Text : details.Summary).ReplaceLineEndings("\n").Trim();
            var beginning = MailSize.Beginning(text, MailSize.Text);
            var cut = beginning.Length < text.Length;
            var facts = FactsOf(details, differences.Any ? told : null, differences, now).ToList();
            var lists = Sentence.List([.. known.Select(list => list.Name)]);
            return new NoticeView(
                occasion.Word,
                BadgeOf(occasion.Word),
                details.Title,
                differences.Title ? told!.Title : "",
                IntroOf(occasion, differences, now),
                occasion.Kind == MailingKind.Cancellation ? occasion.Noticed.Reason : "",
                facts,
                differences.Description,
                occasion.Kind != MailingKind.Cancellation,
                details.Link,
                html.Html,
                html.Cut,
                cut ? beginning[..Math.Max(0, beginning.LastIndexOf(' '))] + "…" : beginning,
                cut,
                Excerpt.Of(string.Join(" · ", facts.Take(2).Select(f => f.Now)), PreheaderLength),
                WhyOf(occasion.Word, lists),
                Direction.Of(details.Title + " " + text),
                AudienceList.SharedSenderName(known),
                LeaveLink.Of(known));
        }

        private static string BadgeOf(string word) => word switch
        {
            "announced" => "Event",
            "reminder" => "Reminder",
            "changed" => "Changed",
            "cancelled" => "Cancelled",
            _ => "You are coming",
        };

        private static string IntroOf(Occasion occasion, EventDifferences differences, DateTimeOffset now) => occasion.Word switch
        {
            "reminder" => $"It begins {Until(occasion.Noticed.Event.StartsAt - now)}.",
            "changed" => $"What has changed: {Sentence.List([.. Changed(differences)])}. Your calendar takes the change over from this mail.",
            "cancelled" => "It does not take place.",
            "invitation" => "Here is its entry for your calendar. When something changes, you hear of it.",
            _ => "",
        };

        private static IEnumerable<string> Changed(EventDifferences differences)
        {
            if (differences.Title)
            {
                yield return "the title";
            }

            if (differences.Time)
            {
                yield return "the time";
            }

            if (differences.Place)
            {
                yield return "the place";
            }

            if (differences.Online)
            {
                yield return "the link to take part";
            }

            if (differences.Description)
            {
                yield return "the description";
            }
        }

        /// <summary>How long there is until it begins, in words, never more than is left.</summary>
        private static string Until(TimeSpan left) => left switch
        {
            { TotalDays: >= 2 } => $"in {(int)left.TotalDays} days",
            { TotalHours: >= 23.5 } => "in a day",
            { TotalHours: >= 1.75 } => string.Create(CultureInfo.InvariantCulture, $"in {Math.Round(left.TotalHours)} hours"),
            { TotalMinutes: >= 50 } => "in an hour",
            { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"in {(int)left.TotalMinutes} minutes"),
            _ => "now",
        };

        private static IEnumerable<Fact> FactsOf(EventDetails now, EventDetails? before, EventDifferences differences, DateTimeOffset today)
        {
            yield return new Fact("When", differences.Time ? Time(before!) : "", Time(now), null, null);
            var place = EventCalendar.Place(now);
            if (place.Length > 0 || differences.Place)
            {
                yield return new Fact("Where", differences.Place ? Where(before!) : "", Where(now), place.Length > 0 ? Directions(now) : null, "Directions");
            }

            if (now.OnlineLink is { Length: > 0 } online)
            {
                yield return new Fact("Take part", differences.Online ? before!.OnlineLink ?? "" : "", online, online, null);
            }
            else if (differences.Online)
            {
                yield return new Fact("Take part", before!.OnlineLink ?? "", "only at the place", null, null);
            }

            if (now.Organiser is { Length: > 0 } organiser)
            {
                yield return new Fact("Invited by", "", organiser, null, null);
            }

            string Time(EventDetails details) => EventTime.InEnglish(details.StartsAt, details.EndsAt, details.Zone, today);
        }

        private static string Where(EventDetails details) => EventCalendar.Place(details) is { Length: > 0 } place ? place : "online";

        /// <summary>A map that needs no account and follows nobody.</summary>
        private static string Directions(EventDetails details) => details is { Latitude: { } latitude, Longitude: { } longitude }
            ? string.Create(CultureInfo.InvariantCulture, $"https://www.openstreetmap.org/directions?to={latitude:0.######}%2C{longitude:0.######}")
            : $"https://www.openstreetmap.org/search?query={Uri.EscapeDataString(EventCalendar.Place(details))}";

        private static string WhyOf(string word, string lists) => word switch
        {
            "announced" => $"You get this because you subscribe to {lists} and allow notices about events.",
            "reminder" => $"You get this because you subscribe to {lists} and know of this event.",
            "invitation" => "You get this because you answered that you are coming.",
            _ => $"You get this because you subscribe to {lists} and were told of this event.",
        };
    }
}
