using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Alerts.Tests.Chaos;

/// <summary>A line to a server on loopback that is slow, and may be told to refuse, to stall and to break. Slow, so that at any moment some mails are half said.</summary>
internal sealed class FlakyLine : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly int target;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentDictionary<TcpClient, TcpClient> open = new();
    private readonly Task accepting;
    private volatile TaskCompletionSource? stall;
    private volatile bool refusing;
    private int opened;

    public FlakyLine(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>For <c>Smtp:Relays</c>.</summary>
    public string Relay => $"smtp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}?tls=none&connections=8";

    /// <summary>Connections open now.</summary>
    public int Open => open.Count;

    /// <summary>Connections opened so far.</summary>
    public int Opened => Volatile.Read(ref opened);

    /// <summary>New connections are hung up on.</summary>
    public void Refuse(bool refuse) => refusing = refuse;

    /// <summary>Nothing passes any more; what comes meanwhile passes when it goes on.</summary>
    public void Stall() => stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void GoOn()
    {
        var stalled = stall;
        stall = null;
        stalled?.TrySetResult();
    }

    /// <summary>Breaks all connections.</summary>
    public void Cut()
    {
        foreach (var (near, far) in open)
        {
            // One that has ended by itself meanwhile has no socket any more.
            near.Client?.Close(0);
            far.Client?.Close(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
        GoOn();
        Cut();
        await accepting;
        listener.Dispose();
        ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync(ending.Token);
                _ = refusing ? RefuseAsync(near) : CarryAsync(near);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private static Task RefuseAsync(TcpClient near)
    {
        near.Dispose();
        return Task.CompletedTask;
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        open[near] = far;
        Interlocked.Increment(ref opened);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, target, ending.Token);

            // Whichever side hangs up first ends both.
            await await Task.WhenAny(PassAsync(near, far, TimeSpan.Zero), PassAsync(far, near, Delay));
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Lines break.
        }
        finally
        {
            open.TryRemove(near, out _);
            near.Dispose();
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, TimeSpan delay)
    {
        var buffer = new byte[16_384];
        var (source, sink) = (from.GetStream(), to.GetStream());
        while (await source.ReadAsync(buffer, ending.Token) is > 0 and var length)
        {
            if (stall is { } stalled)
            {
                await stalled.Task;
            }

            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, ending.Token);
            }

            await sink.WriteAsync(buffer.AsMemory(0, length), ending.Token);
        }
    }
}
