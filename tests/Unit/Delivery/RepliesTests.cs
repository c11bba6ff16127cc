using Alerts.Contracts;
using Alerts.Delivery.Mailings;
using Alerts.Mailings;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>What staff see of the replies of relays: by text and domain over a mailing, and over mailings for a reader.</summary>
public sealed class RepliesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("550 5.1.1 <ann@here.example>: no such user", "550 5.1.1 …: no such user")]
    [InlineData("450 4.2.0 ben.b+tag@here.example: greylisted for 300 seconds", "450 4.2.0 … greylisted for 300 seconds")]
    [InlineData("451 4.3.0 4bXyZ81234 try again, id=0f9d2c1e-77aa", "451 4.3.0 … try again, id=…")]
    [InlineData("554 5.7.1 Client host [192.0.2.17] blocked using zen.spamhaus.org", "554 5.7.1 Client host [192.0.2.17] blocked using zen.spamhaus.org")]
    [InlineData("421 4.7.0 1234567890", "421 4.7.0 …")]
    [InlineData("Connection reset by peer", "Connection reset by peer")]
    public void What_differs_from_mail_to_mail_is_left_out(string reply, string gist) => Assert.Equal(gist, RepliesView.Gist(reply));

    [Fact]
    public async Task The_same_words_are_counted_together_with_their_domains()
    {
        var readers = new Readers();
        var ids = Messages.Readers(6);
        string[] domains = ["a.example", "a.example", "b.example", "b.example", "c.example", "fine.example"];
        for (var i = 0; i < ids.Length; i++)
        {
            readers.Known[ids[i]] = new Reachable($"r{i}@{domains[i]}", null);
        }

        await using var server = new ScriptedSmtp(said => said.Command != "RCPT" || said.Line.Contains("fine", StringComparison.Ordinal) ? null
            : said.Line.Contains("@c.", StringComparison.Ordinal) ? "550 5.7.1 blocked" : $"550 5.1.1 {said.Line[8..]}: no such user (session Q{said.Connection}X{said.Mail:00000})");
        await using var app = await DeliveryApp.CreateAsync(start: true, new() { ["Smtp:Relays:0"] = server.Relay }, readers: readers);
        foreach (var post in new[] { "post/1", "post/2" })
        {
            var batch = Messages.Batch(post, 1, ids);
            await app.Send(Messages.Prepared(post), batch, Messages.Sealed(post, batch));
            await app.Completed(MailingId.Of(post));
        }

        var replies = await app.Db(db => RepliesView.FindAsync(db, readers, MailingId.Of("post/1"), RepliesView.MostCounted, Cancellation));

        Assert.Equal((5, true), (replies.Counted, replies.All));
        Assert.Equal(
            [("550 5.1.1 …: no such user (session …)", 4, "a.example 2, b.example 2"), ("550 5.7.1 blocked", 1, "c.example 1")],
            replies.Items.Select(r => (r.Text, r.Count, string.Join(", ", r.Domains.Select(d => $"{d.Domain} {d.Count}")))));

        // Over mailings, for one reader: the newest first, a page at a time; no address is kept with them.
        var first = await app.Db(db => SubscriberDeliveryView.FindAsync(db, ids[0], Guid.Empty, 1, admin: true, Cancellation));
        var second = await app.Db(db => SubscriberDeliveryView.FindAsync(db, ids[0], first[0].MailingId, 10, admin: false, Cancellation));
        Assert.Equal((MailingId.Of("post/2"), "bounced"), (Assert.Single(first).MailingId, first[0].State));
        Assert.Contains("550 5.1.1 …: no such user", first[0].LastReply, StringComparison.Ordinal);
        Assert.Equal(MailingId.Of("post/1"), Assert.Single(second).MailingId);
        Assert.DoesNotContain("@", second[0].LastReply, StringComparison.Ordinal);
        Assert.Empty(await app.Db(db => SubscriberDeliveryView.FindAsync(db, Guid.NewGuid(), Guid.Empty, 10, admin: true, Cancellation)));
    }
}
