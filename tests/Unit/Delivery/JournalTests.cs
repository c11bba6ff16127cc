using Alerts.Contracts;
using Alerts.Delivery.Journal;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Mailings;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Delivery;

public sealed class JournalTests
{
    private static readonly Guid Id = MailingId.Of("post/1");
    private static readonly BatchKey Key = new(Id, 1);

    [Fact]
    public void A_journal_cut_off_anywhere_tells_all_it_held_whole_and_nothing_else()
    {
        var readers = Messages.Readers(6);
        var (bytes, ends) = Write(readers);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var whole = ends.Count(end => end <= length);
            var (replies, unanswered) = JournalRecord.Read([bytes[..length]]);

            // Records alternate: begin, reply, begin, reply …
            Assert.Equal(whole / 2, replies.Count);
            Assert.Equal(whole % 2, unanswered.Count);
            Assert.Equal(readers.Take(whole / 2), replies.Select(r => r.SubscriberId));
        }
    }

    [Fact]
    public void A_journal_with_a_broken_byte_tells_what_stood_before_it()
    {
        var readers = Messages.Readers(6);
        var (bytes, ends) = Write(readers);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255]).Sample(
            (at, change) =>
            {
                var broken = bytes.ToArray();
                broken[at] ^= change;
                var (replies, _) = JournalRecord.Read([broken]);
                Assert.Equal(readers.Take(ends.Count(end => end <= at) / 2), replies.Select(r => r.SubscriberId));
            },
            seed: "0001Q6dCSCH6");
    }

    [Fact]
    public void A_reply_survives_the_journal_as_it_was()
    {
        var outcome = new Outcome(Key, Guid.CreateVersion7(), 3, 4, DeliveryState.Deferred, "451 4.7.1 später — 後で 😀", Messages.Then, Messages.Then.AddTicks(7), true);
        var buffer = new byte[JournalRecord.MaxLength];

        var length = JournalRecord.WriteReply(buffer, outcome);

        Assert.Equal(outcome, JournalRecord.Read([buffer[..length]]).Replies.Single());
        Assert.Equal(JournalRecord.MaxLength, JournalRecord.WriteReply(buffer, outcome with { Reply = new string('€', 2_000) }));
    }

    [Fact]
    public void A_journal_in_use_is_left_alone_and_one_whose_process_ended_is_taken_over()
    {
        using var folder = new Folder();
        var journal = new DeliveryJournal(folder.Path, TimeProvider.System);
        var reader = Guid.CreateVersion7();
        journal.Begin(Key, reader, 0);
        Assert.Empty(AbandonedJournals.Open(folder.Path, Guid.Empty));

        journal.Dispose();

        using var abandoned = Assert.Single(AbandonedJournals.Open(folder.Path, Guid.Empty));
        Assert.Equal(journal.Owner, abandoned.Owner);
        var outcome = Assert.Single(abandoned.Read(Messages.Then));
        Assert.Equal((reader, true, DeliveryState.Queued, 1), (outcome.SubscriberId, outcome.Uncertain, outcome.State, outcome.Attempts));
        Assert.Empty(AbandonedJournals.Open(folder.Path, Guid.Empty));
        abandoned.Discard();
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_is_begun_when_a_new_file_is_started_is_known_to_the_new_file()
    {
        using var folder = new Folder();
        var journal = new DeliveryJournal(folder.Path, TimeProvider.System);
        var underWay = Guid.CreateVersion7();
        journal.Begin(Key, underWay, 0);
        var text = new string('x', 500);
        for (var i = 0; i < 2_000; i++)
        {
            var reader = Guid.CreateVersion7();
            journal.Begin(Key, reader, 0);
            journal.Reply(new Outcome(Key, reader, 0, 1, DeliveryState.Accepted, text, Messages.Then));
        }

        var (outcomes, done) = journal.Take();
        Assert.Equal(2_000, outcomes.Count);
        Assert.NotNull(done);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        done.Discard();
        journal.Dispose();

        using var abandoned = Assert.Single(AbandonedJournals.Open(folder.Path, Guid.Empty));
        Assert.Equal(underWay, Assert.Single(abandoned.Read(Messages.Then)).SubscriberId);
    }

    [Fact]
    public async Task After_a_kill_at_any_record_answered_mails_stay_answered_and_begun_ones_are_sent_again()
    {
        for (var records = 0; records <= 6; records++)
        {
            var readers = Messages.Readers(4);
            await using var app = await DeliveryApp.CreateAsync(start: false);
            var batch = Messages.Batch("post/1", 1, readers);
            var dead = Guid.CreateVersion7();
            await app.Db(async db =>
            {
                db.Mailings.Add(Prepared(batch));
                db.Contents.Add(new MailingContent { MailingId = Id, Html = "<p>Hello</p>", Text = "Hello" });
                var page = LedgerBatch.Of(Id, 1, readers.Length, Lane.Normal, Messages.Then);
                page.Claim(dead, TimeProvider.System.GetUtcNow().AddHours(1));
                db.Batches.Add(page);
                db.Rows.AddRange(readers.Select(r => new LedgerRow { MailingId = Id, SubscriberId = r, Batch = 1 }));
                await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            });
            var journals = Directory.CreateDirectory(Path.Combine(app.Folder, "journal")).FullName;
            var (bytes, ends) = Write(readers[..3]);
            await File.WriteAllBytesAsync(Path.Combine(journals, $"{dead:N}-00000000.journal"), bytes[..(records == 0 ? 0 : ends[records - 1])], TestContext.Current.CancellationToken);

            await app.StartAsync();
            await app.Completed(Id);

            // Answered before the kill: not sent again, so not in this mailbox.
            var sent = Directory.GetFiles(app.MailboxFolder).Select(f => Guid.Parse(Path.GetFileNameWithoutExtension(f).Split('-')[1])).Order();
            Assert.Equal(readers[(records / 2)..].Order(), sent);
            var rows = await app.Rows(Id);
            Assert.All(rows, r => Assert.Equal(DeliveryState.Accepted, r.State));
            Assert.Equal(records % 2 == 1 ? [readers[records / 2]] : [], rows.Where(r => r.Uncertain).Select(r => r.SubscriberId));
            await app.AssertBooksBalance();
        }
    }

    private static Mailing Prepared(RecipientsAdded batch)
    {
        var mailing = new Mailing { Id = Id, HeardAt = Messages.Then };
        mailing.Prepare(Messages.Prepared("post/1"));
        mailing.Seal(Messages.Sealed("post/1", batch), Messages.Then);
        return mailing;
    }

    /// <summary>A begin and a reply for each reader, and where each record ends.</summary>
    private static (byte[] Bytes, List<int> Ends) Write(Guid[] readers)
    {
        var bytes = new List<byte>();
        var ends = new List<int>();
        var buffer = new byte[JournalRecord.MaxLength];
        foreach (var reader in readers)
        {
            Add(JournalRecord.WriteBegin(buffer, Key, reader, 0));
            Add(JournalRecord.WriteReply(buffer, new Outcome(Key, reader, 0, 1, DeliveryState.Accepted, "250 2.0.0 Ok", Messages.Then)));
        }

        return ([.. bytes], ends);

        void Add(int length)
        {
            bytes.AddRange(buffer[..length]);
            ends.Add(bytes.Count);
        }
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("alerts-journal-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
