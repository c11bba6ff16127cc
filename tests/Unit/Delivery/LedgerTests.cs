using System.Reflection;
using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.Mailings;
using CsCheck;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Delivery;

public sealed class LedgerTests
{
    private static readonly Guid Id = MailingId.Of("post/1");

    [Fact]
    public async Task Messages_in_any_order_and_repeated_make_the_same_ledger()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var round = 0;
        await Gen.Select(Gen.Int[0, 4], Gen.Int[0, int.MaxValue], Gen.Bool).SampleAsync(
            async (batches, seed, cancelled) =>
            {
                var cause = $"post/{Interlocked.Increment(ref round)}";
                var added = Enumerable.Range(1, batches).Select(n => Messages.Batch(cause, n, Messages.Readers(n * 3))).ToArray();
                object[] all = [Messages.Prepared(cause), Messages.Sealed(cause, added), .. added, .. cancelled ? [Messages.Cancelled(cause)] : Array.Empty<object>()];
                var order = all.Concat(all).ToArray();
                new Random(seed).Shuffle(order);
                foreach (var message in order)
                {
                    await Consume(app, message);
                }

                await app.Db(async db =>
                {
                    while (await Closing.CancelOneBatchAsync(db, Messages.Then, TestContext.Current.CancellationToken))
                    {
                        db.ChangeTracker.Clear();
                    }
                });

                var id = MailingId.Of(cause);
                var mailing = (await app.Mailing(id))!;
                var books = await app.Books(id);
                Assert.Equal(added.Sum(b => b.Recipients.Count), books.Recipients);
                Assert.Equal(added.Length, books.Batches);
                Assert.Equal(cancelled ? books.Recipients : 0, books.Cancelled);
                Assert.Equal(cancelled || batches == 0, mailing.CompletedAt is not null);
                Assert.Equal(
                    mailing.CompletedAt is null ? 0 : 1,
                    await app.Db(db => db.Outbox.CountAsync(m => m.Type == nameof(MailingCompleted) && m.Body.Contains(id.ToString()), TestContext.Current.CancellationToken)));
                Assert.Equal(added.SelectMany(b => b.Recipients.Select(r => r.SubscriberId)).Order(), (await app.Rows(id)).Select(r => r.SubscriberId).Order());
            },
            iter: 25,
            threads: 1,
            seed: "0001Q6dCSCH6");
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task Batches_are_claimed_once_and_only_when_the_mailing_is_prepared_and_neither_paused_nor_cancelled()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        await Consume(app, Messages.Batch("post/1", 1, Messages.Readers(400)));
        await Consume(app, Messages.Batch("post/1", 2, Messages.Readers(400)));
        Assert.Empty(await Claim(app, Lane.Normal));

        await Consume(app, Messages.Prepared("post/1"));
        Assert.Empty(await Claim(app, Lane.Bulk));
        await app.Db(db => Decisions.PauseAsync(db, Id, Messages.Then, TestContext.Current.CancellationToken));
        Assert.Empty(await Claim(app, Lane.Normal));

        await app.Db(db => Decisions.ResumeAsync(db, Id, Messages.Then, TestContext.Current.CancellationToken));
        Assert.Single(await Claim(app, Lane.Normal));
        Assert.Single(await Claim(app, Lane.Normal));
        Assert.Empty(await Claim(app, Lane.Normal));
        Assert.Equal(800, (await app.Books(Id)).Sending);

