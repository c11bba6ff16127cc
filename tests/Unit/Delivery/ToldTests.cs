using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.Delivery.Told;
using Alerts.Mailings;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>Mailings to those who were told of an event: whom Delivery finds in its own ledger, and what it stops before.</summary>
public sealed class ToldTests
{
    private static readonly Guid Event = new("0198c2f0-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Now = Messages.Then.AddMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancellation_stops_the_announcement_and_goes_only_to_those_whose_mail_was_handed_over()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(6);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, readers[..3]), Messages.Batch("e/1", 2, readers[3..]), Sealed("e/1", 2, 6));
        await HandOver(app, "e/1", 1, readers[..2]);

        await Take(app, Notice("e/2", MailingKind.Cancellation, 2), Sealed("e/2", 0, 0));
        Assert.Equal("the event was cancelled", (await app.Mailing(MailingId.Of("e/1")))!.CancelledWhy);
        await Look(app);
        Assert.Empty(await app.Rows(MailingId.Of("e/2")));

        await CancelRest(app);
        await Look(app);

        Assert.Equal(readers[..2].Order(), (await app.Rows(MailingId.Of("e/2"))).Select(r => r.SubscriberId).Order());
        Assert.NotNull((await app.Mailing(MailingId.Of("e/2")))!.ToldSealedAt);
        Assert.Single(await Sent<MailingCancelled>(app), c => c.Contains(MailingId.Of("e/1").ToString(), StringComparison.Ordinal));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task What_is_being_handed_over_is_waited_for()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(2);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, readers), Sealed("e/1", 1, 2));
        var owner = Guid.NewGuid();
        await app.Db(db => Claims.ClaimAsync(db, Lane.Urgent, owner, Now, Now.AddMinutes(5), Stop));
        await Take(app, Notice("e/2", MailingKind.Cancellation, 2), Sealed("e/2", 0, 0));
        await CancelRest(app);
        await Look(app);
        Assert.Null((await app.Mailing(MailingId.Of("e/2")))!.ToldSealedAt);

        // One of the two was under way, and its content was taken by a relay.
        var key = new BatchKey(MailingId.Of("e/1"), 1);
        await app.Db(db => Fold.ApplyAsync(db, [new Outcome(key, readers[0], 0, 1, DeliveryState.Accepted, "250", Now)], [key], owner, Now, Stop));
        await CancelRest(app);
        await Look(app);

        Assert.Equal([readers[0]], (await app.Rows(MailingId.Of("e/2"))).Select(r => r.SubscriberId));
    }

    [Fact]
    public async Task An_announcement_that_comes_after_its_cancellation_is_stopped_at_once()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        await Take(app, Notice("e/2", MailingKind.Cancellation, 2), Sealed("e/2", 0, 0));
        await Look(app);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, Messages.Readers(3)), Sealed("e/1", 1, 3));

        Assert.NotNull((await app.Mailing(MailingId.Of("e/1")))!.CancelledAt);
        await CancelRest(app);
        Assert.Equal(3, (await app.Books(MailingId.Of("e/1"))).Cancelled);
        Assert.Equal(0, (await app.Books(MailingId.Of("e/2"))).Recipients);
    }

    [Fact]
    public async Task A_change_reaches_the_rest_of_the_audience_and_those_who_were_told_each_once()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(5);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, readers[..4]), Sealed("e/1", 1, 4));
        await HandOver(app, "e/1", 1, readers[..3]);

        // Readers 0 and 1 are still in its audience, as is 3 who wasn't told; 2 has moved away since; 4 is new. The maker names 1 twice.
        await Take(
            app, Notice("e/2", MailingKind.Change, 2), Messages.Batch("e/2", 1, readers[1]), Messages.Batch("e/2", 2, readers[0], readers[1], readers[3], readers[4]), Sealed("e/2", 2, 5));
        await CancelRest(app);
        await Look(app);

        var id = MailingId.Of("e/2");
        Assert.Equal(readers.Order(), (await app.Rows(id)).Select(r => r.SubscriberId).Order());
        var view = (await app.Db(db => MailingView.FindAsync(db, id, Stop)))!;
        Assert.Equal((5, 8, 3), (view.Recipients, view.Candidates, view.Excluded[Exclusion.Twice]));
        await HandOverAll(app, "e/2");
        Assert.NotNull((await app.Mailing(id))!.CompletedAt);
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_digest_that_told_of_it_goes_on_and_whom_it_tells_hears_of_the_cancellation_after_it()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(4);
        await Take(app, Notice("digest", MailingKind.Digest, 1) with { Priority = MailingPriority.Bulk, ToThoseTold = null }, Messages.Batch("digest", 1, readers[..2]));
        await HandOver(app, "digest", 1, readers[..2]);
        await Take(app, Notice("e/2", MailingKind.Cancellation, 2), Sealed("e/2", 0, 0));
        await Look(app);

        var id = MailingId.Of("e/2");
        Assert.Equal(readers[..2].Order(), (await app.Rows(id)).Select(r => r.SubscriberId).Order());
        Assert.Null((await app.Mailing(id))!.ToldSealedAt);
        Assert.Null((await app.Mailing(MailingId.Of("digest")))!.CancelledAt);

        await Take(app, Messages.Batch("digest", 2, readers[2]), Sealed("digest", 2, 3));
        await HandOver(app, "digest", 2, readers[2]);
        await Look(app);
        await HandOverAll(app, "e/2");
        Assert.NotNull((await app.Mailing(id))!.CompletedAt);

        // Another digest was composed before the cancellation came to its maker: the cancellation is caused anew, for its readers.
        await Take(app, Notice("late", MailingKind.Digest, 1) with { ToThoseTold = null }, Messages.Batch("late", 1, readers[2], readers[3]), Sealed("late", 1, 2));
        await HandOver(app, "late", 1, readers[2], readers[3]);
        await Look(app);
        Assert.Equal([readers[3]], (await app.Rows(MailingId.Of($"told/{id}/1"))).Select(r => r.SubscriberId));
        await app.AssertBooksBalance();
    }

    [Fact]
    public async Task A_reminder_stops_nothing_and_reaches_whoever_was_told_in_any_version()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(3);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, readers[..2]), Sealed("e/1", 1, 2));
        await HandOver(app, "e/1", 1, readers[0]);
        await Take(app, Notice("r", MailingKind.Reminder, 1), Messages.Batch("r", 1, readers[2]), Sealed("r", 1, 1));
        await Look(app);

        Assert.Null((await app.Mailing(MailingId.Of("e/1")))!.CancelledAt);
        await HandOver(app, "e/1", 1, readers[1]);
        await Look(app);
        Assert.Equal(readers.Order(), (await app.Rows(MailingId.Of("r"))).Select(r => r.SubscriberId).Order());
    }

    [Fact]
    public async Task Who_attends_keeps_her_own_calendar_when_she_was_told_too()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(2);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, readers), Sealed("e/1", 1, 2));
        await HandOverAll(app, "e/1");
        var attends = Messages.Batch("e/2", 1, readers[0]);
        await Take(app, Notice("e/2", MailingKind.Cancellation, 2), attends with { Recipients = [attends.Recipients[0] with { Attends = true }] }, Sealed("e/2", 1, 1));
        await Look(app);

        Assert.Equal(
            [(readers[0], true), (readers[1], false)],
            (await app.Rows(MailingId.Of("e/2"))).OrderBy(r => Array.IndexOf(readers, r.SubscriberId)).Select(r => (r.SubscriberId, r.Attends)));
    }

    [Fact]
    public async Task What_is_old_news_is_not_sent_again()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1), Messages.Batch("e/1", 1, Messages.Readers(2)), Sealed("e/1", 1, 2));
        await Take(app, Notice("e/2", MailingKind.Change, 2), Sealed("e/2", 0, 0));
        await CancelRest(app);

        var result = await app.Db(db => Resend.MakeAsync(db, MailingId.Of("e/1"), "cancelled", Now, Stop));
        Assert.Null(result.MailingId);
        Assert.Contains("changed or cancelled", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_was_told_is_known_until_a_month_after_the_event()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var readers = Messages.Readers(2);
        await Take(app, Notice("e/1", MailingKind.Announcement, 1, Now.AddDays(200)), Messages.Batch("e/1", 1, readers), Sealed("e/1", 1, 2));
        await HandOverAll(app, "e/1");

        foreach (var (days, known) in new[] { (100, 2), (229, 2), (231, 0) })
        {
            await app.Db(db => new ForgetDeliveries(db, new At(Now.AddDays(days))).RunAsync(Stop));
            Assert.Equal(known, (await app.Rows(MailingId.Of("e/1"))).Count);
        }
    }

    /// <summary>Histories of an event, message by message in any order, mails handed over between: whatever happens, who was told hears the last of it, once.</summary>
    [Fact]
    public async Task Whatever_comes_in_whatever_order_who_was_told_hears_the_last_of_it_once()
    {
        await using var app = await DeliveryApp.CreateAsync(start: false);
        var round = 0;
        await Gen.Int[0, int.MaxValue].SampleAsync(
            async seed =>
            {
                var random = new Random(seed);
                var id = Guid.CreateVersion7();
                var name = $"h/{Interlocked.Increment(ref round)}";
                var readers = Messages.Readers(12);
                var digest = Messages.Batch($"{name}/digest", 1, readers[8..10]);
                var pages = readers[..8].Chunk(3).Select((part, i) => Messages.Batch($"{name}/1", i + 1, part)).ToArray();
                List<object> messages =
                [
                    Notice($"{name}/1", MailingKind.Announcement, 1, eventId: id), .. pages, Sealed($"{name}/1", pages.Length, 8),
                    Notice($"{name}/digest", MailingKind.Digest, 1, eventId: id) with { ToThoseTold = null }, digest, Sealed($"{name}/digest", 1, 2),
                    Notice($"{name}/2", MailingKind.Change, 2, eventId: id), Messages.Batch($"{name}/2", 1, readers[random.Next(12)]), Sealed($"{name}/2", 1, 1),
                    Notice($"{name}/3", MailingKind.Cancellation, 3, eventId: id), Sealed($"{name}/3", 0, 0),
                ];
                var order = messages.Concat(messages.Where(_ => random.Next(3) == 0)).ToArray();
                random.Shuffle(order);
                foreach (var message in order)
                {
                    await Take(app, message);
                    if (random.Next(2) == 0)
                    {
                        await HandOverSome(app, name, random);
                    }

                    if (random.Next(3) == 0)
                    {
                        await CancelRest(app);
                        await Look(app);
                    }
                }

                for (var i = 0; i < 6; i++)
                {
                    await CancelRest(app);
                    await Look(app);
                    await HandOverSome(app, name, null);
                }

                var last = MailingId.Of($"{name}/3");
                var told = await app.Db(db => db.Rows.AsNoTracking().Where(r => r.State == DeliveryState.Accepted)
                    .Join(db.Tellings.Where(t => t.EventId == id), r => r.MailingId, t => t.MailingId, (r, t) => new { r.SubscriberId, t.Version, r.MailingId }).ToListAsync(Stop));
                Assert.Equal(
                    told.Where(t => t.Version < 3).Select(t => t.SubscriberId).Distinct().Order(),
                    told.Where(t => t.Version == 3).Select(t => t.SubscriberId).Order());
                Assert.All(await app.Db(db => db.Mailings.AsNoTracking().Where(m => m.Cause.StartsWith(name) || m.ToThoseTold == id).ToListAsync(Stop)), m => Assert.NotNull(m.CompletedAt));
            },
            iter: 20,
            threads: 1,
            seed: "0001Q6dCSCH6");
        await app.AssertBooksBalance();
    }

    private static MailingPrepared Notice(string cause, string kind, int version, DateTimeOffset? endsAt = null, Guid? eventId = null) => Messages.Prepared(cause, MailingPriority.Urgent) with
    {
        Kind = kind,
        GroupId = eventId ?? Event,
        Tells = [new ToldEvent(eventId ?? Event, version, endsAt)],
        ToThoseTold = kind is MailingKind.Announcement ? null : eventId ?? Event,
    };

    private static MailingSealed Sealed(string cause, int batches, int recipients) => new()
    {
        MailingId = MailingId.Of(cause),
        Batches = batches,
        Recipients = recipients,
        Candidates = recipients,
        Excluded = new Dictionary<string, long>(),
    };

    private static async Task Take(DeliveryApp app, params object[] messages)
    {
        foreach (var message in messages)
        {
            await app.Db(db => message switch
            {
                MailingPrepared prepared => new MailingPreparedConsumer(db, new WorkSignal(), new At(Now)).Consume(Context.Of(prepared)),
                RecipientsAdded added => new RecipientsAddedConsumer(db, new WorkSignal(), new At(Now)).Consume(Context.Of(added)),
                MailingSealed totals => new MailingSealedConsumer(db, new At(Now)).Consume(Context.Of(totals)),
                _ => throw new ArgumentException($"No consumer of {message}.", nameof(messages)),
            });
        }
    }

    private static Task HandOver(DeliveryApp app, string cause, int batch, params Guid[] readers)
    {
        var key = new BatchKey(MailingId.Of(cause), batch);
        return app.Db(db => Fold.ApplyAsync(db, [.. readers.Select(r => new Outcome(key, r, 0, 1, DeliveryState.Accepted, "250", Now))], [], Guid.Empty, Now, Stop));
    }

    private static async Task HandOverAll(DeliveryApp app, string cause)
    {
        foreach (var batch in (await app.Rows(MailingId.Of(cause))).GroupBy(r => r.Batch))
        {
            await HandOver(app, cause, batch.Key, [.. batch.Select(r => r.SubscriberId)]);
        }
    }

    /// <summary>Of the batches that may be sent, all mails or, at random, some.</summary>
    private static async Task HandOverSome(DeliveryApp app, string name, Random? random)
    {
        var sendable = await app.Db(db => db.Mailings.AsNoTracking().Where(m => (m.Cause.StartsWith(name) || m.Cause.StartsWith("told/")) && m.PreparedAt != null && m.CancelledAt == null && m.CompletedAt == null).ToListAsync(Stop));
        foreach (var mailing in sendable)
        {
            foreach (var batch in (await app.Rows(mailing.Id)).Where(r => r.State == DeliveryState.Queued && random?.Next(3) != 0).GroupBy(r => r.Batch))
            {
                await HandOver(app, mailing.Cause, batch.Key, [.. batch.Select(r => r.SubscriberId)]);
            }
        }
    }

    private static Task CancelRest(DeliveryApp app) => app.Db(async db =>
    {
        while (await Closing.CancelOneBatchAsync(db, Now, Stop))
        {
            db.ChangeTracker.Clear();
        }
    });

    private static Task Look(DeliveryApp app) => app.Services.GetServices<IHostedService>().OfType<TellThoseTold>().Single().LookAsync(Stop);

    private static Task<List<string>> Sent<T>(DeliveryApp app) => app.Db(db => db.Outbox.Where(m => m.Type == typeof(T).Name).Select(m => m.Body).ToListAsync(Stop));

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
