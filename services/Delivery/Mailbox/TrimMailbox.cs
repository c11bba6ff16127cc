using Alerts.ServiceDefaults.Jobs;

namespace Alerts.Delivery.Mailbox;

/// <summary>Keeps the local mailbox from growing for ever.</summary>
internal sealed class TrimMailbox(LocalMailbox mailbox) : IJob
{
    public Task RunAsync(CancellationToken cancellationToken)
    {
        mailbox.Trim();
        return Task.CompletedTask;
    }
}
