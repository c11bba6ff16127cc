using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Dkim;

/// <summary>Says at start that mails go out unsigned, where they go out.</summary>
internal sealed partial class UnsignedWarning(DkimKeys keys, ILogger<UnsignedWarning> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        LogUnsigned(keys.Domain);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "There is no DKIM key for {Domain}: mails go out unsigned, and receivers refuse much of that. Make keys with: alerts dkim new")]
    private partial void LogUnsigned(string domain);
}
