using System.Collections.Concurrent;
using Alerts.Contracts;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Subscribers;
using Alerts.Subscriptions.Unsubscribe;
using CsCheck;

namespace Alerts.Tests.Unit.Subscriptions;

public class RevisionTests
{
    private static readonly string[] Lists = ["news", "events", "jobs"];

    private enum Act
    {
        Hold,
        Leave,
        LeaveAll,
        LeaveDigests,
        Reschedule,
        Allow,
    }

    /// <summary>What a reader may be made to allow, and where she may be made to live.</summary>
    private static readonly (bool Urgent, bool Events, string[] Regions)[] Allowances =
        [(true, true, []), (false, true, ["seoul"]), (true, true, ["KR", "US"]), (true, false, ["busan"]), (true, true, ["nowhere"]), (false, false, [])];

    private static readonly AudienceRegion[] Regions = [new("KR", "Korea", null), new("seoul", "Seoul", "KR"), new("busan", "Busan", "KR"), new("US", "United States", null)];

    private static readonly string[][] Places = [[], ["seoul"], ["kr"], ["US", "busan"], ["nowhere"]];

    /// <summary>What one reader is made to do.</summary>
    private sealed record Step(int Reader, Act Act, int List, Frequency Frequency);

    private static readonly Gen<Step> AnyStep =
        Gen.Select(Gen.Int[0, 4], Gen.OneOf(Act.Hold, Act.Hold, Act.Hold, Act.Leave, Act.LeaveAll, Act.LeaveDigests, Act.Reschedule, Act.Allow, Act.Allow), Gen.Int[0, 2],
            Gen.OneOf(Frequency.Immediate, Frequency.Daily, Frequency.Weekly), (reader, act, list, frequency) => new Step(reader, act, list, frequency));

