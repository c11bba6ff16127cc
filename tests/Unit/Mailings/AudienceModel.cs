using Alerts.Contracts;

namespace Alerts.Tests.Unit.Mailings;

/// <summary>An audience in memory that keeps to the letter of <see cref="IAudience"/>.</summary>
internal sealed class AudienceModel : IAudience
{
    private readonly List<HeldSubscription> rows = [];
    private readonly SortedDictionary<Guid, (long Changed, string Zone, int Hour, DayOfWeek Weekday)> readers = [];
    private readonly Dictionary<Guid, (bool Urgent, bool Events, string[] Regions)> allowed = [];
    private readonly List<(Guid Reader, bool Events, string[] Regions, long From, long To)> where = [];

    public long Revision { get; private set; }

    /// <summary>None until a test sets them up.</summary>
    public List<AudienceRegion> Regions { get; } = [];

    public void Join(Guid reader, string zone = "Europe/Oslo", int hour = 18, DayOfWeek weekday = DayOfWeek.Friday) => readers[reader] = (++Revision, zone, hour, weekday);

    /// <param name="frequency">Null: leaves the list.</param>
    public void Hold(Guid reader, string list, Frequency? frequency)
    {
        Revision++;
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].SubscriberId == reader && rows[i].List == list && rows[i].ToRevision == long.MaxValue)
            {
                rows[i] = rows[i] with { ToRevision = Revision };
            }
        }

        if (frequency is { } chosen)
        {
            rows.Add(new HeldSubscription(reader, list, chosen, Revision, long.MaxValue, Allows(reader).Urgent));
        }

        readers[reader] = readers[reader] with { Changed = Revision };
    }

    /// <summary>What she allows, and where she is, from now on. Before: everything, and anywhere.</summary>
    public void Allow(Guid reader, bool urgent = true, bool events = true, params string[] regions)
    {
        Revision++;
        var before = Allows(reader);
        where.Add((reader, before.Events, before.Regions, where.Where(w => w.Reader == reader).Select(w => w.To).DefaultIfEmpty(0).Max(), Revision));
        allowed[reader] = (urgent, events, regions);
        foreach (var held in rows.Where(r => r.SubscriberId == reader && r.ToRevision == long.MaxValue).ToList())
        {
            rows[rows.IndexOf(held)] = held with { ToRevision = Revision };
            rows.Add(held with { FromRevision = Revision, Urgent = urgent });
        }

        readers[reader] = readers[reader] with { Changed = Revision };
    }

    public Frequency? Holds(Guid reader, string list) =>
        rows.Where(r => r.SubscriberId == reader && r.List == list && r.ToRevision == long.MaxValue).Select(r => (Frequency?)r.Frequency).SingleOrDefault();

    public Task<long> CurrentRevisionAsync(CancellationToken cancellationToken) => Task.FromResult(Revision);

    public Task<IReadOnlyList<AudienceList>> ListsAsync(IReadOnlyCollection<string>? slugs, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AudienceList>>([.. (slugs ?? []).Select(slug => new AudienceList(slug, "The " + slug, "", true))]);

    public Task<IReadOnlyList<Candidate>> PageAsync(
        IReadOnlyCollection<string> lists, Frequency? frequency, long revision, Guid after, int size, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Candidate>>([
            .. readers.Keys
                .Where(id => id.CompareTo(after) > 0)
                .Where(id => rows.Where(r => r.SubscriberId == id && lists.Contains(r.List) && r.FromRevision <= revision && revision < r.ToRevision && (frequency is not null || r.Urgent))
                    .Select(r => (Frequency?)r.Frequency).Min() is { } fastest && (frequency is null || fastest == frequency))
                .Take(size)
                .Select(id => new Candidate(id, null, null)),
        ]);

    public Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<AudienceRegion>>([.. Regions]);

    public Task<IReadOnlyList<Candidate>> NoticePageAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, Guid after, int size, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Candidate>>([
            .. readers.Keys
                .Where(id => id.CompareTo(after) > 0)
                .Where(id => rows.Exists(r => r.SubscriberId == id && lists.Contains(r.List) && r.FromRevision <= revision && revision < r.ToRevision))
                .Where(id => AllowedAt(id, revision) is { Events: true } then && RegionTree.Of(Regions).Matches(then.Regions, regions))
                .Take(size)
                .Select(id => new Candidate(id, null, null)),
        ]);

    public Task<IReadOnlyList<DigestReader>> ChangedAsync(long revision, Guid after, int size, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DigestReader>>([
            .. readers
                .Where(r => r.Value.Changed > revision || (r.Value.Changed == revision && r.Key.CompareTo(after) > 0))
                .OrderBy(r => r.Value.Changed).ThenBy(r => r.Key)
                .Take(size)
                .Select(r => new DigestReader(
                    r.Key, r.Value.Changed, r.Value.Zone, r.Value.Hour, r.Value.Weekday, HoldsAny(r.Key, Frequency.Daily), HoldsAny(r.Key, Frequency.Weekly), Allows(r.Key).Regions)),
        ]);

    public Task<IReadOnlyList<HeldSubscription>> HeldAsync(IReadOnlyCollection<Guid> subscribers, long sinceRevision, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<HeldSubscription>>([.. rows.Where(r => subscribers.Contains(r.SubscriberId) && r.ToRevision > sinceRevision)]);

    public Task<IReadOnlyDictionary<Guid, Reachable>> StillWantedAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken) => throw new NotSupportedException();

    private (bool Urgent, bool Events, string[] Regions) Allows(Guid reader) => allowed.GetValueOrDefault(reader, (true, true, []));

    private (bool Events, string[] Regions) AllowedAt(Guid reader, long revision)
    {
        foreach (var then in where.Where(w => w.Reader == reader && w.From <= revision && revision < w.To))
        {
            return (then.Events, then.Regions);
        }

        return (Allows(reader).Events, Allows(reader).Regions);
    }

    private bool HoldsAny(Guid reader, Frequency frequency) => rows.Exists(r => r.SubscriberId == reader && r.Frequency == frequency && r.ToRevision == long.MaxValue);
}
