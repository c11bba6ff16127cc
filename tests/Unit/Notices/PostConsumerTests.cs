using System.Text.Json;
using Alerts.Contracts;
using Alerts.Mailings;
using Alerts.Mailings.Posts;
using Alerts.Notices;
using Alerts.Notices.Posts;
using Alerts.Tests.Unit.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Notices;

public sealed class PostConsumerTests : IAsyncLifetime
{
    private readonly string file = Path.Combine(Path.GetTempPath(), $"notices-{Guid.NewGuid():N}.db");
    private readonly FakeTimeProvider clock = new(Given.Now);
    private readonly PostMail mail = new(Given.Templates, new AudienceModel(), Given.Options);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var db = Open();
        await db.Database.MigrateAsync(Stop);
    }

    public ValueTask DisposeAsync()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(file);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_post_is_owed_once_to_its_immediate_readers_as_of_its_revision()
    {
        var post = Given.Post(1) with { AudienceRevision = 7 };
        await PublishAsync(post);
        await PublishAsync(post);

        var prepared = Assert.Single(await SentAsync<MailingPrepared>());
        Assert.Equal($"post/{post.PostId}/1/immediate", prepared.Cause);
        Assert.Equal((MailingKind.Post, MailingPriority.Normal, post.ReleasedAt), (prepared.Kind, prepared.Priority, prepared.ReleasedAt!.Value));
        Assert.Equal("Title 1", prepared.Subject);
        var mailing = Assert.Single(await MailingsAsync());
        Assert.Equal((7, Frequency.Immediate, true), (mailing.Revision, mailing.Frequency!.Value, mailing.FansOut));
    }

    [Fact]
    public async Task An_urgent_post_is_owed_to_everybody_on_its_lists()
    {
        await PublishAsync(Given.Post(1) with { Urgent = true });

        Assert.Equal(MailingPriority.Urgent, Assert.Single(await SentAsync<MailingPrepared>()).Priority);
        Assert.Null(Assert.Single(await MailingsAsync()).Frequency);
    }

    [Fact]
    public async Task A_post_of_a_backlog_is_left_to_digests()
    {
        await PublishAsync(Given.Post(1) with { BacklogId = Guid.NewGuid() });

        Assert.Empty(await MailingsAsync());
    }

    [Fact]
    public async Task A_correction_that_comes_first_gives_the_mail_its_text()
    {
        var post = Given.Post(1);
        await CorrectAsync(Given.Correction(post, 3, "Right at last"));
        await CorrectAsync(Given.Correction(post, 2, "Not quite"));
        await PublishAsync(post);
        await CorrectAsync(Given.Correction(post, 4, "Too late"));

        var prepared = Assert.Single(await SentAsync<MailingPrepared>());
        Assert.Equal(("Right at last", $"post/{post.PostId}/3/immediate"), (prepared.Subject, prepared.Cause));
    }

    [Fact]
    public async Task A_withdrawal_that_comes_first_sticks()
    {
        await WithdrawAsync(Given.Withdrawal(Given.Post(1)));
        await PublishAsync(Given.Post(1));

        Assert.Empty(await SentAsync<MailingPrepared>());
        Assert.Empty(await SentAsync<MailingCancelled>());
    }

    [Fact]
    public async Task A_withdrawal_calls_off_what_is_under_way_once()
    {
        await PublishAsync(Given.Post(1));
        await WithdrawAsync(Given.Withdrawal(Given.Post(1)));
        await WithdrawAsync(Given.Withdrawal(Given.Post(1)));

        var cancelled = Assert.Single(await SentAsync<MailingCancelled>());
        Assert.Equal((Assert.Single(await MailingsAsync()).Id, "notices", "the post was withdrawn"), (cancelled.MailingId, cancelled.By, cancelled.Why));
    }

    [Fact]
    public async Task A_mailing_that_is_complete_is_not_called_off()
    {
        await PublishAsync(Given.Post(1));
        await using (var db = Open())
        {
            (await db.Mailings.SingleAsync(Stop)).Completed(Given.Now);
            await db.SaveChangesAsync(Stop);
        }

        await WithdrawAsync(Given.Withdrawal(Given.Post(1)));

        Assert.Empty(await SentAsync<MailingCancelled>());
    }

    [Fact]
    public async Task A_publication_and_a_withdrawal_handled_at_once_do_not_miss_each_other()
    {
        await CorrectAsync(Given.Correction(Given.Post(1), 2, "Known already"));
        await using var publishing = Open();
        await publishing.Posts.SingleAsync(Stop);
        await WithdrawAsync(Given.Withdrawal(Given.Post(1)));

        var consumer = new PostPublishedConsumer(publishing, mail, clock);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => consumer.Consume(Given.Context(Given.Post(1))));
        await PublishAsync(Given.Post(1));

        Assert.Empty(await SentAsync<MailingPrepared>());
    }

    [Fact]
    public async Task A_mail_of_several_lists_lets_one_leave_each_of_them()
    {
        var prepared = await mail.ComposeAsync(Given.Post(1) with { Lists = ["refugees", "courts"] }, null, Given.Now, Stop);
        Assert.Contains($"{Hole.UnsubscribeUrl}?list=courts\"", prepared.Html, StringComparison.Ordinal);
        Assert.Contains($"{Hole.UnsubscribeUrl}?list=refugees\n", prepared.Text, StringComparison.Ordinal);

        var one = await mail.ComposeAsync(Given.Post(1) with { Lists = ["refugees"] }, null, Given.Now, Stop);
        Assert.DoesNotContain("?list=", one.Html + one.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<p>Long paragraph & “quotes” of it — ещё.</p>")]
    [InlineData("<table><tr><td>Cell</td></tr></table>")]
    [InlineData("日本語の文章です。")]
    public async Task A_mail_is_never_too_large(string piece)
    {
        var body = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        var prepared = await mail.ComposeAsync(Given.Post(1) with { Title = new string('題', 500), Html = body, Text = body }, null, Given.Now, Stop);

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(prepared.Html), 0, 100_000);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(prepared.Text), 0, 100_000);
        Assert.InRange(JsonSerializer.Serialize(prepared).Length, 0, 256 * 1024);
        Assert.Contains("Read on", prepared.Html, StringComparison.Ordinal);
        Assert.Contains("Read on: https://blog.example.org/posts/1/", prepared.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_correction_is_mailed_where_it_is_asked_for_to_those_who_got_the_post_at_once()
    {
        var post = Given.Post(1) with { AudienceRevision = 7, Urgent = true };
        await PublishAsync(post);
        await CorrectAsync(Given.Correction(post, 2, "Quiet"));
        var aloud = Given.Correction(post, 3, "Right at last") with { Mail = true };
        await CorrectAsync(aloud);
        await CorrectAsync(aloud);

        var mails = await SentAsync<MailingPrepared>();
        Assert.Equal(["Title 1", "Correction: Right at last"], mails.Select(m => m.Subject));
        Assert.Equal(($"post/{post.PostId}/3/correction", MailingPriority.Urgent), (mails[1].Cause, mails[1].Priority));
        Assert.Contains("This is how it should have read", mails[1].Text, StringComparison.Ordinal);
        Assert.All(await MailingsAsync(), mailing => Assert.Equal((7L, (Frequency?)null), (mailing.Revision, mailing.Frequency)));
    }

    [Fact]
    public async Task A_withdrawal_calls_off_the_mail_about_a_correction_too()
    {
        var post = Given.Post(1);
        await PublishAsync(post);
        var correction = Given.Correction(post, 2, "Right at last") with { Mail = true };
        await CorrectAsync(correction);

        await WithdrawAsync(new PostWithdrawn { PostId = post.PostId, Version = 2 });
        await CorrectAsync(correction with { Version = 3 });

        Assert.Equal(2, (await SentAsync<MailingCancelled>()).Count);
        Assert.Equal(2, (await MailingsAsync()).Count);
    }

    [Fact]
    public async Task A_correction_that_comes_before_its_post_needs_no_mail_of_its_own()
    {
        var post = Given.Post(1);
        await CorrectAsync(Given.Correction(post, 2, "Right at once") with { Mail = true });
        await PublishAsync(post);

        Assert.Equal("Right at once", Assert.Single(await SentAsync<MailingPrepared>()).Subject);
    }

    private SqliteNoticesDb Open() => new(new DbContextOptionsBuilder<SqliteNoticesDb>().UseSqlite($"Data Source={file}").Options);

    private async Task PublishAsync(PostPublished post)
    {
        await using var db = Open();
        await new PostPublishedConsumer(db, mail, clock).Consume(Given.Context(post));
    }

    private async Task CorrectAsync(PostCorrected post)
    {
        await using var db = Open();
        await new PostCorrectedConsumer(db, mail, clock).Consume(Given.Context(post));
    }

    private async Task WithdrawAsync(PostWithdrawn post)
    {
        await using var db = Open();
        await new PostWithdrawnConsumer(db, clock).Consume(Given.Context(post));
    }

    private async Task<List<OutgoingMailing>> MailingsAsync()
    {
        await using var db = Open();
        return await db.Mailings.ToListAsync(Stop);
    }

    private async Task<List<T>> SentAsync<T>()
    {
        await using var db = Open();
        var bodies = await db.Outbox.Where(m => m.Type == typeof(T).Name).OrderBy(m => m.Id).Select(m => m.Body).ToListAsync(Stop);
        return [.. bodies.Select(body => JsonSerializer.Deserialize<T>(body)!)];
    }
}
