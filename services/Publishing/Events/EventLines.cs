using System.Linq.Expressions;
using Alerts.Mailings.Calendar;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Events;

/// <summary>Which events of an editor's list.</summary>
internal enum EventShelf
{
    /// <summary>Announced and not over, the next one first.</summary>
    Upcoming,

    /// <summary>Not announced: drafts and scheduled ones, the next one first.</summary>
    Drafts,

    /// <summary>Over, the latest first.</summary>
    Past,

    /// <summary>The latest first.</summary>
    Cancelled,
}

/// <summary>Events in lists for editors; their descriptions stay in the database.</summary>
internal sealed class EventLines(PublishingDb db, TimeProvider clock)
{
    public const int DefaultSize = 50;
    public const int MaxSize = 200;

    public static IReadOnlyList<string> States { get; } = ["draft", "scheduled", "announced", "cancelled", "over"];

    /// <summary>A state as the API spells it.</summary>
    public static string Name(Event of, DateTimeOffset now) => of.IsOver(now) ? "over" : of.State.ToString().ToLowerInvariant();

    /// <summary>Those of a state, the newest first.</summary>
    /// <param name="state">One of <see cref="States"/>; null for all.</param>
    public async Task<Page<EventLine>> PageAsync(string? state, string? list, Guid? after, int size, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var events = db.Events.AsNoTracking();
        events = state switch
        {
            null => events,
            "over" => events.Where(e => e.State == EventState.Announced && e.EndsAt <= now),
            "announced" => events.Where(e => e.State == EventState.Announced && e.EndsAt > now),
            _ => events.Where(Is(Enum.Parse<EventState>(state, ignoreCase: true))),
        };
        events = list is null ? events : events.Where(e => e.Lists.Contains(list));
        events = after is null ? events : events.Where(e => e.Id < after);
        return await LinesAsync(events.OrderByDescending(e => e.Id), size, now, cancellationToken);
    }

    /// <summary>Those of an editor's page.</summary>
    /// <param name="after">The last event of the page before.</param>
    public async Task<Page<EventLine>> PageAsync(EventShelf shelf, Guid? after, int size, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var events = On(shelf, now);
        var last = after is null ? null : await db.Events.Where(e => e.Id == after).Select(e => new { e.Id, e.StartsAt }).SingleOrDefaultAsync(cancellationToken);
        if (shelf is EventShelf.Upcoming or EventShelf.Drafts)
        {
            events = last is null ? events : events.Where(e => e.StartsAt > last.StartsAt || (e.StartsAt == last.StartsAt && e.Id > last.Id));
            events = events.OrderBy(e => e.StartsAt).ThenBy(e => e.Id);
        }
        else
        {
            events = last is null ? events : events.Where(e => e.StartsAt < last.StartsAt || (e.StartsAt == last.StartsAt && e.Id < last.Id));
            events = events.OrderByDescending(e => e.StartsAt).ThenByDescending(e => e.Id);
        }

        return await LinesAsync(events, size, now, cancellationToken);
    }

    public async Task<Dictionary<EventShelf, int>> CountsAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var counts = new Dictionary<EventShelf, int>();
        foreach (var shelf in Enum.GetValues<EventShelf>())
        {
            counts[shelf] = await On(shelf, now).CountAsync(cancellationToken);
        }

        return counts;
    }

    private IQueryable<Event> On(EventShelf shelf, DateTimeOffset now)
    {
        var events = db.Events.AsNoTracking();
        return shelf switch
        {
            EventShelf.Upcoming => events.Where(e => e.State == EventState.Announced && e.EndsAt > now),
            EventShelf.Drafts => events.Where(e => e.State == EventState.Draft || e.State == EventState.Scheduled),
            EventShelf.Past => events.Where(e => e.State == EventState.Announced && e.EndsAt <= now),
            _ => events.Where(e => e.State == EventState.Cancelled),
        };
    }

    private static Expression<Func<Event, bool>> Is(EventState state) => e => e.State == state;

    private static async Task<Page<EventLine>> LinesAsync(IQueryable<Event> events, int size, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await events.Take(size + 1)
            .Select(e => new
            {
                e.Id,
                e.State,
                e.Title,
                e.Summary,
                e.StartsAt,
                e.EndsAt,
                e.Zone,
                e.Place,
                e.Regions,
                e.Lists,
                e.PublishAt,
                e.AnnouncedAt,
                e.Version,
            })
            .ToListAsync(cancellationToken);
        var lines = found.Take(size).Select(e => new EventLine(
            e.Id, e.State == EventState.Announced && e.EndsAt <= now ? "over" : e.State.ToString().ToLowerInvariant(), e.Title, e.Summary,
            LocalTimes.Format(e.StartsAt, e.Zone), LocalTimes.Format(e.EndsAt, e.Zone), e.Zone, e.StartsAt, e.EndsAt, EventTime.InEnglish(e.StartsAt, e.EndsAt, e.Zone, now),
            e.Place, e.Regions, e.Lists, e.PublishAt, e.AnnouncedAt, e.Version));
        return new Page<EventLine>([.. lines], found.Count > size ? found[size - 1].Id : null);
    }
}
