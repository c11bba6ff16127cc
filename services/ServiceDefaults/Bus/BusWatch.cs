using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.ServiceDefaults.Bus;

/// <summary>Says once that the bus is gone, and once that it is back.</summary>
internal sealed partial class BusWatch(IBusControl bus, ILogger<BusWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wasGood = true;
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var health = bus.CheckHealth();
            var isGood = health.Status == BusHealthStatus.Healthy;
            if (isGood && !wasGood)
            {
                LogBack();
            }
            else if (!isGood && wasGood)
            {
                LogGone(health.Exception?.GetBaseException().Message ?? health.Description);
            }

            wasGood = isGood;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The bus can't be reached ({Reason}); messages wait in the outboxes and go on when it is back")]
    private partial void LogGone(string reason);

    [LoggerMessage(LogLevel.Information, "The bus is back")]
    private partial void LogBack();
}