    [Fact]
    public async Task The_audience_of_every_revision_is_who_held_the_lists_then_by_the_fastest_frequency()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        await database.AddRegionsAsync(Regions);
        await AnyStep.Array[1, 25].SampleAsync(
            async steps =>
            {
                var readers = new List<Guid>();
                for (var i = 0; i < 5; i++)
                {
                    readers.Add(await database.AddAsync($"{Guid.NewGuid():N}@example.org"));
                }

                var history = new SortedDictionary<long, Model>();
                var model = Model.Empty;
                foreach (var step in steps)
                {
                    var revision = await database.ChangeAsync(readers[step.Reader], (reader, change) => Do(step, reader, change));
                    model = model.After(readers[step.Reader], step);
                    history[revision] = model;
                }

                foreach (var (revision, then) in history)
                {
                    // Over the revisions of a history each choice of lists has its turn.
                    string[][] choices = [["news"], ["news", "jobs"], Lists];
                    var lists = choices[revision % choices.Length];
                    var place = Places[revision % Places.Length];
                    Assert.Equal(then.Noticed(readers, lists, place), (await database.AllNoticedAsync(lists, place, revision)).Select(c => c.SubscriberId));
                    foreach (var frequency in new Frequency?[] { null, Frequency.Immediate, Frequency.Daily, Frequency.Weekly })
                    {
                        var told = await database.AllAsync(lists, frequency, revision);
                        Assert.Equal(then.Candidates(readers, lists, frequency), told.Select(c => c.SubscriberId));
                        Assert.All(told, c => Assert.Equal(model.Holds(c.SubscriberId, lists) ? null : Exclusion.Unsubscribed, c.Excluded));
                    }
                }

                // The next history begins with nobody.
                foreach (var reader in readers)
                {
                    await database.ChangeAsync(reader, (leaving, change) => leaving.LeaveAll(change));
                }
            },
            seed: "0000000000000000",
            iter: 6,
            threads: 1);
    }

    [Fact]
    public async Task Revisions_commit_in_order_however_many_change_at_once_and_what_was_once_told_never_changes()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        var readers = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            readers.Add(await database.AddAsync($"reader{i}@example.org"));
        }

        var before = await database.Audience.CurrentRevisionAsync(TestContext.Current.CancellationToken);
        var done = new ConcurrentDictionary<long, Step>();
        var told = new ConcurrentDictionary<long, List<Guid>>();
        using var stop = new CancellationTokenSource();
        var watcher = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var revision = await database.Audience.CurrentRevisionAsync(TestContext.Current.CancellationToken);
                    told[revision] = [.. (await database.AllAsync(Lists, null, revision)).Select(c => c.SubscriberId)];
                }
            },
            TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(
            async () =>
            {
                var random = new Random(worker);
                for (var i = 0; i < 15; i++)
                {
                    var step = new Step(random.Next(5), (Act)random.Next(6), random.Next(3), (Frequency)random.Next(3));
                    var revision = await database.ChangeAsync(readers[step.Reader], (reader, change) => Do(step, reader, change));
                    Assert.True(done.TryAdd(revision, step));
                }
            },
            TestContext.Current.CancellationToken)));
        await stop.CancelAsync();
        await watcher;

        Assert.Equal(Enumerable.Range((int)before + 1, 60).Select(r => (long)r), done.Keys.Order());
        var model = Model.Empty;
        foreach (var (revision, step) in done.OrderBy(d => d.Key))
        {
            model = model.After(readers[step.Reader], step);
            var now = (await database.AllAsync(Lists, null, revision)).Select(c => c.SubscriberId).ToList();
            Assert.Equal(model.Candidates(readers, Lists, null), now);
            if (told.TryGetValue(revision, out var then))
            {
                Assert.Equal(then, now);
            }
        }

        Assert.NotEmpty(told);
    }

    [Fact]
    public async Task Changes_are_told_in_order_of_revision_and_each_reader_once()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        var eve = await database.AddAsync("eve@example.org", new Wanted("news", Frequency.Weekly), new Wanted("jobs", Frequency.Immediate));
        await database.ChangeAsync(ada, (reader, change) => reader.Describe(new SubscriberDetails { Zone = "Asia/Seoul", Hour = 7 }, change));

        var all = new List<DigestReader>();
        while (await database.Audience.ChangedAsync(all.LastOrDefault()?.Revision ?? 0, all.LastOrDefault()?.SubscriberId ?? Guid.Empty, 1, TestContext.Current.CancellationToken)
            is [var next])
        {
            all.Add(next);
        }

        Assert.Equal(
            [
                new DigestReader(eve, 2, "UTC", 18, DayOfWeek.Friday, Daily: false, Weekly: true, HadDigest: true, []),
                new DigestReader(ada, 3, "Asia/Seoul", 7, DayOfWeek.Friday, Daily: true, Weekly: false, HadDigest: true, []),
            ],
            all,
            (one, other) => one.Regions.SequenceEqual(other.Regions) && one == other with { Regions = one.Regions });
    }

    [Fact]
    public async Task A_change_of_regions_and_of_what_she_allows_is_told_and_holds_from_then_on()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        var revision = await database.ChangeAsync(ada, (reader, change) => reader.Describe(new SubscriberDetails { Regions = ["seoul"], UrgentPosts = false }, change));

        var told = Assert.Single(await database.Audience.ChangedAsync(1, ada, 10, TestContext.Current.CancellationToken));
        Assert.Equal(revision, told.Revision);
        Assert.Equal(["seoul"], told.Regions);
        Assert.Equal(
            [new HeldSubscription(ada, "news", Frequency.Daily, 1, revision), new HeldSubscription(ada, "news", Frequency.Daily, revision, Subscription.Held, Urgent: false)],
            await database.Audience.HeldAsync([ada], 1, TestContext.Current.CancellationToken));
        Assert.Equal([ada], (await database.AllAsync(Lists, null, revision - 1)).Select(c => c.SubscriberId));
        Assert.Empty(await database.AllAsync(Lists, null, revision));
        Assert.Equal([ada], (await database.AllAsync(Lists, Frequency.Daily, revision)).Select(c => c.SubscriberId));

        var same = await database.ChangeAsync(ada, (reader, change) => reader.Describe(new SubscriberDetails { Regions = ["seoul"], UrgentPosts = false, EventNotices = true }, change));
        Assert.Empty(await database.Audience.ChangedAsync(revision, ada, 10, TestContext.Current.CancellationToken));
        Assert.True(same > revision);
    }

    [Fact]
    public async Task An_urgent_post_reaches_at_once_whoever_has_its_list_at_once_whatever_she_allows()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Immediate), new Wanted("jobs", Frequency.Daily));
        var revision = await database.ChangeAsync(ada, (reader, change) => reader.Describe(new SubscriberDetails { UrgentPosts = false }, change));

        Assert.Equal([ada], (await database.AllAsync(["news"], null, revision)).Select(c => c.SubscriberId));
        Assert.Equal([ada], (await database.AllAsync(Lists, null, revision)).Select(c => c.SubscriberId));
        Assert.Empty(await database.AllAsync(["jobs"], null, revision));
    }

    [Fact]
    public async Task Who_is_concerned_by_an_event_is_found_however_few_of_many_they_are()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        await database.AddRegionsAsync(Regions);
        var inSeoul = new List<Guid>();
        for (var i = 0; i < 30; i++)
        {
            var reader = await database.AddAsync($"reader{i}@example.org", new Wanted("news", Frequency.Weekly), new Wanted("jobs", Frequency.Immediate));
            await database.ChangeAsync(reader, (her, change) => her.Describe(new SubscriberDetails { Regions = [i % 7 == 0 ? "seoul" : "busan"] }, change));
            if (i % 7 == 0)
            {
                inSeoul.Add(reader);
            }
        }

        var now = await database.Audience.CurrentRevisionAsync(TestContext.Current.CancellationToken);
        Assert.Equal(inSeoul.Order(), (await database.AllNoticedAsync(["news", "jobs"], ["seoul"], now)).Select(c => c.SubscriberId));
        Assert.Equal(30, (await database.AllNoticedAsync(["news"], ["KR"], now)).Count);
        Assert.Empty(await database.AllNoticedAsync(["news"], ["US"], now));
        Assert.Empty(await database.AllNoticedAsync(["events"], [], now));
    }

    [Fact]
    public async Task What_was_held_is_told_with_its_revisions()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        var faster = await database.ChangeAsync(ada, (reader, change) => reader.Hold("news", Frequency.Immediate, change));
        var left = await database.ChangeAsync(ada, (reader, change) => reader.Leave("news", change));

        Assert.Equal(
            [new HeldSubscription(ada, "news", Frequency.Daily, 1, faster), new HeldSubscription(ada, "news", Frequency.Immediate, faster, left)],
            await database.Audience.HeldAsync([ada], 1, TestContext.Current.CancellationToken));
        Assert.Equal(
            [new HeldSubscription(ada, "news", Frequency.Immediate, faster, left)],
            await database.Audience.HeldAsync([ada], faster, TestContext.Current.CancellationToken));
        Assert.Empty(await database.Audience.HeldAsync([ada], left, TestContext.Current.CancellationToken));
    }

    private static void Do(Step step, Subscriber reader, AudienceChange change)
    {
        switch (step.Act)
        {
            case Act.Hold:
                reader.Hold(Lists[step.List], step.Frequency, change);
                break;
            case Act.Leave:
                reader.Leave(Lists[step.List], change);
                break;
            case Act.LeaveAll:
                reader.LeaveAll(change);
                break;
            case Act.LeaveDigests:
                reader.Leave(new UnsubscribeScope(MailingKind.Digest, [Lists[step.List]]), change);
                break;
            case Act.Allow:
                var (urgent, events, regions) = Allowances[AllowanceOf(step)];
                reader.Describe(new SubscriberDetails { UrgentPosts = urgent, EventNotices = events, Regions = regions }, change);
                break;
            default:
                reader.Describe(new SubscriberDetails { Hour = step.List }, change);
                break;
        }
    }

    private static int AllowanceOf(Step step) => ((step.List * 3) + (int)step.Frequency) % Allowances.Length;

    /// <summary>Who holds what, said in the plainest way.</summary>
    private sealed record Model(IReadOnlyDictionary<(Guid Reader, string List), Frequency> Held, IReadOnlyDictionary<Guid, int> Allowed)
    {
        public static readonly Model Empty = new(new Dictionary<(Guid, string), Frequency>(), new Dictionary<Guid, int>());

        public Model After(Guid reader, Step step)
        {
            var held = new Dictionary<(Guid Reader, string List), Frequency>(Held);
            var list = Lists[step.List];
            switch (step.Act)
            {
                case Act.Hold:
                    held[(reader, list)] = step.Frequency;
                    break;
                case Act.Leave:
                    held.Remove((reader, list));
                    break;
                case Act.LeaveAll:
                    foreach (var each in Lists)
                    {
                        held.Remove((reader, each));
                    }

                    break;
                case Act.LeaveDigests when held.TryGetValue((reader, list), out var frequency) && frequency != Frequency.Immediate:
                    held.Remove((reader, list));
                    break;
                default:
                    break;
            }

            return new Model(held, step.Act == Act.Allow ? new Dictionary<Guid, int>(Allowed) { [reader] = AllowanceOf(step) } : Allowed);
        }

        public bool Holds(Guid reader, IEnumerable<string> lists) => lists.Any(list => Held.ContainsKey((reader, list)));

        public IEnumerable<Guid> Candidates(IEnumerable<Guid> readers, string[] lists, Frequency? frequency) =>
            readers
                .Where(reader => Holds(reader, lists))
                .Where(reader => frequency is { } one ? Fastest(reader, lists) == one : Allowances[Allowed.GetValueOrDefault(reader)].Urgent || Fastest(reader, lists) == Frequency.Immediate)
                .Order();

        public IEnumerable<Guid> Noticed(IEnumerable<Guid> readers, string[] lists, string[] place) => readers
            .Where(reader => Holds(reader, lists))
            .Where(reader => Allowances[Allowed.GetValueOrDefault(reader)] is { Events: true } her
                && (her.Regions.Length == 0 || place.Length == 0 || her.Regions.Any(hers => place.Any(there => Inside(hers, there) || Inside(there, hers)))))
            .Order();

        private Frequency Fastest(Guid reader, string[] lists) => Held.Where(h => h.Key.Reader == reader && lists.Contains(h.Key.List)).Min(h => h.Value);

        private static bool Inside(string region, string around) =>
            region.Equals(around, StringComparison.OrdinalIgnoreCase)
            || (Array.Find(Regions, r => r.Slug.Equals(region, StringComparison.OrdinalIgnoreCase))?.Parent is { } parent && Inside(parent, around));
    }
}
