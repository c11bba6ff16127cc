using System.Text.Json;
using Alerts.Contracts;
using Alerts.Notices.Answers;
using Alerts.Tests.Unit.Mailings;
using Alerts.Tests.Unit.Notices.Events;
using Microsoft.EntityFrameworkCore;
using static Alerts.Tests.Unit.Notices.Events.GivenEvent;

namespace Alerts.Tests.Unit.Notices.Answers;

public sealed class AnsweringTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_counts_once_however_often_she_answers()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        var reader = Guid.NewGuid();
        foreach (var choice in new[] { Choice.Maybe, Choice.Coming, Choice.Coming, Choice.No, Choice.Coming })
        {
            Assert.Equal(Answered.Taken, await GiveAsync(notices, reader, choice));
        }

        await TellAsync(notices);
        var counted = Assert.Single(await SentAsync<EventAnswersCounted>(notices));
        Assert.Equal((1, 0, 0), (counted.Coming, counted.Maybe, counted.NotComing));
    }

    [Fact]
    public async Task The_last_place_goes_to_one_and_whoever_steps_back_frees_hers()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(Vigil with { Capacity = 3 }));
        var readers = Enumerable.Range(0, 10).Select(_ => Guid.NewGuid()).ToList();
        var answers = await Task.WhenAll(readers.Select(reader => Task.Run(() => GiveAsync(notices, reader, Choice.Coming))));
        Assert.Equal(3, answers.Count(a => a == Answered.Taken));
        Assert.Equal(7, answers.Count(a => a == Answered.Full));

        var (inside, outside) = (readers[Array.IndexOf(answers, Answered.Taken)], readers[Array.IndexOf(answers, Answered.Full)]);
        await GiveAsync(notices, inside, Choice.No);
        Assert.Equal(Answered.Taken, await GiveAsync(notices, outside, Choice.Coming));
        Assert.Equal(Answered.Full, await GiveAsync(notices, inside, Choice.Coming));
    }

    [Fact]
    public async Task Nothing_is_answered_once_it_has_begun_or_is_off()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        Assert.Equal(Answered.Closed, await GiveAsync(notices, Guid.NewGuid(), Choice.Coming, Vigil.StartsAt));
        await notices.HearAsync(Cancelled(2));
        Assert.Equal(Answered.Closed, await GiveAsync(notices, Guid.NewGuid(), Choice.Coming));
    }

    [Fact]
    public async Task Who_newly_comes_gets_the_event_for_her_calendar_many_in_one_mailing()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced());
        var (ada, ben, cyn) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await GiveAsync(notices, ada, Choice.Coming);
        await GiveAsync(notices, ben, Choice.Coming);
        await GiveAsync(notices, cyn, Choice.Maybe);
        notices.Clock.SetUtcNow(Now.AddSeconds(6));
        await TellAsync(notices);
        await TellAsync(notices);

        Assert.Equal($"event/{Id}/coming/1", Assert.Single(await notices.SentAsync(), m => m.Kind == MailingKind.Invitation).Cause);
        var recipients = Assert.Single(await SentAsync<RecipientsAdded>(notices)).Recipients;
        Assert.Equal(new[] { ada, ben }.Order(), recipients.Select(r => r.SubscriberId).Order());
        Assert.All(recipients, r => Assert.True(r.Attends));
    }

    [Fact]
    public async Task The_answers_of_the_erased_go_and_their_places_are_free()
    {
        await using var notices = await NoticesDatabase.CreateAsync();
        await notices.HearAsync(Announced(Vigil with { Capacity = 1 }));
        var reader = Guid.NewGuid();
        await GiveAsync(notices, reader, Choice.Coming);
        await using (var db = notices.Open())
        {
            await new SubscribersErasedConsumer(db, notices.Clock).Consume(Given.Context(new SubscribersErased { SubscriberIds = [reader] }));
        }

        await using var after = notices.Open();
        Assert.Equal(0, await after.Answers.CountAsync(Stop));
        Assert.Equal(Answered.Taken, await GiveAsync(notices, Guid.NewGuid(), Choice.Coming));
    }

    private static async Task<Answered> GiveAsync(NoticesDatabase notices, Guid reader, Choice choice, DateTimeOffset? now = null)
    {
        await using var db = notices.Open();
        return await Answering.GiveAsync(db, Id, reader, choice, now ?? Now, Stop);
    }

    private static async Task TellAsync(NoticesDatabase notices)
    {
        await using var db = notices.Open();
        await new TellAnswers(db, NoticesDatabase.Mail, notices.Clock).RunAsync(Stop);
    }

    private static async Task<List<T>> SentAsync<T>(NoticesDatabase notices)
    {
        await using var db = notices.Open();
        var bodies = await db.Outbox.Where(m => m.Type == typeof(T).Name).OrderBy(m => m.Id).Select(m => m.Body).ToListAsync(Stop);
        return [.. bodies.Select(body => JsonSerializer.Deserialize<T>(body)!)];
    }
}
