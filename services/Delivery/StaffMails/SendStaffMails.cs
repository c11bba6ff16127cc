using Alerts.Delivery.Sending;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Alerts.Delivery.StaffMails;

/// <summary>
/// Sends what waits for the staff: invitations, links for a new password, word of what happened in an account. Each is one process's to try for a minute; a mail that no relay
/// takes is tried again then, and given up when its link is no longer good.
/// </summary>
internal sealed partial class SendStaffMails(StaffDb db, DirectMail mail, MailTemplates templates, IOptions<AlertsOptions> options, TimeProvider clock, ILogger<SendStaffMails> logger) : IJob
{
    private const int AtOnce = 50;

    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var due = clock.GetUtcNow();
        foreach (var waiting in await db.Mails.AsNoTracking().Where(m => m.NextTryAt <= due).OrderBy(m => m.NextTryAt).Take(AtOnce).ToListAsync(cancellationToken))
        {
            var now = clock.GetUtcNow();
            var until = now + Turn;
            if (await db.Mails.Where(m => m.Id == waiting.Id && m.NextTryAt <= now).ExecuteUpdateAsync(set => set.SetProperty(m => m.NextTryAt, until), cancellationToken) == 0)
            {
                continue;
            }

            if (now - waiting.CreatedAt > StaffMail.Life)
            {
                LogGivenUp(waiting.Subject);
            }
            else if (!await SendAsync(waiting, cancellationToken))
            {
                continue;
            }

            await db.Mails.Where(m => m.Id == waiting.Id).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private async Task<bool> SendAsync(StaffMail waiting, CancellationToken cancellationToken)
    {
        var link = waiting.Path is null ? null : options.Value.Link(waiting.Path);
        var body = await StaffBody.RenderAsync(templates, waiting.Subject, waiting.Text, link, waiting.Button, cancellationToken);
        return await mail.SendAsync($"staff/{waiting.Id}", "staff", waiting.Subject, body, [new StaffRecipient(waiting.Id, waiting.Address)], cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The mail '{Subject}' to one of the staff is given up: for a day no relay took it")]
    private partial void LogGivenUp(string subject);
}
