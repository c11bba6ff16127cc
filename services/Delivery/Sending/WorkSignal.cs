namespace Alerts.Delivery.Sending;

/// <summary>Wakes those who look for work: a consumer of this process has written some, or <see cref="Watch"/> has found some.</summary>
public sealed class WorkSignal
{
    private volatile TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wake() => Interlocked.Exchange(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Take it before looking, await it after having found nothing: no wake in between is missed.</summary>
    internal Task Next => next.Task;

    internal static async Task WaitAsync(Task signal, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await signal.WaitAsync(atMost, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing woke us: look anyway.
        }
    }
}
