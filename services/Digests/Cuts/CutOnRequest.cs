using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Digests.Cuts;

/// <summary>Sweeps once at the start (what was due or under way while we were away), then whenever a request for a cut can be carried out; asks every second.</summary>
public sealed partial class CutOnRequest(IServiceScopeFactory scopes, ILogger<CutOnRequest> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var first = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                if (first || (await CutRequests.ReadyAsync(scope.ServiceProvider.GetRequiredService<DigestsDb>(), stoppingToken)).Count > 0)
                {
                    await scope.ServiceProvider.GetRequiredService<CutDueDigests>().RunAsync(stoppingToken);
                }

                first = false;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Could not cut digests; trying again")]
    private partial void LogFailed(Exception exception);
}