        // The leases end.
        Assert.Single(await Claim(app, Lane.Normal, TimeProvider.System.GetUtcNow().AddHours(1)));
    }

    [Fact]
    public async Task Applying_an_outcome_twice_counts_it_once()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(4);
        await Consume(app, Messages.Prepared("post/1"));
        await Consume(app, Messages.Batch("post/1", 1, readers));
        var key = new BatchKey(Id, 1);
        Outcome[] outcomes =
        [
            new(key, readers[0], 0, 1, DeliveryState.Accepted, "250 Ok", Now),
            Outcome.Refused(key, readers[1], 0, "450 Later", Now),
            Outcome.Unanswered(key, readers[2], 0, "gone", Now),
        ];

        var first = await app.Db(db => Fold.ApplyAsync(db, outcomes, [], Guid.Empty, Now, TestContext.Current.CancellationToken));
        var second = await app.Db(db => Fold.ApplyAsync(db, outcomes, [], Guid.Empty, Now, TestContext.Current.CancellationToken));

        Assert.Equal(3, first.Count);
        Assert.Empty(second);
        var books = await app.Books(Id);
        Assert.Equal((1, 1, 2, 1), (books.Accepted, books.Deferred, books.Queued, books.Uncertain));
        Assert.Equal((Now, Now), (books.FirstAt, books.LastAt));
        await app.Db(db => Claims.ReleaseAllAsync(db, Guid.Empty, Now, TestContext.Current.CancellationToken));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task Whatever_happens_to_its_rows_a_mailing_s_books_balance()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(40);
        var batches = readers.Chunk(8).Select((part, i) => Messages.Batch("post/1", i + 1, part)).ToArray();
        await Consume(app, Messages.Prepared("post/1"));
        foreach (var batch in batches)
        {
            await Consume(app, batch);
        }

        var random = new Random(20261123);
        var owner = Guid.NewGuid();
        var now = Now;
        DeliveryState[] final = [DeliveryState.Accepted, DeliveryState.Bounced, DeliveryState.Suppressed, DeliveryState.Unsubscribed, DeliveryState.Expired];
        for (var round = 0; round < 30; round++)
        {
            now = now.AddMinutes(random.Next(1, 200));
            foreach (var batch in await Claim(app, Lane.Normal, now, owner))
            {
                var key = new BatchKey(Id, batch.Number);
                var outcomes = (await app.Rows(Id)).Where(r => r.Batch == batch.Number && r.State == DeliveryState.Queued && random.Next(3) > 0)
                    .Select(r => random.Next(4) switch
                    {
                        0 => Outcome.Refused(key, r.SubscriberId, r.Attempts, "450", now),
                        1 => Outcome.Unanswered(key, r.SubscriberId, r.Attempts, "gone", now),
                        _ => new Outcome(key, r.SubscriberId, r.Attempts, r.Attempts + 1, final[random.Next(final.Length)], "reply", now),
                    })
                    .ToList();
                await app.Db(db => Fold.ApplyAsync(db, outcomes, random.Next(4) > 0 ? [key] : [], owner, now, TestContext.Current.CancellationToken));
            }

            await app.AssertBooksBalance();
        }

        await Consume(app, Messages.Sealed("post/1", batches));
        await Consume(app, Messages.Cancelled("post/1"));
        while (await app.Db(db => Closing.CancelOneBatchAsync(db, now.AddHours(10), TestContext.Current.CancellationToken)))
        {
        }

        await app.AssertBooksBalance();
        Assert.NotNull((await app.Mailing(Id))!.CompletedAt);
    }

    private static readonly DateTimeOffset Now = Messages.Then.AddMinutes(1);

    private static Task<List<LedgerBatch>> Claim(DeliveryApp app, Lane lane, DateTimeOffset? at = null, Guid? owner = null)
    {
        var now = at ?? TimeProvider.System.GetUtcNow().AddMinutes(1);
        return app.Db(db => Claims.ClaimAsync(db, lane, owner ?? Guid.NewGuid(), now, now.AddMinutes(5), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Names_and_addresses_of_the_erased_go_and_the_books_stay()
    {
        var ids = Messages.Readers(3);
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var batch = Messages.Batch("post/1", 1, ids);
        batch = batch with { Recipients = [.. batch.Recipients.Select((r, i) => r with { Name = $"Reader {i}", Address = i == 1 ? "new@example.org" : null })] };
        var erased = new SubscribersErased { SubscriberIds = [ids[0], ids[1]] };
        foreach (var message in new object[] { Messages.Prepared("post/1"), batch, erased, erased })
        {
            await Consume(app, message);
        }

        var rows = await app.Db(db => db.Rows.AsNoTracking().Where(r => r.MailingId == MailingId.Of("post/1")).ToDictionaryAsync(r => r.SubscriberId, r => (r.Name, r.Address)));
        Assert.Equal([(null, null), (null, null), ("Reader 2", null)], ids.Select(id => rows[id]));
        Assert.Equal(3, (await app.Books(MailingId.Of("post/1"))).Recipients);
    }

    [Fact]
    public async Task A_batch_under_way_when_its_reader_is_erased_doesnt_bring_her_name_back()
    {
        var ids = Messages.Readers(2);
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var batch = Messages.Batch("post/1", 1, ids);
        batch = batch with { Recipients = [.. batch.Recipients.Select((r, i) => r with { Name = $"Reader {i}", Address = "new@example.org" })] };
        foreach (var message in new object[] { Messages.Prepared("post/1"), new SubscribersErased { SubscriberIds = [ids[0]] }, batch })
        {
            await Consume(app, message);
        }

        Assert.Equal([(null, null), ("Reader 1", "new@example.org")], await Names(app, ids));

        // One that was written at the very moment is forgotten by night, and the id when nothing of that time can come any more.
        await app.Db(db => db.Rows.Where(r => r.SubscriberId == ids[0]).ExecuteUpdateAsync(set => set.SetProperty(r => r.Name, "Reader 0")));
        await app.Db(db => new ForgetErased(db, new At(Now)).RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal([(null, null), ("Reader 1", "new@example.org")], await Names(app, ids));
        Assert.Equal(1, await app.Db(db => db.ErasedReaders.CountAsync()));
        await app.Db(db => new ForgetErased(db, new At(Now + ForgetDeliveries.Kept + TimeSpan.FromDays(1))).RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await app.Db(db => db.ErasedReaders.CountAsync()));
    }

    private static async Task<IEnumerable<(string? Name, string? Address)>> Names(DeliveryApp app, IReadOnlyList<Guid> ids)
    {
        var rows = await app.Db(db => db.Rows.AsNoTracking().Where(r => r.MailingId == MailingId.Of("post/1")).ToDictionaryAsync(r => r.SubscriberId, r => (r.Name, r.Address)));
        return ids.Select(id => rows[id]);
    }

    private static Task Consume(DeliveryApp app, object message) => app.Db(db => message switch
    {
        MailingPrepared prepared => new MailingPreparedConsumer(db, new WorkSignal(), new At(Now)).Consume(Context.Of(prepared)),
        RecipientsAdded added => new RecipientsAddedConsumer(db, new WorkSignal(), new At(Now)).Consume(Context.Of(added)),
        MailingSealed totals => new MailingSealedConsumer(db, new At(Now)).Consume(Context.Of(totals)),
        SubscribersErased erased => new SubscribersErasedConsumer(db, new At(Now)).Consume(Context.Of(erased)),
        MailingCancelled cancelled => new MailingCancelledConsumer(db, new WorkSignal(), new At(Now)).Consume(Context.Of(cancelled)),
        _ => throw new ArgumentException($"No consumer of {message}.", nameof(message)),
    });

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

/// <summary>A consume context that knows only its message.</summary>
public class Context : DispatchProxy
{
    private object? message;

    public static ConsumeContext<T> Of<T>(T message) where T : class
    {
        var context = Create<ConsumeContext<T>, Context>();
        ((Context)(object)context).message = message;
        return context;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        "get_Message" => message,
        "get_CancellationToken" => TestContext.Current.CancellationToken,
        _ => throw new NotSupportedException(targetMethod?.Name),
    };
}
