using Alerts.Contracts;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Move;
using Alerts.Subscriptions.SignUp;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>The record of what readers agreed to, moves to another address, and how often anybody is asked.</summary>
public sealed class ConsentTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_readers_way_stands_in_her_record_in_its_order()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        await using (var db = database.Open())
        {
            await database.SignUps(db).WishAsync(SubscriptionsDatabase.Address("ada@example.org"), new SubscriberDetails(), [new("news", Frequency.Daily)], Cancelled);
        }

        var id = (await database.GetAsync("ada@example.org")).Id;
        await database.ChangeAsync(id, (reader, change) => reader.Confirm(change));
        await database.ChangeAsync(id, (reader, change) => reader.Confirm(change)); // Once more changes nothing.
        await database.ChangeAsync(id, (reader, change) => reader.HoldOnly([new("news", Frequency.Weekly), new("jobs", Frequency.Daily)], change));
        await database.ChangeAsync(id, (reader, change) => reader.Pause(change.At.AddDays(7), change));
        await database.ChangeAsync(id, (reader, change) => reader.Pause(null, change));
        await database.ChangeAsync(id, (reader, change) => reader.Suppress("550 no such user", change));
        await database.ChangeAsync(id, (reader, change) => reader.LiftSuppression(change));
        await database.ChangeAsync(id, (reader, change) => reader.LeaveAll(change));
        await database.ChangeAsync(id, (reader, change) => reader.LeaveAll(change));

        var record = await RecordAsync(database, id);
        Assert.Equal(
            [
                "asked for news (Daily digest)", "confirmed the address", "joined news (Daily digest)", "changed news (Weekly digest)", "joined jobs (Daily digest)",
                "paused", "ended the pause", "suppressed: no more mail", "suppression lifted", "left jobs", "left news",
            ],
            record.Select(e => e.InWords(Translations.Readers)));
        Assert.Equal((ConsentMeans.Form, ConsentSource.CurrentWording, null), (record[0].Means, record[0].Wording, record[0].By));
        Assert.Equal((ConsentMeans.Api, "test"), (record[^1].Means, record[^1].By));
    }

    [Fact]
    public async Task Of_an_erased_reader_only_that_is_left_on_record()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var id = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        await database.EraseAsync(id);

        Assert.Equal(ConsentEvent.Erased, Assert.Single(await RecordAsync(database, id)).What);
    }

    [Fact]
    public async Task An_imported_reader_has_the_file_on_record()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        await using (var db = database.Open())
        {
            using var csv = new MemoryStream(System.Text.Encoding.UTF8.GetBytes("email\n" + string.Join('\n', Enumerable.Range(0, 250).Select(n => $"r{n}@example.org"))));
            await database.Import(db).RunAsync(csv, new ImportOrder { List = "news", Confirmed = true, Source = "members.csv" }, new ImportProgress(), (_, _, _) => Task.CompletedTask, Cancelled);
        }

        var entry = Assert.Single(await RecordAsync(database, (await database.GetAsync("r249@example.org")).Id));
        Assert.Equal((ConsentEvent.Joined, "news", ConsentMeans.Import, "members.csv"), (entry.What, entry.List, entry.Means, entry.By));
    }

    [Fact]
    public async Task Nobody_is_asked_more_than_three_times_a_day_and_the_first_link_holds_for_all_of_it()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("a", "b", "c", "d", "e");
        foreach (var list in new[] { "a", "b", "c", "d", "e" })
        {
            await using var db = database.Open();
            await database.SignUps(db).WishAsync(SubscriptionsDatabase.Address("ada@example.org"), new SubscriberDetails(), [new(list, Frequency.Daily)], Cancelled);
            database.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        var ada = await database.GetAsync("ada@example.org");
        Assert.Equal((3, 5), (await MailingsAsync(database), ada.Pending.Count));

        database.Clock.Advance(TimeSpan.FromDays(1));
        await using (var db = database.Open())
        {
            await database.SignUps(db).WishAsync(SubscriptionsDatabase.Address("ada@example.org"), new SubscriberDetails(), [new("a", Frequency.Weekly)], Cancelled);
        }

        Assert.Equal(4, await MailingsAsync(database));
        await database.ChangeAsync(ada.Id, (reader, change) => reader.Confirm(change));
        Assert.Equal(5, (await database.GetAsync("ada@example.org")).Holds.Count());
    }

    [Fact]
    public async Task Who_never_confirms_is_forgotten_after_a_week_and_who_does_is_not()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var known = await database.AddAsync("known@example.org", new Wanted("news", Frequency.Daily));
        await using (var db = database.Open())
        {
            await database.SignUps(db).WishAsync(SubscriptionsDatabase.Address("never@example.org"), new SubscriberDetails(), [new("news", Frequency.Daily)], Cancelled);
        }

        database.Clock.Advance(TimeSpan.FromDays(6));
        await PurgeAsync();
        var never = await database.GetAsync("never@example.org");
        database.Clock.Advance(TimeSpan.FromDays(2));
        await PurgeAsync();

        await using var after = database.Open();
        Assert.Equal(known, (await after.Subscribers.SingleAsync(Cancelled)).Id);
        Assert.Empty(await RecordAsync(database, never.Id));
        Assert.NotEmpty(await RecordAsync(database, known));

        async Task PurgeAsync()
        {
            await using var db = database.Open();
            await new PurgeUnconfirmed(db, database.Clock).RunAsync(Cancelled);
        }
    }

    [Fact]
    public async Task An_address_changes_when_both_have_said_yes_in_either_order()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        foreach (var oldFirst in new[] { true, false })
        {
            var n = oldFirst ? 1 : 2;
            var id = await database.AddAsync($"old{n}@example.org", new Wanted("news", Frequency.Daily));
            await database.ChangeAsync(id, (reader, change) =>
            {
                reader.Suppress("550 no such user", change);
                Assert.True(reader.AskToMove(SubscriptionsDatabase.Address($"New{n}@example.org"), change));
                Assert.False(reader.AskToMove(SubscriptionsDatabase.Address($"New{n}@example.org"), change)); // A moment later.
            });
            var asked = (await database.GetAsync($"old{n}@example.org")).Move!.AskedAt;

            await Agree(oldFirst, asked.AddTicks(1), false); // The link of another wish.
            await Agree(oldFirst, asked, true);
            await Agree(oldFirst, asked, true); // The button pressed twice.
            Assert.Equal(id, (await database.GetAsync($"old{n}@example.org")).Id);
            await Agree(!oldFirst, asked, true);

            var moved = await database.GetAsync($"new{n}@example.org");
            Assert.Equal((id, $"New{n}@example.org", null, null), (moved.Id, moved.Address, moved.Move, moved.SuppressedAt));
            Assert.Single(moved.Holds);
            await Agree(oldFirst, asked, false);

            Task<long> Agree(bool old, DateTimeOffset at, bool done) =>
                database.ChangeAsync(id, (reader, change) => Assert.Equal(done, reader.AgreeToMove(new MoveLink(id, old, at), change)));
        }
    }

    [Fact]
    public async Task Nobody_is_written_to_more_than_three_times_a_day_about_a_new_address()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var id = await database.AddAsync("old@example.org", new Wanted("news", Frequency.Daily));
        var asked = new List<bool>();
        foreach (var wait in new[] { TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), TimeSpan.FromDays(1), TimeSpan.Zero })
        {
            await database.ChangeAsync(id, (reader, change) => asked.Add(reader.AskToMove(SubscriptionsDatabase.Address("victim@example.org"), change)));
            database.Clock.Advance(wait);
        }

        Assert.Equal([true, true, true, false, true], asked);
    }

    [Fact]
    public async Task Readers_are_found_by_state_and_region()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        var ben = await database.AddAsync("ben@example.org", new Wanted("news", Frequency.Daily));
        await database.ChangeAsync(ada, (reader, change) => reader.Describe(new SubscriberDetails { Regions = ["KR", "서울"] }, change));
        await database.ChangeAsync(ben, (reader, change) =>
        {
            reader.Describe(new SubscriberDetails { Regions = ["KR-11"] }, change);
            reader.Suppress("550 no such user", change);
            reader.Pause(change.At.AddDays(1), change);
        });

        Assert.Equal([ada], await FindAsync(null, "KR"));
        Assert.Equal([ada], await FindAsync(null, "서울"));
        Assert.Equal([ben], await FindAsync("suppressed", null));
        Assert.Equal([ben], await FindAsync("paused", "KR-11"));
        Assert.Equal(new[] { ada, ben }.Order(), (await FindAsync("confirmed", null)).Order());
        Assert.Empty(await FindAsync("erased", null));

        async Task<List<Guid>> FindAsync(string? state, string? region)
        {
            await using var db = database.Open();
            return [.. (await SubscriberSearch.FindAsync(db, new SubscriberFilter(null, null, state, region), Guid.Empty, 10, Cancelled)).Select(s => s.Id)];
        }
    }

    [Fact]
    public async Task A_wish_for_another_address_lapses()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var id = await database.AddAsync("old@example.org", new Wanted("news", Frequency.Daily));
        await database.ChangeAsync(id, (reader, change) => reader.AskToMove(SubscriptionsDatabase.Address("new@example.org"), change));
        var asked = (await database.GetAsync("old@example.org")).Move!.AskedAt;
        database.Clock.Advance(AddressMove.Lapse + TimeSpan.FromSeconds(1));

        await database.ChangeAsync(id, (reader, change) => Assert.False(reader.AgreeToMove(new MoveLink(id, true, asked), change)));
    }

    private static async Task<List<ConsentEntry>> RecordAsync(SubscriptionsDatabase database, Guid id)
    {
        await using var db = database.Open();
        var newestFirst = await db.Consents.OfAsync(id, 100, Cancelled);
        newestFirst.Reverse();
        return newestFirst;
    }

    private static async Task<int> MailingsAsync(SubscriptionsDatabase database)
    {
        await using var db = database.Open();
        return await db.Mailings.CountAsync(Cancelled);
    }
}
