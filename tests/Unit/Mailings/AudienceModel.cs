using Alerts.Contracts;

namespace Alerts.Tests.Unit.Mailings;

/// <summary>An audience in memory that keeps to the letter of <see cref="IAudience"/>.</summary>
internal sealed class AudienceModel : IAudience
{
    private readonly SortedDictionary<Guid, Someone> readers = [];

    public long Revision { get; private set; }

    /// <summary>None until a test sets them up.</summary>
    public List<AudienceRegion> Regions { get; } = [];

    /// <summary>Waited for by whoever asks what readers hold.</summary>
    public Func<Task> BeforeHeld { get; set; } = () => Task.CompletedTask;

    public void Join(Guid reader, string zone = "Europe/Oslo", int hour = 18, DayOfWeek weekday = DayOfWeek.Friday) => Describe(reader, zone, hour, weekday);

    /// <summary>Takes a reader in, or changes when she reads.</summary>
    public void Describe(Guid reader, string zone, int hour, DayOfWeek weekday)
    {
        var someone = readers.TryGetValue(reader, out var known) ? known : readers[reader] = new Someone();
        (someone.Zone, someone.Hour, someone.Weekday, someone.Changed) = (zone, hour, weekday, ++Revision);
    }

    /// <param name="frequency">Null: leaves the list.</param>
    /// <param name="urgent">Whether urgent posts reach her at once; null: as she allows.</param>
    public void Hold(Guid reader, string list, Frequency? frequency, bool? urgent = null)
    {
        var someone = readers[reader];
        someone.Changed = ++Revision;
        var rows = someone.Rows;
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].List == list && rows[i].ToRevision == long.MaxValue)
            {
                rows[i] = rows[i] with { ToRevision = Revision };
            }
        }

        if (frequency is { } chosen)
        {
            rows.Add(new HeldSubscription(reader, list, chosen, Revision, long.MaxValue, urgent ?? someone.Allows.Urgent));
        }
    }

    /// <summary>What she allows, and where she is, from now on. Before: everything, and anywhere.</summary>
    public void Allow(Guid reader, bool urgent = true, bool events = true, params string[] regions)
    {
        var someone = readers[reader];
        someone.Changed = ++Revision;
        someone.Before.Add((someone.Allows.Events, someone.Allows.Regions, someone.Before.Select(w => w.To).DefaultIfEmpty(0).Max(), Revision));
        someone.Allows = (urgent, events, regions);
        foreach (var held in someone.Rows.Where(r => r.ToRevision == long.MaxValue).ToList())
        {
            someone.Rows[someone.Rows.IndexOf(held)] = held with { ToRevision = Revision };
            someone.Rows.Add(held with { FromRevision = Revision, Urgent = urgent });
        }
    }

    /// <param name="until">Null: no pause any more.</param>
    public void Pause(Guid reader, DateTimeOffset? until) => (readers[reader].PausedUntil, readers[reader].Changed) = (until, ++Revision);

    /// <summary>Forgets what ended at or before a revision that nothing asks for any more.</summary>
    public void Forget(long revision)
    {
        foreach (var someone in readers.Values)
        {
            someone.Rows.RemoveAll(row => row.ToRevision <= revision);
        }
    }

    public HeldSubscription? Subscription(Guid reader, string list) => readers[reader].Rows.Find(r => r.List == list && r.ToRevision == long.MaxValue);

    public Frequency? Holds(Guid reader, string list) => Subscription(reader, list)?.Frequency;

    /// <summary>All that a reader held, as <see cref="HeldAsync"/> has it.</summary>
    public IReadOnlyList<HeldSubscription> Rows(Guid reader) => readers[reader].Rows;

    /// <summary>As <see cref="ChangedAsync"/> has it, all in one.</summary>
    public IEnumerable<DigestReader> Changed(long revision, Guid after) => readers
        .Where(r => r.Value.Changed > revision || (r.Value.Changed == revision && r.Key.CompareTo(after) > 0))
        .OrderBy(r => r.Value.Changed).ThenBy(r => r.Key)
        .Select(r => new DigestReader(
            r.Key, r.Value.Changed, r.Value.Zone, r.Value.Hour, r.Value.Weekday, r.Value.HoldsAny(Frequency.Daily), r.Value.HoldsAny(Frequency.Weekly),
            r.Value.Rows.Exists(row => row.Frequency != Frequency.Immediate && row.ToRevision > revision), r.Value.Allows.Regions, r.Value.PausedUntil));

    public Task<long> CurrentRevisionAsync(CancellationToken cancellationToken) => Task.FromResult(Revision);

    public Task<IReadOnlyList<AudienceList>> ListsAsync(IReadOnlyCollection<string>? slugs, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AudienceList>>([.. (slugs ?? []).Select(slug => new AudienceList(slug, "The " + slug, "", true))]);

    public Task<IReadOnlyList<Candidate>> PageAsync(
        IReadOnlyCollection<string> lists, Frequency? frequency, long revision, Guid after, int size, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Candidate>>([
            .. readers.Keys
                .Where(id => id.CompareTo(after) > 0)
                .Where(id => readers[id].Rows.Where(r => lists.Contains(r.List) && r.FromRevision <= revision && revision < r.ToRevision && (frequency is not null || r.Urgent || r.Frequency == Frequency.Immediate))
                    .Select(r => (Frequency?)r.Frequency).Min() is { } fastest && (frequency is null || fastest == frequency))
                .Take(size)
                .Select(id => new Candidate(id, null, null)),
        ]);

    public Task<AudienceEstimate> EstimateAsync(IReadOnlyCollection<string> lists, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<AudienceRegion>>([.. Regions]);

    public Task<IReadOnlyList<Candidate>> NoticePageAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, Guid after, int size, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Candidate>>([
            .. readers.Keys
                .Where(id => id.CompareTo(after) > 0)
                .Where(id => readers[id].Rows.Exists(r => lists.Contains(r.List) && r.FromRevision <= revision && revision < r.ToRevision))
                .Where(id => readers[id].AllowedAt(revision) is { Events: true } then && RegionTree.Of(Regions).Matches(then.Regions, regions))
                .Take(size)
                .Select(id => new Candidate(id, null, null)),
        ]);

    public Task<IReadOnlyList<DigestReader>> ChangedAsync(long revision, Guid after, int size, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DigestReader>>([.. Changed(revision, after).Take(size)]);

    public async Task<IReadOnlyList<HeldSubscription>> HeldAsync(IReadOnlyCollection<Guid> subscribers, long sinceRevision, CancellationToken cancellationToken)
    {
        await BeforeHeld();
        return [.. subscribers.Where(readers.ContainsKey).SelectMany(id => readers[id].Rows).Where(r => r.ToRevision > sinceRevision)];
    }

    public Task<IReadOnlyDictionary<Guid, Reachable>> StillWantedAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken) => throw new NotSupportedException();

    private sealed class Someone
    {
        public long Changed { get; set; }

        public string Zone { get; set; } = "";

        public int Hour { get; set; }

        public DayOfWeek Weekday { get; set; }

        public DateTimeOffset? PausedUntil { get; set; }

        public (bool Urgent, bool Events, string[] Regions) Allows { get; set; } = (true, true, []);

        public List<(bool Events, string[] Regions, long From, long To)> Before { get; } = [];

        public List<HeldSubscription> Rows { get; } = [];

        public (bool Events, string[] Regions) AllowedAt(long revision)
        {
            foreach (var then in Before.Where(w => w.From <= revision && revision < w.To))
            {
                return (then.Events, then.Regions);
            }

            return (Allows.Events, Allows.Regions);
        }

        public bool HoldsAny(Frequency frequency) => Rows.Exists(r => r.Frequency == frequency && r.ToRevision == long.MaxValue);
    }
}
