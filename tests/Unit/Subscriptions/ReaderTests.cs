using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Subscriptions.Subscribers;
using Alerts.Subscriptions.Unsubscribe;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Subscriptions;

public class ReaderTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leaving_holds_for_mail_not_yet_handed_over_and_twice_is_once()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        var ada = await database.AddAsync("Ada@example.org", new Wanted("news", Frequency.Immediate), new Wanted("jobs", Frequency.Daily));
        Assert.Equal(new Reachable("Ada@example.org", null), (await database.Audience.StillWantedAsync(["news"], [ada], Cancelled))[ada]);

        var scope = UnsubscribeScope.Read("post:news")!;
        await database.ChangeAsync(ada, (reader, change) => reader.Leave(scope, change));
        await database.ChangeAsync(ada, (reader, change) => reader.Leave(scope, change));

        Assert.Equal(new Reachable(null, Exclusion.Unsubscribed), (await database.Audience.StillWantedAsync(["news"], [ada], Cancelled))[ada]);
        Assert.Equal(new Reachable("Ada@example.org", null), (await database.Audience.StillWantedAsync(["news", "jobs"], [ada], Cancelled))[ada]);
        Assert.Equal(["jobs"], (await database.GetAsync("ada@example.org")).Holds.Select(s => s.List));
    }

    [Fact]
    public void A_link_may_name_one_of_its_lists_and_no_other()
    {
        var digest = UnsubscribeScope.Read("digest:news,jobs")!;
        Assert.Same(digest, digest.Only(null));
        Assert.True(digest.Only("jobs")!.Covers("jobs", Frequency.Daily));
        Assert.False(digest.Only("jobs")!.Covers("news", Frequency.Daily));
        Assert.False(digest.Only("jobs")!.Covers("jobs", Frequency.Immediate));
        Assert.Null(digest.Only("events"));
        Assert.True(UnsubscribeScope.Read("post:*")!.Only("events")!.Covers("events", Frequency.Immediate));
    }

    [Theory]
    [InlineData("post:news", new[] { "events", "jobs" })]
    [InlineData("post:news,jobs", new[] { "events" })]
    [InlineData("post:*", new string[0])]
    [InlineData("digest:news,events,jobs", new[] { "news" })]
    [InlineData("digest:events", new[] { "jobs", "news" })]
    [InlineData("digest:*", new[] { "news" })]
    public async Task A_link_ends_what_its_mail_was_about(string detail, string[] kept)
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "events", "jobs");
        var ada = await database.AddAsync(
            "ada@example.org", new Wanted("news", Frequency.Immediate), new Wanted("events", Frequency.Daily), new Wanted("jobs", Frequency.Weekly));
        await database.ChangeAsync(ada, (reader, change) => reader.Leave(UnsubscribeScope.Read(detail)!, change));
        Assert.Equal(kept, (await database.GetAsync("ada@example.org")).Holds.Select(s => s.List).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("post")]
    [InlineData("post:")]
    [InlineData(":news")]
    public void A_detail_that_says_nothing_ends_nothing(string detail) => Assert.Null(UnsubscribeScope.Read(detail));

    [Fact]
    public async Task Joining_again_brings_back_what_that_leaving_ended_and_nothing_else()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "events", "jobs");
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Weekly), new Wanted("events", Frequency.Daily), new Wanted("jobs", Frequency.Daily));
        await database.ChangeAsync(ada, (reader, change) => reader.Leave("jobs", change));
        var scope = UnsubscribeScope.Read("digest:*")!;
        var left = await database.ChangeAsync(ada, (reader, change) => reader.Leave(scope, change));
        await database.ChangeAsync(ada, (reader, change) => reader.Hold("events", Frequency.Immediate, change));

        await database.ChangeAsync(ada, (reader, change) => reader.JoinAgain(scope, left, null, change), endedAt: left);
        await database.ChangeAsync(ada, (reader, change) => reader.JoinAgain(scope, left, null, change), endedAt: left);

        Assert.Equal(
            [("events", Frequency.Immediate), ("news", Frequency.Weekly)],
            (await database.GetAsync("ada@example.org")).Holds.Select(s => (s.List, s.Frequency)).Order());
    }

    [Fact]
    public async Task Changes_of_mind_within_one_change_leave_one_row()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var ada = await database.AddAsync("ada@example.org");
        await database.ChangeAsync(ada, (reader, change) =>
        {
            reader.Hold("news", Frequency.Daily, change);
            reader.Hold("news", Frequency.Weekly, change);
            reader.Leave("news", change);
            reader.Hold("news", Frequency.Immediate, change);
        });
        var subscription = Assert.Single((await database.GetAsync("ada@example.org")).Subscriptions);
        Assert.Equal((Frequency.Immediate, Subscription.Held), (subscription.Frequency, subscription.ToRev));
    }

    [Fact]
    public async Task Who_pauses_is_suppressed_or_erased_is_counted_and_gets_no_mail()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var held = new Wanted("news", Frequency.Immediate);
        var paused = await database.AddAsync("paused@example.org", held);
        var suppressed = await database.AddAsync("suppressed@example.org", held);
        var erased = await database.AddAsync("erased@example.org", held);
        var revision = await database.ChangeAsync(paused, (reader, change) => reader.Pause(change.At.AddDays(1), change));
        await database.ChangeAsync(suppressed, (reader, change) => reader.Suppress("550 no such user", change));
        await database.EraseAsync(erased);

        Assert.Equal(
            [new(paused, null, Exclusion.Paused), new(suppressed, null, Exclusion.Suppressed), new Candidate(erased, null, Exclusion.Unsubscribed)],
            (await database.AllAsync(["news"], Frequency.Immediate, revision)).OrderBy(c => Array.IndexOf([paused, suppressed, erased], c.SubscriberId)));
        var now = await database.Audience.StillWantedAsync(["news"], [paused, suppressed, erased, Guid.NewGuid()], Cancelled);
        Assert.Equal(3, now.Count);
        Assert.All(now.Values, reachable => Assert.Null(reachable.Address));
        Assert.Equal("paused@example.org", (await database.Audience.StillWantedAsync([], [paused], Cancelled))[paused].Address);

        database.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal("paused@example.org", (await database.Audience.StillWantedAsync(["news"], [paused], Cancelled))[paused].Address);
    }

    [Fact]
    public async Task A_sign_up_waits_for_the_click_in_one_mail()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        await using (var db = database.Open())
        {
            var signUps = database.SignUps(db);
            await signUps.WishAsync(SubscriptionsDatabase.Address("ada@example.org"), new SubscriberDetails(), [new("news", Frequency.Daily)], Cancelled);
            await signUps.WishAsync(SubscriptionsDatabase.Address("ADA@example.org"), new SubscriberDetails(), [new("news", Frequency.Daily)], Cancelled);
        }

        var ada = await database.GetAsync("ada@example.org");
        Assert.Equal(SubscriberState.Unconfirmed, ada.State);
        Assert.Empty(ada.Subscriptions);
        Assert.Equal("ada@example.org", (await database.Audience.StillWantedAsync([], [ada.Id], Cancelled))[ada.Id].Address);
        await using (var db = database.Open())
        {
            var mailing = await db.Mailings.SingleAsync(Cancelled);
            Assert.Equal(MailingId.Of($"confirm/{ada.Id}/1"), mailing.Id);
            Assert.Equal((1, 1L, 1L), (mailing.Batches, mailing.Recipients, mailing.Candidates));
            Assert.NotNull(mailing.SealedAt);
            var messages = await db.Outbox.OrderBy(m => m.Id).ToListAsync(Cancelled);
            Assert.Equal([nameof(MailingPrepared), nameof(RecipientsAdded), nameof(MailingSealed)], messages.Select(m => m.Type));
            Assert.Contains(Hole.ConfirmUrl, messages[0].Body, StringComparison.Ordinal);
            Assert.Contains("The list news", messages[0].Body, StringComparison.Ordinal);
            Assert.DoesNotContain("ada@example.org", string.Concat(messages.Select(m => m.Body)), StringComparison.OrdinalIgnoreCase);
        }

        var confirmed = await database.ChangeAsync(ada.Id, (reader, change) => reader.Confirm(change));
        await database.ChangeAsync(ada.Id, (reader, change) => reader.Confirm(change));

        ada = await database.GetAsync("ada@example.org");
        Assert.Equal((SubscriberState.Confirmed, 0), (ada.State, ada.Pending.Count));
        Assert.Equal(("news", Frequency.Daily, confirmed), ada.Holds.Select(s => (s.List, s.Frequency, s.FromRev)).Single());
    }

    [Fact]
    public async Task Nobody_can_change_what_another_holds_by_signing_up_for_her()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news", "jobs");
        await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        await using (var db = database.Open())
        {
            await database.SignUps(db).WishAsync(
                SubscriptionsDatabase.Address("ada@example.org"), new SubscriberDetails { Name = "Mallory" }, [new("news", Frequency.Immediate), new("jobs", Frequency.Daily)], Cancelled);
        }

        var ada = await database.GetAsync("ada@example.org");
        Assert.Equal([("news", Frequency.Daily)], ada.Holds.Select(s => (s.List, s.Frequency)));
        Assert.Null(ada.Name);
        Assert.Equal(2, ada.Pending.Count);
    }

    [Fact]
    public async Task Of_an_erased_reader_no_address_is_left()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync("news");
        var ada = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        await database.EraseAsync(ada);
        await database.EraseAsync(ada);
        await using var db = database.Open();
        var left = await db.Subscribers.Include(s => s.Subscriptions).SingleAsync(Cancelled);
        Assert.Equal((null, null, null, SubscriberState.Erased), (left.Address, left.NormalizedAddress, left.Name, left.State));
        Assert.Empty(left.Holds);

        // She may come back by herself, as somebody new.
        var again = await database.AddAsync("ada@example.org", new Wanted("news", Frequency.Daily));
        Assert.NotEqual(ada, again);
    }
}
