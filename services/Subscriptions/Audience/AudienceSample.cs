using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Audience;

/// <summary>
/// Estimates an audience in two walks along an index: one counts each list, the other picks readers by the last digits of their ids, which are random, so that all a picked
/// reader holds is seen and nobody counts twice. Some thousands of readers are looked at, however many there are: the numbers are within two or three in a hundred.
/// </summary>
internal static class AudienceSample
{
    /// <summary>Up to so many rows are all looked at.</summary>
    private const long All = 5_000;

    /// <summary>Shown at most.</summary>
    private const int Regions = 12;

    public static async Task<AudienceEstimate> EstimateAsync(SubscriptionsDb db, IReadOnlyCollection<string> lists, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var held = db.Subscriptions.AsNoTracking().Where(s => EF.Parameter(lists).Contains(s.List) && s.ToRev == Subscription.Held);
        var byList = await held.GroupBy(s => s.List).Select(g => new { g.Key, Count = g.LongCount() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        var rows = byList.Values.Sum();
        var picked = await Picked(db, rows).AsNoTracking().Where(s => EF.Parameter(lists).Contains(s.List) && s.ToRev == Subscription.Held)
            .Select(s => new { s.SubscriberId, s.Frequency, s.Urgent, s.Regions }).ToListAsync(cancellationToken);
        var readers = picked.GroupBy(s => s.SubscriberId)
            .Select(g => new { Id = g.Key, Fastest = g.Min(s => s.Frequency), Urgent = g.Any(s => s.Urgent), g.First().Regions }).ToList();
        var ids = readers.ConvertAll(r => r.Id);
        var silent = (await db.Subscribers.AsNoTracking()
            .Where(s => EF.Parameter(ids).Contains(s.Id) && (s.SuppressedAt != null || s.State == SubscriberState.Erased || (s.PausedUntil != null && s.PausedUntil > now)))
            .Select(s => s.Id).ToListAsync(cancellationToken)).ToHashSet();

        // What is counted says how much a picked row stands for.
        var weight = picked.Count == 0 ? 0 : (double)rows / picked.Count;
        var reached = readers.Where(r => !silent.Contains(r.Id)).ToList();
        var regions = reached.SelectMany(r => r.Regions.Split('\n', StringSplitOptions.RemoveEmptyEntries)).CountBy(region => region).OrderByDescending(r => r.Value).Take(Regions).ToList();
        var slugs = regions.ConvertAll(r => r.Key);
        var names = await db.Regions.AsNoTracking().Where(r => EF.Parameter(slugs).Contains(r.Slug)).ToDictionaryAsync(r => r.Slug, r => r.Name, cancellationToken);
        return new AudienceEstimate(
            Number(reached.Count(r => r.Fastest is Frequency.Immediate)), Number(reached.Count(r => r.Fastest is Frequency.Daily)), Number(reached.Count(r => r.Fastest is Frequency.Weekly)),
            Number(reached.Count(r => r.Urgent)), Number(silent.Count), byList,
            [.. regions.Select(r => new RegionReaders(r.Key, names.GetValueOrDefault(r.Key, r.Key), Number(r.Value)))], rows <= All);

        long Number(int count) => (long)Math.Round(count * weight);
    }

    /// <summary>Each of the last digits leaves a sixteenth. PostgreSQL looks at bytes, which takes half the time of writing out a million ids.</summary>
    private static IQueryable<Subscription> Picked(SubscriptionsDb db, long rows) => (rows, db.Database.IsNpgsql()) switch
    {
        ( <= All, _) => db.Subscriptions,
        ( <= All * 16, true) => db.Subscriptions.FromSql($"""SELECT * FROM subscriptions."Subscriptions" WHERE get_byte(uuid_send("SubscriberId"), 15) & 15 = 7"""),
        ( <= All * 256, true) => db.Subscriptions.FromSql($"""SELECT * FROM subscriptions."Subscriptions" WHERE get_byte(uuid_send("SubscriberId"), 15) = 167"""),
        (_, true) => db.Subscriptions.FromSql(
            $"""SELECT * FROM subscriptions."Subscriptions" WHERE get_byte(uuid_send("SubscriberId"), 15) = 167 AND get_byte(uuid_send("SubscriberId"), 14) & 15 = 3"""),
        _ => EndingWith(db, rows switch { <= All * 16 => "7", <= All * 256 => "a7", _ => "3a7" }),
    };

    private static IQueryable<Subscription> EndingWith(SubscriptionsDb db, string digits) => db.Subscriptions.Where(s => s.SubscriberId.ToString().EndsWith(digits));
}
