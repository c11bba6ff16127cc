using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.ServiceDefaults.Jobs;

/// <summary>Has a job run at once in this process, because somebody waits for it. Its trigger finds what another process wrote, or this one when it was killed.</summary>
public sealed class JobSignal<TJob> where TJob : class, IJob
{
    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>To be called once the rows are committed. Many wakes while the job runs are one run after it.</summary>
    public void Wake() => wakes.Writer.TryWrite(true);

    internal IAsyncEnumerable<bool> WakesAsync(CancellationToken cancellationToken) => wakes.Reader.ReadAllAsync(cancellationToken);
}

internal sealed partial class RunWhenWoken<TJob>(JobSignal<TJob> signal, IServiceScopeFactory scopes, ILogger<RunWhenWoken<TJob>> logger) : BackgroundService where TJob : class, IJob
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signal.Wake(); // What was cut off when this process last ended goes on.
        await foreach (var _ in signal.WakesAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<TJob>().RunAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(typeof(TJob).Name, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Job} failed; its trigger runs it again")]
    private partial void LogFailed(string job, Exception exception);
}
