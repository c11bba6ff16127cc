using System.Collections.Concurrent;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions.Encryption;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Subscriptions.Audience;

/// <summary>Answers "who?" from the tables of Subscriptions, in any process. Every call opens a context of its own for a read or two by index, and holds no transaction.</summary>
public sealed class RevisionedAudience(Func<SubscriptionsDb> open, TimeProvider clock) : IAudience
{
    private const int MostLists = 1_000;
    private const int MostOnPage = 500;
    private const int MostChanged = 2_000;

    /// <summary>An editor who writes asks again and again.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private const int MostEstimates = 100;

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, AudienceEstimate Estimate)> estimates = new(StringComparer.Ordinal);

    /// <summary>So many holders are looked at in one read for those in some region.</summary>
    private const int Stretch = 5_000;

    public async Task<long> CurrentRevisionAsync(CancellationToken cancellationToken)
    {
        await using var db = open();
        return await db.Revisions.Where(r => r.Id == Revision.OnlyId).Select(r => r.Value).FirstOrDefaultAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AudienceList>> ListsAsync(IReadOnlyCollection<string>? slugs, CancellationToken cancellationToken)
    {
        await using var db = open();
        var lists = slugs is null ? db.Lists : db.Lists.Where(l => EF.Parameter(slugs).Contains(l.Slug));
        return await lists.OrderBy(l => l.Slug).Take(MostLists)
            .Select(l => new AudienceList(l.Slug, l.Name, l.Description, l.Visibility == Lists.ListVisibility.Public, l.InArchive, l.SenderName, l.FourEyes))
            .ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Candidate>> PageAsync(
        IReadOnlyCollection<string> lists, Frequency? frequency, long revision, Guid after, int size, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lists);
        CheckSize(size);
        if (lists.Count == 0)
        {
            return [];
        }

        await using var db = open();

        // One walk along the index for each list and frequency, each stopping after a page: the first of all of them together are the page.
        var held = await lists.Distinct()
            .SelectMany(list => frequency is { } one ? [Holders(db, list, one)] : Enum.GetValues<Frequency>().Select(each => Holders(db, list, each)))
            .Aggregate((some, more) => some.Union(more))
            .GroupBy(h => h.SubscriberId)
            .Select(h => new Until { SubscriberId = h.Key, ToRev = h.Max(s => s.ToRev) })
            .OrderBy(h => h.SubscriberId)
            .Take(size)
            .ToListAsync(cancellationToken);
        return await CandidatesAsync(db, held, lists, cancellationToken);

        IQueryable<Until> Holders(SubscriptionsDb db, string list, Frequency held)
        {
            var holders = db.Subscriptions.Where(s =>
                s.List == list && s.Frequency == held && s.SubscriberId > after && s.FromRev <= revision && revision < s.ToRev);
            // Whoever has a list at once has its urgent posts at once, too, whatever she allows.
            holders = frequency is null && held != Frequency.Immediate ? holders.Where(s => s.Urgent) : holders;
            Frequency[] faster = [.. Enum.GetValues<Frequency>().Where(each => each < frequency)];
            if (faster.Length > 0 && lists.Count > 1)
            {
                // Named one by one, and "after" once more: so both databases look these up by index from where the walk is.
                holders = holders.Where(s => !db.Subscriptions.Any(other =>
                    other.SubscriberId == s.SubscriberId && other.SubscriberId > after && lists.Contains(other.List) && faster.Contains(other.Frequency)
                    && other.FromRev <= revision && revision < other.ToRev));
            }

            return holders.OrderBy(s => s.SubscriberId).Take(size).Select(s => new Until { SubscriberId = s.SubscriberId, ToRev = s.ToRev });
        }
    }

    public async Task<AudienceEstimate> EstimateAsync(IReadOnlyCollection<string> lists, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lists);

        var now = clock.GetUtcNow();
        var key = string.Join(' ', lists.Distinct().Order(StringComparer.Ordinal));
        if (estimates.TryGetValue(key, out var known) && now - known.At < Fresh)
        {
            return known.Estimate;
        }

        await using var db = open();
        var estimate = await AudienceSample.EstimateAsync(db, lists, now, cancellationToken);
        if (estimates.Count >= MostEstimates)
        {
            estimates.Clear();
        }

        estimates[key] = (now, estimate);
        return estimate;
    }

    public async Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken)
    {
        await using var db = open();
        return await db.Regions.OrderBy(r => r.Slug).Take(Region.Most).Select(r => new AudienceRegion(r.Slug, r.Name, r.Parent, r.RemovedAt != null)).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Candidate>> NoticePageAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, Guid after, int size, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentNullException.ThrowIfNull(regions);
        CheckSize(size);
        if (lists.Count == 0)
        {
            return [];
        }

        var reach = RegionTree.Of(regions.Count == 0 ? [] : await RegionsAsync(cancellationToken)).ReachOf(regions);
        var stretch = reach.Everywhere ? size : Stretch;
        await using var db = open();
        var found = new List<Until>(size);
        var last = after;
        while (found.Count < size)
        {
            var holders = await HoldersAsync(db, last, cancellationToken);
            found.AddRange(holders.Where(h => reach.Covers(h.Regions.Split('\n', StringSplitOptions.RemoveEmptyEntries))).Select(h => new Until { SubscriberId = h.SubscriberId, ToRev = h.ToRev }).Take(size - found.Count));
            if (holders.Count < stretch)
            {
                break;
            }

            last = holders[^1].SubscriberId;
        }

        return await CandidatesAsync(db, found, lists, cancellationToken);

        // All she holds at a revision says the same of her regions, so that each reader comes once.
        Task<List<Holder>> HoldersAsync(SubscriptionsDb db, Guid from, CancellationToken cancellationToken) => lists.Distinct()
            .SelectMany(list => Enum.GetValues<Frequency>().Select(held => db.Subscriptions
                .Where(s => s.List == list && s.Frequency == held && s.SubscriberId > from && s.FromRev <= revision && revision < s.ToRev && s.Events)
                .OrderBy(s => s.SubscriberId).Take(stretch).Select(s => new Holder { SubscriberId = s.SubscriberId, Regions = s.Regions, ToRev = s.ToRev })))
            .Aggregate((some, more) => some.Union(more))
            .GroupBy(h => new { h.SubscriberId, h.Regions })
            .Select(h => new Holder { SubscriberId = h.Key.SubscriberId, Regions = h.Key.Regions, ToRev = h.Max(s => s.ToRev) })
            .OrderBy(h => h.SubscriberId)
            .Take(stretch)
            .ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<DigestReader>> ChangedAsync(long revision, Guid after, int size, CancellationToken cancellationToken)
    {
        CheckSize(size, MostChanged);
        await using var db = open();

        // The rest of that revision, and those after it: each a walk along the index from where it is. Both in one question, so that nobody who changes meanwhile comes twice.
        // Revision 0 is of those who have never held anything.
        var later = Changes(db.Subscribers.Where(s => s.ChangedRev > revision));
        var all = revision > 0 ? Changes(db.Subscribers.Where(s => s.ChangedRev == revision && s.Id > after)).Concat(later) : later;
        var changed = await all.OrderBy(s => s.ChangedRev).ThenBy(s => s.Id).Take(size).ToListAsync(cancellationToken);

        // Few hold digests where most have everything at once: an index has only those who do, or did.
        var ids = changed.Select(s => s.Id).ToList();
        var digests = (await db.Subscriptions
            .Where(s => EF.Parameter(ids).Contains(s.SubscriberId) && s.Frequency != Frequency.Immediate && s.ToRev > revision)
            .Select(s => new { s.SubscriberId, s.Frequency, Now = s.ToRev == Subscription.Held })
            .ToListAsync(cancellationToken)).ToLookup(d => d.SubscriberId);
        return [.. changed.Select(s => new DigestReader(
            s.Id, s.ChangedRev, s.Zone, s.Hour, s.Weekday, Daily: Holds(s.Id, Frequency.Daily), Weekly: Holds(s.Id, Frequency.Weekly), HadDigest: digests.Contains(s.Id), s.Regions, s.PausedUntil))];

        bool Holds(Guid reader, Frequency frequency) => digests[reader].Any(d => d.Now && d.Frequency == frequency);

        IQueryable<Changed> Changes(IQueryable<Subscriber> which) => which.OrderBy(s => s.ChangedRev).ThenBy(s => s.Id).Take(size).Select(s => new Changed
        {
            Id = s.Id,
            ChangedRev = s.ChangedRev,
            Zone = s.Zone,
            Hour = s.Hour,
            Weekday = s.Weekday,
            Regions = s.Regions,
            PausedUntil = s.PausedUntil,
        });
    }

    public async Task<IReadOnlyList<HeldSubscription>> HeldAsync(IReadOnlyCollection<Guid> subscribers, long sinceRevision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscribers);
        await using var db = open();
        return await db.Subscriptions
            .Where(s => EF.Parameter(subscribers).Contains(s.SubscriberId) && s.ToRev > sinceRevision)
            .OrderBy(s => s.SubscriberId).ThenBy(s => s.List).ThenBy(s => s.FromRev)
            .Select(s => new HeldSubscription(s.SubscriberId, s.List, s.Frequency, s.FromRev, s.ToRev, s.Urgent))
            .ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyDictionary<Guid, Reachable>> StillWantedAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentNullException.ThrowIfNull(subscribers);
        await using var db = open();
        var standing = await StandingAsync(db, subscribers, cancellationToken);
        var holding = lists.Count > 0 ? await HoldingAsync(db, [.. standing.Select(s => s.Id)], lists, cancellationToken) : null;
        return standing.ToDictionary(s => s.Id, s => s.Excluded(holding) is { } reason ? new Reachable(null, reason) : new Reachable(Readable(s.Address), null));
    }

    /// <summary>Those who held some of the lists, with how they stand now. Only where what they held then has ended must be asked what they hold now.</summary>
    private async Task<List<Candidate>> CandidatesAsync(SubscriptionsDb db, List<Until> held, IReadOnlyCollection<string> lists, CancellationToken cancellationToken)
    {
        var standing = await StandingAsync(db, [.. held.Select(h => h.SubscriberId)], cancellationToken);
        var holding = await HoldingAsync(db, [.. held.Where(h => h.ToRev != Subscription.Held).Select(h => h.SubscriberId)], lists, cancellationToken);
        holding.UnionWith(held.Where(h => h.ToRev == Subscription.Held).Select(h => h.SubscriberId));
        return [.. standing.OrderBy(s => s.Id).Select(s => new Candidate(s.Id, s.Name, s.Excluded(holding)))];
    }

    /// <summary>How these readers stand now.</summary>
    private async Task<List<Standing>> StandingAsync(SubscriptionsDb db, IReadOnlyCollection<Guid> readers, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Subscribers.Where(s => EF.Parameter(readers).Contains(s.Id))
            .Select(s => new Standing(s.Id, s.Name, s.Address, s.State, s.SuppressedAt != null, s.PausedUntil != null && s.PausedUntil > now))
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Who of these readers holds one of the lists now. Asked apart and by id: as a part of the larger questions, PostgreSQL reads the whole table for it.
    /// </summary>
    private static async Task<HashSet<Guid>> HoldingAsync(SubscriptionsDb db, List<Guid> readers, IReadOnlyCollection<string> lists, CancellationToken cancellationToken)
    {
        if (readers.Count == 0)
        {
            return [];
        }

        var held = await db.Subscriptions
            .Where(s => EF.Parameter(readers).Contains(s.SubscriberId) && s.ToRev == Subscription.Held)
            .Select(s => new { s.SubscriberId, s.List })
            .ToListAsync(cancellationToken);
        return [.. held.Where(h => lists.Contains(h.List)).Select(h => h.SubscriberId)];
    }

    /// <summary>Never writes to what isn't an address: this process runs without the keys that another has begun to encrypt with.</summary>
    private static string? Readable(string? address) => address is null || AddressKeys.IsPlain(address)
        ? address
        : throw new InvalidOperationException($"Addresses are encrypted in this database. Stop this process, and start it with {AddressKeys.Setting}.");

    private static void CheckSize(int size, int most = MostOnPage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, most);
    }

    /// <summary>A reader who changed, with what decides when her digests are due.</summary>
    private sealed record Changed
    {
        public required Guid Id { get; init; }

        public required long ChangedRev { get; init; }

        public required string Zone { get; init; }

        public required int Hour { get; init; }

        public required DayOfWeek Weekday { get; init; }

        public required List<string> Regions { get; init; }

        public required DateTimeOffset? PausedUntil { get; init; }
    }

    /// <summary>What a reader held, and until which revision.</summary>
    private sealed record Until
    {
        public required Guid SubscriberId { get; init; }

        public required long ToRev { get; init; }
    }

    /// <summary>What a reader held, where, and until which revision.</summary>
    private sealed record Holder
    {
        public required Guid SubscriberId { get; init; }

        /// <summary>A line each.</summary>
        public required string Regions { get; init; }

        public required long ToRev { get; init; }
    }

    /// <summary>How a reader stands now.</summary>
    private sealed record Standing(Guid Id, string? Name, string? Address, SubscriberState State, bool Suppressed, bool Paused)
    {
        /// <summary>Why she gets no mail, one of <see cref="Exclusion"/>, or null.</summary>
        /// <param name="holding">Who holds one of the lists. Null for mail that she asked for a moment ago: lists and a pause don't matter to it.</param>
        public string? Excluded(HashSet<Guid>? holding) => this switch
        {
            { State: SubscriberState.Erased } => Exclusion.Unsubscribed,
            _ when holding?.Contains(Id) == false => Exclusion.Unsubscribed,
            { Suppressed: true } => Exclusion.Suppressed,
            { Paused: true } when holding is not null => Exclusion.Paused,
            _ => null,
        };
    }
}

public static class AudienceExtensions
{
    /// <summary>
    /// Registers <see cref="IAudience"/>, which reads the tables of Subscriptions whether or not this process runs that service. So their migrations belong to it: on an
    /// empty database any service may be the first to start.
    /// </summary>
    public static void AddAudience(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var keys = AddressKeys.Of(builder.Configuration);
        builder.AddDatabase<SubscriptionsDb, SqliteSubscriptionsDb, PostgresSubscriptionsDb>(options => options.UseAddressKeys(keys));
        builder.Services.AddSingleton<IAudience>(services => new RevisionedAudience(
            SubscriptionsDb.ReadOnly(services.GetRequiredService<IConfiguration>(), services.GetRequiredService<ILoggerFactory>(), keys),
            services.GetRequiredService<TimeProvider>()));
    }
}
