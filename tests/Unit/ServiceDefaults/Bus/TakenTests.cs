using Alerts.Contracts;
using Alerts.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.ServiceDefaults.Bus;

/// <summary>The way of a message from one service's outbox into another service's tables.</summary>
public sealed class TakenTests
{
    [Fact]
    public async Task A_committed_message_is_taken_and_then_forgotten_by_its_sender()
    {
        await using var services = await TwoServices.StartAsync();

        await services.Publish(Guid.NewGuid());

        await Eventually.Get(services.Filed, filed => filed == 1);
        await Eventually.Get(services.Untaken, untaken => untaken == 0);
        Assert.Equal(1, await services.InDigests(db => db.TakenMessages.CountAsync()));
    }

    [Fact]
    public async Task A_message_that_comes_twice_is_handled_once()
    {
        await using var services = await TwoServices.StartAsync();
        var message = new BacklogPublished { BacklogId = Guid.NewGuid(), Posts = 1, Title = "A feed", Lists = ["news"], AudienceRevision = 1 };
        var id = Guid.NewGuid();

        await services.Bus.Publish(message, context => context.MessageId = id, TestContext.Current.CancellationToken);
        await Eventually.Get(services.Filed, filed => filed == 1);
        await services.Bus.Publish(message, context => context.MessageId = id, TestContext.Current.CancellationToken);
        await services.Publish(Guid.NewGuid());

        await Eventually.Get(services.Filed, filed => filed == 2);
        Assert.Equal(2, services.Diary.Contexts.Count);
    }

    [Fact]
    public async Task Copies_that_arrive_together_leave_one_row()
    {
        await using var services = await TwoServices.StartAsync();
        var message = new BacklogPublished { BacklogId = Guid.NewGuid(), Posts = 1, Title = "A feed", Lists = ["news"], AudienceRevision = 1 };
        var id = Guid.NewGuid();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => services.Bus.Publish(message, context => context.MessageId = id, TestContext.Current.CancellationToken)));
        await services.Publish(Guid.NewGuid());

        await Eventually.Get(services.Untaken, untaken => untaken == 0);
        Assert.Equal(2, await services.Filed());
        Assert.Equal(2, await services.InDigests(db => db.TakenMessages.CountAsync()));
    }

    [Fact]
    public async Task A_consumer_that_fails_is_tried_again_with_a_fresh_context()
    {
        await using var services = await TwoServices.StartAsync(failures: 2);

        await services.Publish(Guid.NewGuid());

        await Eventually.Get(services.Untaken, untaken => untaken == 0);
        Assert.Equal(1, await services.Filed());
        Assert.Equal(3, services.Diary.Contexts.Distinct().Count());
    }

    [Fact]
    public async Task What_nobody_took_before_a_restart_is_taken_after_it()
    {
        var before = await TwoServices.StartAsync(takerRuns: false);
        await before.Publish(Guid.NewGuid());
        await Eventually.Get(() => before.InPublishing(db => db.Outbox.CountAsync(m => m.Attempts > 0)), sent => sent == 1);

        await using var after = await before.RestartAsync(takerRuns: true);

        await Eventually.Get(after.Untaken, untaken => untaken == 0);
        Assert.Equal(1, await after.Filed());
    }

    [Fact]
    public async Task A_thousand_messages_are_each_taken_once()
    {
        await using var services = await TwoServices.StartAsync();

        for (var batch = 0; batch < 10; batch++)
        {
            await services.InPublishing(db =>
            {
                for (var i = 0; i < 100; i++)
                {
                    db.Enqueue(
                        new BacklogPublished { BacklogId = Guid.NewGuid(), Posts = 1, Title = "A feed", Lists = ["news"], AudienceRevision = 1 },
                        TimeProvider.System.GetUtcNow());
                }

                return db.SaveChangesAsync();
            });
        }

        await Eventually.Get(services.Untaken, untaken => untaken == 0, seconds: 60);
        Assert.Equal(1_000, await services.Filed());
    }

    [Fact]
    public async Task Batches_of_an_urgent_mailing_overtake_those_of_others_that_wait_in_the_outbox()
    {
        await using var services = await TwoServices.StartAsync(takerRuns: false);
        await Enqueue(100, rank: 2);
        await Eventually.Get(() => Sent(rank: 2), sent => sent > 0);
        await Enqueue(3, OutboxMessage.UrgentRank);

        await Eventually.Get(() => Sent(OutboxMessage.UrgentRank), sent => sent == 3);

        // Nobody takes them, so the bulk mailing's window stays full: the bus holds a part, the outbox the rest.
        Assert.InRange(await Sent(rank: 2), 1, 50);

        Task Enqueue(int count, short rank) => services.InPublishing(db =>
        {
            for (var i = 1; i <= count; i++)
            {
                db.Enqueue(new RecipientsAdded { MailingId = Guid.NewGuid(), Batch = i, Recipients = [new Recipient { SubscriberId = Guid.NewGuid() }] }, TimeProvider.System.GetUtcNow(), rank);
            }

            return db.SaveChangesAsync();
        });

        Task<int> Sent(short rank) => services.InPublishing(db => db.Outbox.CountAsync(m => m.Rank == rank && m.Attempts > 0));
    }
}
