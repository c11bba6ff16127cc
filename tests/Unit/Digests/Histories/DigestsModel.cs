using Alerts.Contracts;
using Alerts.Tests.Unit.Mailings;

namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>
/// What each reader must get, said as plainly as can be: a diary notes on the day of publication how she has the post, and that is a debt to her until it comes in a digest.
/// It knows no cursors, revisions or cuts.
/// </summary>
internal sealed class DigestsModel(AudienceModel audience)
{
    /// <summary>From one daily digest to the next: a day, an hour for the clock change, and a day that a zone may skip; and a sweep that comes late.</summary>
    private static readonly TimeSpan DailyPatience = TimeSpan.FromHours(51);

    private static readonly TimeSpan WeeklyPatience = TimeSpan.FromDays(10);

    private readonly Dictionary<Guid, Reader> readers = [];
    private readonly Dictionary<int, Post> posts = [];
    private DateTimeOffset? firstSwept;

    public int Mails { get; private set; }

    public int Delivered { get; private set; }

    /// <summary>Something about a reader changed; her digests may come at other times from now on.</summary>
    public void Changed(Guid reader, DateTimeOffset now)
    {
        if (!readers.TryGetValue(reader, out var known))
        {
            readers[reader] = known = new Reader();
        }

        known.Since = now;
    }

    public void Paused(Guid reader, DateTimeOffset? until, DateTimeOffset now)
    {
        Changed(reader, now);
        readers[reader].PausedUntil = until;
    }

    public void Published(int number, IReadOnlyList<string> lists, bool urgent, int version)
    {
        posts[number] = new Post { Lists = lists, Version = version };
        foreach (var (id, reader) in readers)
        {
            var held = lists.Select(list => audience.Subscription(id, list)).OfType<HeldSubscription>().ToList();
            var atOnce = held.Exists(h => h.Frequency == Frequency.Immediate || (urgent && h.Urgent));
            if (held.Count > 0 && !atOnce)
            {
                reader.Debts[number] = new Debt { Frequency = held.Min(h => h.Frequency) };
            }
        }
    }

    public void Filed(int number, DateTimeOffset now) => posts[number].FiledAt ??= now;

    public void Corrected(int number, int version)
    {
        if (posts.TryGetValue(number, out var post))
        {
            post.Version = Math.Max(post.Version, version);
        }
    }

    public void Withdrawn(int number)
    {
        foreach (var reader in readers.Values)
        {
            reader.Debts.Remove(number);
        }
    }

    /// <summary>The clock was set back: a daily digest may already have come by what it showed before.</summary>
    public void SetBack(DateTimeOffset now)
    {
        foreach (var reader in readers.Values)
        {
            reader.Since = now.AddDays(2);
            foreach (var debt in reader.Debts.Values.Where(d => d.OptionalSince > now))
            {
                debt.OptionalSince = now;
            }
        }

        foreach (var post in posts.Values.Where(p => p.FiledAt > now))
        {
            post.FiledAt = now;
        }
    }

    /// <summary>A sweep has ended: these mails came of it.</summary>
    public void Swept(IEnumerable<(Guid Reader, IReadOnlyList<(int Number, int? Version)> Posts)> mails, DateTimeOffset now)
    {
        // Whoever was there before the first sweep of all was seen by nobody: her digests begin with it.
        firstSwept = firstSwept < now ? firstSwept : now;
        foreach (var (id, brought) in mails)
        {
            Mails++;
            var reader = readers[id];
            Require(!(reader.PausedUntil > now), $"{id} pauses and got a digest.");
            foreach (var (number, version) in brought)
            {
                Delivered++;
                Require(reader.Debts.Remove(number), $"{id} got {number}, which she isn't owed, or not any more.");
                Require(posts[number].FiledAt is not null, $"{id} got {number} before it was filed.");
                Require(version is null || version == posts[number].Version, $"{id} got {number} in version {version} and it is at {posts[number].Version}.");
                Require(Holds(id, number), $"{id} got {number} and holds none of its lists.");
            }
        }

        foreach (var (id, reader) in readers)
        {
            foreach (var (number, debt) in reader.Debts)
            {
                if (posts[number].FiledAt is not { } filed)
                {
                    continue;
                }

                // A digest that came by while she held none of its lists may have passed it by.
                debt.OptionalSince ??= Holds(id, number) ? null : now;
                if (debt.OptionalSince is null)
                {
                    var since = filed > reader.Since ? filed : reader.Since;
                    since = firstSwept > since ? firstSwept.Value : since;
                    since = reader.PausedUntil > since ? reader.PausedUntil.Value : since;
                    Require(now - since <= Patience(id, debt), $"{id} is owed {number} ({debt.Frequency}) since {since:u} and it is {now:u}.");
                }
            }
        }
    }

    public void RequireNothingOwed()
    {
        foreach (var (id, reader) in readers)
        {
            Require(reader.Debts.All(d => d.Value.OptionalSince is not null), $"{id} is still owed {string.Join(", ", reader.Debts.Where(d => d.Value.OptionalSince is null).Select(d => d.Key))}.");
        }
    }

    /// <summary>Forgets what can't come any more: what may have been dropped long ago, and posts that are owed to nobody.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var debts in readers.Values.Select(r => r.Debts))
        {
            foreach (var number in debts.Where(d => now - d.Value.OptionalSince > TimeSpan.FromDays(60)).Select(d => d.Key).ToList())
            {
                debts.Remove(number);
            }
        }

        var owed = readers.Values.SelectMany(r => r.Debts.Keys).ToHashSet();
        foreach (var number in posts.Where(p => p.Value.FiledAt is not null && !owed.Contains(p.Key)).Select(p => p.Key).ToList())
        {
            posts.Remove(number);
        }
    }

    private bool Holds(Guid reader, int number)
    {
        foreach (var list in posts[number].Lists)
        {
            if (audience.Subscription(reader, list) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private TimeSpan Patience(Guid id, Debt debt)
    {
        var (daily, weekly) = (Has(id, Frequency.Daily), Has(id, Frequency.Weekly));
        return weekly && (!daily || debt.Frequency == Frequency.Weekly) ? WeeklyPatience : DailyPatience;
    }

    private bool Has(Guid id, Frequency frequency)
    {
        foreach (var row in audience.Rows(id))
        {
            if (row.ToRevision == long.MaxValue && row.Frequency == frequency)
            {
                return true;
            }
        }

        return false;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            Assert.Fail(message);
        }
    }

    private sealed class Reader
    {
        public DateTimeOffset Since { get; set; }

        public DateTimeOffset? PausedUntil { get; set; }

        public Dictionary<int, Debt> Debts { get; } = [];
    }

    private sealed class Debt
    {
        public required Frequency Frequency { get; init; }

        /// <summary>When she was first seen to hold none of its lists: it may be dropped since, or still come.</summary>
        public DateTimeOffset? OptionalSince { get; set; }
    }

    private sealed class Post
    {
        public required IReadOnlyList<string> Lists { get; init; }

        public required int Version { get; set; }

        public DateTimeOffset? FiledAt { get; set; }
    }
}
