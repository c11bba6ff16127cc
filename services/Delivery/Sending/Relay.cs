using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>
/// A way out, shared by the workers that are its connections: whether it is there, when to try it again, and how fast it may go. It takes no mail while it isn't there;
/// other relays' workers do.
/// </summary>
internal sealed partial class Relay(string name, int connections, double? rate, Func<MailSender> open, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private int failures;
    private DateTimeOffset retryAt;
    private DateTimeOffset nextAt;

    public string Name => name;

    public int Connections => connections;

    /// <summary>When it last failed: connections made before that may be gone too.</summary>
    public DateTimeOffset FailedAt { get; private set; }

    /// <summary>Why it can't be used just now; null when it can.</summary>
    public string? DownBecause { get; private set; }

    public MailSender Open() => open();

    /// <summary>Waits while the relay is left alone after a failure.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait;
            lock (gate)
            {
                wait = retryAt - clock.GetUtcNow();
            }

            if (wait <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    /// <summary>Waits for its turn under the relay's rate.</summary>
    public Task WaitForRateAsync(CancellationToken cancellationToken)
    {
        if (rate is not { } perSecond)
        {
            return Task.CompletedTask;
        }

        TimeSpan wait;
        lock (gate)
        {
            var now = clock.GetUtcNow();
            nextAt = nextAt > now ? nextAt : now;
            wait = nextAt - now;
            nextAt += TimeSpan.FromSeconds(1 / perSecond);
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>It refused to be connected to, or hung up: left alone for a second, then two, four … up to a minute.</summary>
    public void Failed(string reason)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            FailedAt = now;
            if (retryAt > now)
            {
                // Other connections to it failed at the same time: that is one failure.
                return;
            }

            var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 6)));
            failures++;
            retryAt = now + Ledger.Backoff.Jitter(pause < LongestPause ? pause : LongestPause);
            if (DownBecause is null)
            {
                LogDown(name, reason);
            }

            DownBecause = reason;
        }
    }

    /// <summary>It answered about a mail, whatever it said.</summary>
    public void Works()
    {
        if (DownBecause is null && failures == 0)
        {
            return;
        }

        lock (gate)
        {
            if (DownBecause is not null)
            {
                LogUp(name);
            }

            (DownBecause, failures, retryAt) = (null, 0, default);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Relay {Relay} can't be used ({Reason}); mail waits for it, or takes another relay")]
    private partial void LogDown(string relay, string reason);

    [LoggerMessage(LogLevel.Information, "Relay {Relay} takes mail again")]
    private partial void LogUp(string relay);
}
