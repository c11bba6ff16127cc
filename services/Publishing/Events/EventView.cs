using Alerts.Contracts;
using Alerts.Mailings.Calendar;
using Alerts.ServiceDefaults;

namespace Alerts.Publishing.Events;

/// <summary>An event in a list: without its description.</summary>
/// <param name="State">draft, scheduled, announced, cancelled or over.</param>
/// <param name="StartsAt">Local to <paramref name="Zone"/>, such as <c>2026-11-21T13:00</c>.</param>
/// <param name="Starts">The start as an instant (UTC).</param>
/// <param name="When">Start and end in words.</param>
/// <param name="Version">0 until it is announced; rises with each change since.</param>
public sealed record EventLine(
    Guid Id, string State, string Title, string Summary, string StartsAt, string EndsAt, string Zone, DateTimeOffset Starts, DateTimeOffset Ends, string When,
    string? Place, IReadOnlyList<string> Regions, IReadOnlyList<string> Lists, DateTimeOffset? PublishAt, DateTimeOffset? AnnouncedAt, int Version);

/// <summary>How many answered whether they come.</summary>
public sealed record EventAnswersView(int Coming, int Maybe, int NotComing);

/// <summary>An event with all there is to know of it.</summary>
/// <param name="State">draft, scheduled, announced, cancelled or over.</param>
/// <param name="Markdown">As written; null where HTML was given, or nothing.</param>
/// <param name="StartsAt">Local to <paramref name="Zone"/>, such as <c>2026-11-21T13:00</c>.</param>
/// <param name="Starts">The start as an instant (UTC).</param>
/// <param name="When">Start and end in words.</param>
/// <param name="Page">Its page here.</param>
/// <param name="Link">Where one can join or read more.</param>
/// <param name="Missed">It had begun when it was to be announced, so it is a draft again.</param>
/// <param name="Reason">Why it was cancelled.</param>
/// <param name="Version">0 until it is announced; rises with each change since: the SEQUENCE of its calendar entry.</param>
/// <param name="Change">Give it back with a PUT to have that refused if somebody else has changed the event meanwhile.</param>
/// <param name="Notes">What was taken for a time that the clocks skip or repeat; only in the answer to writing it.</param>
/// <param name="Told">What readers are told of; only in the answer to a change.</param>
public sealed record EventView(
    Guid Id, string State, string Title, string? Markdown, string Html, string Text, string Summary, string StartsAt, string EndsAt, string Zone, DateTimeOffset Starts,
    DateTimeOffset Ends, string When, string? Place, string? Street, double? Latitude, double? Longitude, IReadOnlyList<string> Regions, IReadOnlyList<string> Lists,
    string Page, string? Link, string? Organiser, int? Capacity, IReadOnlyList<string> RemindBefore, bool RemindOnlyComing, DateTimeOffset? PublishAt, bool Missed,
    DateTimeOffset? AnnouncedAt, string? Reason, int Version, int Change, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, EventAnswersView Answers,
    IReadOnlyList<string> Notes, IReadOnlyList<EventChange> Told)
{
    internal static EventView Of(Event of, EventAnswers? answers, EventOutcome? outcome, AlertsOptions site, DateTimeOffset now) => new(
        of.Id, EventLines.Name(of, now), of.Title, of.Markdown, of.Html, of.Text, of.Summary, LocalTimes.Format(of.StartsAt, of.Zone), LocalTimes.Format(of.EndsAt, of.Zone),
        of.Zone, of.StartsAt, of.EndsAt, EventTime.InEnglish(of.StartsAt, of.EndsAt, of.Zone, now), of.Place, of.Street, of.Latitude, of.Longitude, of.Regions, of.Lists,
        of.LinkOn(site), of.OnlineLink, of.Organiser, of.Capacity, of.RemindBefore, of.RemindOnlyComing, of.PublishAt, of.Missed, of.AnnouncedAt, of.Reason, of.Version,
        of.Change, of.CreatedAt, of.UpdatedAt, new EventAnswersView(answers?.Coming ?? 0, answers?.Maybe ?? 0, answers?.NotComing ?? 0),
        outcome?.Notes ?? [], outcome?.Changes ?? []);
}
