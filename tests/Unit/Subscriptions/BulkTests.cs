using Alerts.Contracts;
using Alerts.Subscriptions.Bulk;
using Alerts.Subscriptions.Subscribers;
using Alerts.Subscriptions.Unsubscribe;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>Changes to many readers at once, and back.</summary>
public class BulkTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_move_takes_all_but_who_left_the_other_list_and_is_undone_but_for_who_chose_since()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("old", "new");
        for (var n = 0; n < 1_100; n++)
        {
            await database.AddAsync($"r{n}@example.org", new Wanted("old", n % 2 == 0 ? Frequency.Daily : Frequency.Weekly));
        }

        var left = await database.AddAsync("left@example.org", new Wanted("old", Frequency.Daily), new Wanted("new", Frequency.Daily));
        await LeaveAsync(database, left, "new");
        await database.AddAsync("both@example.org", new Wanted("old", Frequency.Daily), new Wanted("new", Frequency.Immediate));
        var before = await HoldsAsync(database);

        var id = await PlanAsync(database, BulkAction.Move, "new", found: new SubscriberFilter(null, "old", null, null));
        await RunAsync(database);
        var moved = await HoldsAsync(database);
        Assert.Equal(["old daily"], moved["left@example.org"]);
        Assert.Equal(["new immediate"], moved["both@example.org"]);
        Assert.Equal(["new weekly"], moved["r1@example.org"]);
        Assert.Equal(1_101, moved.Values.Count(held => held.SequenceEqual(["new daily"]) || held.SequenceEqual(["new weekly"]) || held.SequenceEqual(["new immediate"])));
        Assert.Equal((1_101, 1), await CountsAsync(database, id));

        // Reader 4 chooses anew before it is undone.
        var four = await database.GetAsync("r4@example.org");
        await database.ChangeAsync(four.Id, (reader, change) => reader.Hold("new", Frequency.Immediate, change));
        await UndoAsync(database, id);
        var undone = await HoldsAsync(database);
        Assert.Equal(["new immediate"], undone["r4@example.org"]);
        undone.Remove("r4@example.org");
        before.Remove("r4@example.org");
        Assert.Equal(before, undone);
    }

    [Fact]
    public async Task A_join_passes_over_who_left_is_unconfirmed_or_suppressed_and_can_be_done_again_after_it_was_undone()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        var left = await database.AddAsync("left@example.org", new Wanted("jobs", Frequency.Daily), new Wanted("news", Frequency.Daily));
        await LeaveAsync(database, left, "jobs");
        var suppressed = await database.AddAsync("bounced@example.org", new Wanted("news", Frequency.Daily));
        await database.ChangeAsync(suppressed, (reader, change) => reader.Suppress("bounced", change));
        await using (var db = database.Open())
        {
            await database.SignUps(db).WishAsync(SubscriptionsDatabase.Address("asked@example.org"), new SubscriberDetails(), [new Wanted("news", Frequency.Daily)], Cancelled);
        }

        await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        await database.AddAsync("eve@example.org", new Wanted("jobs", Frequency.Immediate));

        for (var again = 0; again < 2; again++)
        {
            var id = await PlanAsync(database, BulkAction.Join, "jobs", Frequency.Weekly);
            await RunAsync(database);
            var held = await HoldsAsync(database);
            Assert.Equal(["jobs weekly", "news daily"], held["ada@example.org"]);
            Assert.Equal(["jobs immediate"], held["eve@example.org"]);
            Assert.Equal(["news daily"], held["left@example.org"]);
            Assert.Equal(["news daily"], held["bounced@example.org"]);
            Assert.Empty(held["asked@example.org"]);
            Assert.Equal((1, 4), await CountsAsync(database, id));

            await UndoAsync(database, id);
            Assert.Equal(["news daily"], (await HoldsAsync(database))["ada@example.org"]);
        }
    }

    [Fact]
    public async Task Stopped_halfway_it_ends_there_and_what_it_did_can_be_undone()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        for (var n = 0; n < 3; n++)
        {
            await database.AddAsync($"r{n}@example.org", new Wanted("news", Frequency.Daily));
        }

        var id = await PlanAsync(database, BulkAction.Leave, "news", state: BulkState.Stopped);
        await RunAsync(database);
        Assert.All((await HoldsAsync(database)).Values, held => Assert.Equal(["news daily"], held));

        await SetAsync(database, id, BulkState.Running);
        await RunAsync(database);
        Assert.All((await HoldsAsync(database)).Values, Assert.Empty);
        await RunAsync(database);
        Assert.Equal((3, 0), await CountsAsync(database, id));
    }

    [Fact]
    public async Task Erase_erases_whom_the_search_found()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        await database.AddAsync("ada@gone.example", new Wanted("news", Frequency.Daily));
        await database.AddAsync("eve@example.org", new Wanted("news", Frequency.Daily));
        await PlanAsync(database, BulkAction.Erase, null, found: new SubscriberFilter("ada@", null, null, null));
        await RunAsync(database);

        Assert.Equal(["eve@example.org"], (await HoldsAsync(database)).Keys);
    }

    private static async Task LeaveAsync(SubscriptionsDatabase database, Guid id, string list)
    {
        await using var db = database.Open();
        await using var change = await Alerts.Subscriptions.Audience.AudienceChange.BeginAsync(db, database.Clock, Alerts.Subscriptions.Consent.ConsentSource.Link, Cancelled);
        (await change.FindAsync(id, Cancelled))!.Leave(new UnsubscribeScope(MailingKind.Post, [list]), change);
        await change.CommitAsync(Cancelled);
    }

    private static async Task<Guid> PlanAsync(
        SubscriptionsDatabase database, BulkAction action, string? list, Frequency? frequency = null, SubscriberFilter? found = null, BulkState state = BulkState.Running)
    {
        database.Clock.Advance(TimeSpan.FromSeconds(1));
        await using var db = database.Open();
        var plan = new BulkChange
        {
            Id = Guid.CreateVersion7(database.Clock.GetUtcNow()),
            Action = action,
            List = list,
            Frequency = frequency,
            FoundByAddress = found?.Address,
            FoundByList = found?.List,
            Found = 0,
            By = "admin@example.org",
            State = state,
            CreatedAt = database.Clock.GetUtcNow(),
        };
        db.BulkChanges.Add(plan);
        await db.SaveChangesAsync(Cancelled);
        return plan.Id;
    }

    private static async Task RunAsync(SubscriptionsDatabase database)
    {
        await using var db = database.Open();
        await new RunBulkChanges(db, database.Clock).RunAsync(Cancelled);
    }

    private static async Task UndoAsync(SubscriptionsDatabase database, Guid id)
    {
        await SetAsync(database, id, BulkState.Undoing);
        await RunAsync(database);
        await using var db = database.Open();
        Assert.Equal(BulkState.Undone, (await db.BulkChanges.SingleAsync(b => b.Id == id, Cancelled)).State);
    }

    private static async Task SetAsync(SubscriptionsDatabase database, Guid id, BulkState state)
    {
        await using var db = database.Open();
        await db.BulkChanges.Where(b => b.Id == id).ExecuteUpdateAsync(set => set.SetProperty(b => b.State, state), Cancelled);
    }

    private static async Task<(int Changed, int KeptOut)> CountsAsync(SubscriptionsDatabase database, Guid id)
    {
        await using var db = database.Open();
        var bulk = await db.BulkChanges.SingleAsync(b => b.Id == id, Cancelled);
        return (bulk.Changed, bulk.KeptOut);
    }

    private static async Task<SortedDictionary<string, List<string>>> HoldsAsync(SubscriptionsDatabase database)
    {
        await using var db = database.Open();
        var readers = await db.Subscribers.AsNoTracking().Include(s => s.Subscriptions).Where(s => s.Address != null).ToListAsync(Cancelled);
        return new(readers.ToDictionary(s => s.Address!, s => s.Holds.Select(h => $"{h.List} {h.Frequency.ToString().ToLowerInvariant()}").Order().ToList()));
    }
}
