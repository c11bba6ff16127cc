using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Alerts.Tests.Servers;

internal static class FreePort
{
    // Below the range that outgoing connections are given (32768 and up): a server that is stopped finds its port still free when it starts again.
    private const int First = 20_000;
    private const int Last = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A loopback port nothing listens on, given to nobody else here. It is drawn at random, so that test runs side by side rarely meet.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            if (!Given.TryAdd(port, true))
            {
                continue;
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: draw again.
            }
        }
    }

    /// <summary>Whether something accepts connections on a loopback port.</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
