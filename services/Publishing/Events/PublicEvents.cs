using Alerts.Contracts;
using Alerts.Mailings.Calendar;
using Alerts.Publishing.Archive;
using Alerts.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Events;

/// <summary>An event in a list for everybody.</summary>
internal sealed record PublicEvent(
    Guid Id, string Title, string Summary, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Zone, string? Place, string? Street, IReadOnlyList<string> Regions,
    IReadOnlyList<string> Lists, bool IsCancelled, int? Capacity, int Coming)
{
    public bool IsFull => Capacity <= Coming;

    public string Where => string.Join(", ", new[] { Place, Street }.OfType<string>());
}

/// <summary>The announced events that everybody may see: those of at least one public list that is in the archive.</summary>
internal sealed class PublicEvents(PublishingDb db, PublicPosts posts, IAudience audience, TimeProvider clock, IOptions<AlertsOptions> site)
{
    /// <summary>A calendar feed goes back this far, so that what was cancelled is seen by calendars that look rarely.</summary>
    private static readonly TimeSpan FeedPast = TimeSpan.FromDays(30);

    /// <summary>The next ones only: calendars ask often.</summary>
    private const int FeedSize = 500;

    private IReadOnlyList<AudienceRegion>? regions;

    public Task<IReadOnlyList<AudienceList>> ListsAsync(CancellationToken cancellationToken) => posts.ListsAsync(cancellationToken);

    /// <summary>The regions that can be chosen, and where events of removed ones still lie.</summary>
    public async Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken) => regions ??= await audience.RegionsAsync(cancellationToken);

    /// <summary>Those that aren't over, the next one first; cancelled ones, too.</summary>
    /// <param name="list">A slug; null for all public lists.</param>
    /// <param name="region">A slug; null for everywhere.</param>
    /// <param name="after">The last event of the page before.</param>
    public async Task<Page<PublicEvent>> PageAsync(string? list, string? region, Guid? after, int size, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var events = (await SeenAsync(list, region, cancellationToken)).Where(e => e.EndsAt > now);
        if (after is not null && await db.Events.Where(e => e.Id == after).Select(e => new { e.Id, e.StartsAt }).SingleOrDefaultAsync(cancellationToken) is { } last)
        {
            events = events.Where(e => e.StartsAt > last.StartsAt || (e.StartsAt == last.StartsAt && e.Id > last.Id));
        }

        var page = await events.OrderBy(e => e.StartsAt).ThenBy(e => e.Id).Take(size + 1)
            .Select(e => new PublicEvent(
                e.Id, e.Title, e.Summary, e.StartsAt, e.EndsAt, e.Zone, e.Place, e.Street, e.Regions, e.Lists, e.State == EventState.Cancelled, e.Capacity,
                db.EventAnswers.Where(a => a.EventId == e.Id).Sum(a => a.Coming)))
            .ToListAsync(cancellationToken);
        return new Page<PublicEvent>([.. page.Take(size)], page.Count > size ? page[size - 1].Id : null);
    }

    /// <summary>Those of a list for a calendar that follows it.</summary>
    public async Task<IReadOnlyList<CalendarEntry>> CalendarAsync(string list, string? region, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - FeedPast;
        var events = await (await SeenAsync(list, region, cancellationToken)).Where(e => e.EndsAt > since)
            .OrderBy(e => e.StartsAt).ThenBy(e => e.Id).Take(FeedSize).ToListAsync(cancellationToken);
        return events.ConvertAll(EntryOf);
    }

    /// <summary>An event that was announced, with how many answered that they come. One of private lists is given to whoever has its link, as its readers have.</summary>
    public async Task<(Event Event, int Coming, bool IsListed)?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await db.Events.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id && e.AnnouncedAt != null, cancellationToken) is not { } found)
        {
            return null;
        }

        var coming = await db.EventAnswers.Where(a => a.EventId == id).SumAsync(a => a.Coming, cancellationToken);
        var lists = await ListsAsync(cancellationToken);
        return (found, coming, found.Lists.Exists(slug => lists.Any(list => list.Slug == slug)));
    }

    public CalendarEntry EntryOf(Event of) => new(of.Id, of.Version, of.ToDetails(site.Value), of.ReleasedAt!.Value, of.State is EventState.Cancelled);

    private async Task<IQueryable<Event>> SeenAsync(string? list, string? region, CancellationToken cancellationToken)
    {
        List<string> slugs = [.. (await ListsAsync(cancellationToken)).Select(l => l.Slug).Where(slug => list is null || slug == list)];
        var events = db.Events.AsNoTracking().Where(e => e.AnnouncedAt != null && e.Lists.Any(slug => slugs.Contains(slug)));
        if (region is null)
        {
            return events;
        }

        var all = await RegionsAsync(cancellationToken);
        var tree = RegionTree.Of(all);
        List<string> near = [.. all.Select(r => r.Slug).Where(slug => tree.Matches([region], [slug]))];
        return events.Where(e => !e.Regions.Any() || e.Regions.Any(slug => near.Contains(slug)));
    }
}
