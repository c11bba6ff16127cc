using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>How many readers a post would have, told before it is published.</summary>
public sealed class EstimateTests
{
    private static readonly AudienceRegion[] Regions = [new("KR", "Korea", null), new("seoul", "Seoul", "KR")];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_reader_counts_once_by_her_fastest_list_and_who_gets_no_mail_is_left_out()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs", "other");
        await database.AddRegionsAsync(Regions);
        var fast = await database.AddAsync("fast@example.org", new Wanted("news", Frequency.Weekly), new Wanted("jobs", Frequency.Immediate));
        await database.AddAsync("daily@example.org", new Wanted("news", Frequency.Daily));
        var weekly = await database.AddAsync("weekly@example.org", new Wanted("jobs", Frequency.Weekly));
        var paused = await database.AddAsync("paused@example.org", new Wanted("news", Frequency.Immediate));
        var left = await database.AddAsync("left@example.org", new Wanted("news", Frequency.Immediate));
        await database.AddAsync("other@example.org", new Wanted("other", Frequency.Immediate));
        await database.ChangeAsync(fast, (her, change) => her.Describe(new SubscriberDetails { Regions = ["seoul"] }, change));
        await database.ChangeAsync(weekly, (her, change) => her.Describe(new SubscriberDetails { UrgentPosts = false }, change));
        await database.ChangeAsync(paused, (her, change) => her.Pause(SubscriptionsDatabase.Noon.AddDays(3), change));
        await database.ChangeAsync(left, (her, change) => her.Leave("news", change));

        var both = await database.Audience.EstimateAsync(["news", "jobs"], Cancelled);

        Assert.Equal((1, 1, 1, 2, 1, true), (both.AtOnce, both.Daily, both.Weekly, both.Urgent, both.NoMail, both.IsExact));
        Assert.Equal((3, 2), (both.ByList["news"], both.ByList["jobs"]));
        Assert.Equal(new RegionReaders("seoul", "Seoul", 1), Assert.Single(both.ByRegion));
        Assert.Equal(0, (await database.Audience.EstimateAsync(["nowhere"], Cancelled)).AtOnce);
    }

    [Fact]
    public async Task Of_many_readers_lists_are_counted_and_what_they_share_is_estimated_closely()
    {
        const int readers = 5_000;
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        await using (var db = database.Open())
        {
            var all = Enumerable.Range(0, readers)
                .Select(i => Subscriber.New(SubscriptionsDatabase.Address($"reader{i}@example.org"), new SubscriberDetails(), new ReadingDefaults(), SubscriptionsDatabase.Noon)).ToList();
            db.Subscribers.AddRange(all);
            var ids = all.ConvertAll(reader => reader.Id);
            db.Subscriptions.AddRange(ids.Select((id, i) => new Subscription { SubscriberId = id, List = "news", Frequency = i % 4 == 0 ? Frequency.Immediate : Frequency.Daily, FromRev = 1 }));
            db.Subscriptions.AddRange(ids.Where((_, i) => i % 2 == 0).Select(id => new Subscription { SubscriberId = id, List = "jobs", Frequency = Frequency.Weekly, FromRev = 1 }));
            await db.SaveChangesAsync(Cancelled);
        }

        var estimate = await database.Audience.EstimateAsync(["news", "jobs"], Cancelled);

        Assert.False(estimate.IsExact);
        Assert.Equal((readers, readers / 2), (estimate.ByList["news"], estimate.ByList["jobs"]));

        // The ids are random: five deviations wide.
        Assert.InRange(estimate.AtOnce + estimate.Daily + estimate.Weekly, readers * 0.9, readers * 1.1);
        Assert.InRange(estimate.AtOnce, readers * 0.25 * 0.4, readers * 0.25 * 1.6);
        Assert.Equal(0, estimate.Weekly);
    }
}
