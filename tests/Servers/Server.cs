namespace Alerts.Tests.Servers;

/// <summary>A real program that listens on a loopback port of its own, with a folder of its own; both stay the same when it is started again.</summary>
public abstract class Server : IAsyncDisposable
{
    private ChildProcess? process;

    /// <summary>The port it listens on.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>The id of the running process, to watch its memory by, say.</summary>
    public int ProcessId => Process.Id;

    /// <summary>Its last thousand lines of output, of the current run or the last one.</summary>
    public string Output => process?.Output ?? "";

    /// <summary>Its folder, removed on disposal.</summary>
    private protected TempFolder Folder { get; } = new();

    private protected ChildProcess Process => process ?? throw new InvalidOperationException($"{GetType().Name} was not started.");

    /// <summary>What it is asked to stop by: also when the tests end without asking.</summary>
    private protected virtual Signal StopSignal => Signal.SigTerm;

    /// <summary>Asks it to stop and waits until it has; kills it after half a minute. Returns its exit code.</summary>
    public Task<int> StopAsync() => Process.StopAsync(StopSignal);

    /// <summary>Ends it, and whatever it started, as a crash would: SIGKILL.</summary>
    public Task KillAsync() => Process.KillAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.StopAsync(StopSignal);
            await process.DisposeAsync();
        }

        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the program; it need not be ready yet.</summary>
    private protected abstract Task<ChildProcess> LaunchAsync();

    /// <summary>Whether it does its work by now.</summary>
    private protected abstract Task<bool> IsReadyAsync(CancellationToken cancellationToken);

    /// <summary>Starts it, and returns when it is ready; throws with its last output when it isn't within a minute.</summary>
    private protected async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        if (process is { HasExited: false })
        {
            throw new InvalidOperationException($"{GetType().Name} is running.");
        }

        if (process is not null)
        {
            await process.DisposeAsync();
        }

        process = await LaunchAsync();
        await process.WaitUntilAsync(IsReadyAsync, TimeSpan.FromMinutes(3), cancellationToken);
    }

    /// <summary>Starts a new server, and leaves nothing behind when that fails.</summary>
    private protected static async Task<T> StartNewAsync<T>(T server, CancellationToken cancellationToken) where T : Server
    {
        try
        {
            await server.StartProcessAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
