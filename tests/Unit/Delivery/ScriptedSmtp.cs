using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>A small SMTP server on loopback that answers as a test tells it to.</summary>
internal sealed class ScriptedSmtp : IAsyncDisposable
{
    public const string HangUp = "hang up";
    public const string Silence = "silence";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<Said, Task<string?>> answer;
    private readonly Task accepting;
    private int connections;
    private int open;

    /// <param name="answer">What to say to a command; null: what a server usually says; <see cref="HangUp"/> and <see cref="Silence"/> are no answers at all.</param>
    public ScriptedSmtp(Func<Said, string?> answer) : this(said => Task.FromResult(answer(said)))
    {
    }

    public ScriptedSmtp(Func<Said, Task<string?>> answer)
    {
        this.answer = answer;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <param name="Connection">Which connection, from 1.</param>
    /// <param name="Open">How many are open.</param>
    /// <param name="Mail">Which mail of this connection, from 1.</param>
    /// <param name="Command">CONNECT, EHLO, MAIL, RCPT, DATA, CONTENT (before it is read), "." …</param>
    public sealed record Said(int Connection, int Open, int Mail, string Command, string Line);

    /// <summary>For <c>Smtp:Relays</c>.</summary>
    public string Relay => $"smtp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}?tls=none";

    public int Connections => connections;

    public int Open => open;

    /// <summary>Everything that was said to it.</summary>
    public ConcurrentQueue<Said> Heard { get; } = new();

    /// <summary>The recipients of mails it has taken.</summary>
    public ConcurrentQueue<string> Taken { get; } = new();

    public int Count(string command) => Heard.Count(s => s.Command == command);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stopping.Token);
                served.Add(ServeAsync(client, Interlocked.Increment(ref connections)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        Interlocked.Increment(ref open);
        try
        {
            using (client)
            {
                client.NoDelay = true;
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                var mail = 0;
                var recipient = "";
                for (var line = "CONNECT"; line is not null; line = await reader.ReadLineAsync(stopping.Token))
                {
                    var command = line.Split(' ')[0].ToUpperInvariant();
                    mail += command == "MAIL" ? 1 : 0;
                    recipient = command == "RCPT" ? line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)] : recipient;
                    var reply = await SayAsync(stream, new Said(number, open, mail, command, line));
                    if (command == "DATA" && reply.StartsWith("354", StringComparison.Ordinal))
                    {
                        await answer(new Said(number, open, mail, "CONTENT", recipient)); // No reply is due: it may take its time.
                        while (await reader.ReadLineAsync(stopping.Token) is { } content && content != ".")
                        {
                        }

                        reply = await SayAsync(stream, new Said(number, open, mail, ".", recipient));
                        if (reply.StartsWith('2'))
                        {
                            Taken.Enqueue(recipient);
                        }
                    }

                    if (command == "QUIT" || reply.StartsWith("421", StringComparison.Ordinal))
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
        {
            // It hung up, or the test is over.
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private async Task<string> SayAsync(NetworkStream stream, Said said)
    {
        Heard.Enqueue(said);
        var reply = await answer(said) ?? said.Command switch
        {
            "CONNECT" => "220 scripted",
            "EHLO" => "250-scripted\r\n250-PIPELINING\r\n250 8BITMIME",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 2.0.0 ok",
        };
        if (reply == HangUp)
        {
            throw new IOException("Hung up.");
        }

        if (reply == Silence)
        {
            await Task.Delay(Timeout.Infinite, stopping.Token);
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(reply + "\r\n"), stopping.Token);
        return reply;
    }
}
