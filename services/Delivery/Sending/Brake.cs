namespace Alerts.Delivery.Sending;

/// <summary>The switch as this process last read it.</summary>
internal sealed class Brake
{
    private volatile TaskCompletionSource off = Completed();

    public bool IsOn => !off.Task.IsCompleted;

    public void Set(bool on)
    {
        if (on && !IsOn)
        {
            off = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else if (!on)
        {
            off.TrySetResult();
        }
    }

    public Task WaitUntilOffAsync(CancellationToken cancellationToken) => off.Task.WaitAsync(cancellationToken);

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
