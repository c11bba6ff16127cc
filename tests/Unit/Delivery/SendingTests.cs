using Alerts.Mailings;
using MimeKit;

namespace Alerts.Tests.Unit.Delivery;

public sealed class SendingTests
{
    [Fact]
    public async Task A_mailing_ends_complete_in_the_local_mailbox_with_one_mail_for_each_reader()
    {
        await using var app = await DeliveryApp.CreateAsync(start: true);
        await app.Send(Messages.Mailing("post/1", 1_200));

        await app.Completed(MailingId.Of("post/1"));

        var books = await app.Books(MailingId.Of("post/1"));
        Assert.Equal(1_200, books.Accepted);
        await app.AssertBooksBalance();
        var mails = Directory.GetFiles(app.MailboxFolder, "*.eml");
        Assert.Equal(1_200, mails.Length);
        var mail = await MimeMessage.LoadAsync(mails[0], TestContext.Current.CancellationToken);
        Assert.Equal("Grüße aus dem Büro", mail.Subject);
        Assert.Contains("Dear Ada,", mail.TextBody, StringComparison.Ordinal);
    }
}
