using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Audience;

/// <summary>
/// Estimates an audience from readers picked by the last digits of their ids, which are random, so that all a picked reader holds is seen and nobody counts twice. Some 300 to
/// 5,000 are looked at, however many there are: the numbers are off by one to six in a hundred (a standard deviation). Up to <see cref="Counted"/> rows lists are counted, too, and beyond it those too small to sample.
/// </summary>
internal static class AudienceSample
{
    /// <summary>Up to so many rows are all looked at.</summary>
    private const int All = 5_000;

    /// <summary>Up to so many rows are counted: in a million, counting takes longer than picking.</summary>
    private const int Counted = All * 16;

    /// <summary>A list of which fewer were picked is counted: its share of a sample says little.</summary>
    private const int Sure = 100;

    /// <summary>More aren't looked at; where there are, fewer are picked.</summary>
    private const int MostPicked = 50_000;

    /// <summary>Shown at most.</summary>
    private const int Regions = 12;

    public static async Task<AudienceEstimate> EstimateAsync(SubscriptionsDb db, IReadOnlyCollection<string> lists, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var counted = await Held(db.Subscriptions, lists).Select(s => s.SubscriberId).Take(Counted + 1).CountAsync(cancellationToken);
        var (picked, weight) = counted switch
        {
            <= All => (await PickAsync(db.Subscriptions, lists, cancellationToken), 1.0),
            <= Counted => (await PickAsync(OneIn16(db), lists, cancellationToken), 16.0),
            _ => (await PickAsync(OneIn256(db), lists, cancellationToken), 256.0),
        };
        if (picked.Count > MostPicked)
        {
            (picked, weight) = (await PickAsync(OneIn4096(db), lists, cancellationToken), 4_096);
        }

        var byList = picked.CountBy(s => s.List).ToDictionary(list => list.Key, list => (long)Math.Round(list.Value * weight));
        List<string> exactly = [.. lists.Distinct().Where(list => counted <= Counted || byList.GetValueOrDefault(list) < Sure * weight)];
        foreach (var (list, count) in await Held(db.Subscriptions, exactly).GroupBy(s => s.List).Select(g => new { g.Key, Count = g.LongCount() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken))
        {
            byList[list] = count;
        }

        if (counted <= Counted && picked.Count > 0)
        {
            // What was counted says how much a picked row stands for.
            weight = (double)counted / picked.Count;
        }

        var readers = picked.GroupBy(s => s.SubscriberId)
            .Select(g => new { Id = g.Key, Fastest = g.Min(s => s.Frequency), Urgent = g.Any(s => s.Urgent), g.First().Regions }).ToList();
        var ids = readers.ConvertAll(r => r.Id);
        var silent = (await db.Subscribers.AsNoTracking()
            .Where(s => EF.Parameter(ids).Contains(s.Id) && (s.SuppressedAt != null || s.State == SubscriberState.Erased || (s.PausedUntil != null && s.PausedUntil > now)))
            .Select(s => s.Id).ToListAsync(cancellationToken)).ToHashSet();
        var reached = readers.Where(r => !silent.Contains(r.Id)).ToList();
        var regions = reached.SelectMany(r => r.Regions.Split('\n', StringSplitOptions.RemoveEmptyEntries)).CountBy(region => region).OrderByDescending(r => r.Value).Take(Regions).ToList();
        var slugs = regions.ConvertAll(r => r.Key);
        var names = await db.Regions.AsNoTracking().Where(r => EF.Parameter(slugs).Contains(r.Slug)).ToDictionaryAsync(r => r.Slug, r => r.Name, cancellationToken);
        return new AudienceEstimate(
            Number(reached.Count(r => r.Fastest is Frequency.Immediate)), Number(reached.Count(r => r.Fastest is Frequency.Daily)), Number(reached.Count(r => r.Fastest is Frequency.Weekly)),
            Number(reached.Count(r => r.Urgent)), Number(silent.Count), byList,
            [.. regions.Select(r => new RegionReaders(r.Key, names.GetValueOrDefault(r.Key, r.Key), Number(r.Value)))], counted <= All);

        long Number(int count) => (long)Math.Round(count * weight);
    }

    private static IQueryable<Subscription> Held(IQueryable<Subscription> subscriptions, IReadOnlyCollection<string> lists) =>
        subscriptions.AsNoTracking().Where(s => EF.Parameter(lists).Contains(s.List) && s.ToRev == Subscription.Held);

    private static Task<List<PickedRow>> PickAsync(IQueryable<Subscription> from, IReadOnlyCollection<string> lists, CancellationToken cancellationToken) =>
        Held(from, lists).Select(s => new PickedRow(s.SubscriberId, s.List, s.Frequency, s.Urgent, s.Regions)).Take(MostPicked + 1).ToListAsync(cancellationToken);

    // PostgreSQL looks at the last bytes, which takes half the time of writing out a million ids.
    private static IQueryable<Subscription> OneIn16(SubscriptionsDb db) => db.Database.IsNpgsql()
        ? db.Subscriptions.FromSql($"""SELECT * FROM subscriptions."Subscriptions" WHERE get_byte(uuid_send("SubscriberId"), 15) & 15 = 7""")
        : EndingWith(db, "7");

    private static IQueryable<Subscription> OneIn256(SubscriptionsDb db) => db.Database.IsNpgsql()
        ? db.Subscriptions.FromSql($"""SELECT * FROM subscriptions."Subscriptions" WHERE get_byte(uuid_send("SubscriberId"), 15) = 167""")
        : EndingWith(db, "a7");

    private static IQueryable<Subscription> OneIn4096(SubscriptionsDb db) => db.Database.IsNpgsql()
        ? db.Subscriptions.FromSql($"""SELECT * FROM subscriptions."Subscriptions" WHERE get_byte(uuid_send("SubscriberId"), 15) = 167 AND get_byte(uuid_send("SubscriberId"), 14) & 15 = 3""")
        : EndingWith(db, "3a7");

    private static IQueryable<Subscription> EndingWith(SubscriptionsDb db, string digits) => db.Subscriptions.Where(s => s.SubscriberId.ToString().EndsWith(digits));

    private sealed record PickedRow(Guid SubscriberId, string List, Frequency Frequency, bool Urgent, string Regions);
}
