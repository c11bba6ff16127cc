using Alerts.Contracts;
using Alerts.Delivery.Sending;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Staff;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.StaffMails;

/// <summary>Sends an editor the mail that she is about to publish, as its readers will get it.</summary>
internal sealed class TestMailRequestedConsumer(StaffDb staff, DirectMail mail, TimeProvider clock) : IConsumer<TestMailRequested>
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    public async Task Consume(ConsumeContext<TestMailRequested> context)
    {
        ArgumentNullException.ThrowIfNull(context);

        var test = context.Message;
        var address = await staff.Users.Where(u => u.Id == test.StaffId).Select(u => u.Email).SingleOrDefaultAsync(context.CancellationToken);
        if (address is null || clock.GetUtcNow() - test.RequestedAt > Life)
        {
            return;
        }

        var recipient = new StaffRecipient(test.StaffId, address);
        if (!await mail.SendAsync($"test/{test.TestId}", MailingKind.Post, test.Subject, new MailBody(test.Html, test.Text), [recipient], context.CancellationToken, test.Lists, test.SenderName))
        {
            throw new InvalidOperationException("No relay takes the test mail.");
        }
    }

    internal sealed class Definition() : TakingDefinition<TestMailRequestedConsumer, TestMailRequested, DeliveryDb>("alerts.delivery.test-mail-requested");
}
