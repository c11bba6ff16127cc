using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Sending;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>
/// The dialogue with servers whose replies are mangled at random, from a seed: whatever they say, a mail is called accepted only if the server said yes to its content,
/// nothing is thrown, and nothing stays stuck.
/// </summary>
public sealed class DialogueFuzzTests
{
    private const int Mails = 150;

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(7, false)]
    [InlineData(8, false)]
    public async Task What_a_server_did_not_take_is_never_called_accepted(int seed, bool pipelining)
    {
        await using var server = new MangledSmtp(seed, pipelining);
        var answers = await Task.Run(() => Converse(server), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        var accepted = answers.Where(a => a.Reply.Kind == ReplyKind.Accepted).Select(a => a.To).ToList();
        Assert.Empty(accepted.Except(server.Taken.Keys));

        // What it took and yet isn't accepted may be sent twice, so it must have been begun: that is what the journal counts as uncertain.
        Assert.All(answers.Where(a => server.Taken.ContainsKey(a.To) && a.Reply.Kind != ReplyKind.Accepted), a => Assert.True(a.Begun));
        Assert.All(answers.Where(a => a.Reply.Kind == ReplyKind.NotSent), a => Assert.False(a.Begun));

        // The mangling leaves enough in order for all of it to have been tried.
        Assert.InRange(accepted.Count, 10, Mails);
        Assert.Contains(answers, a => a.Reply.Kind is ReplyKind.NotSent);
        Assert.Contains(answers, a => a.Reply.Kind is ReplyKind.Deferred or ReplyKind.Refused);
        Assert.All(answers, a => Assert.True(a.Reply.Text.Length <= LedgerRow.MaxReply));
    }

    private static List<(string To, Reply Reply, bool Begun)> Converse(MangledSmtp server)
    {
        using var sender = new SmtpSender(RelayAddress.Parse(server.Relay, "relay"), new SmtpTimeouts(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)));
        var answers = new List<(string, Reply, bool)>();
        for (var number = 0; number < Mails; number++)
        {
            var connects = 0;
            while (!sender.IsConnected)
            {
                try
                {
                    sender.Connect(TestContext.Current.CancellationToken);
                }
                catch (RelayException) when (++connects < 100)
                {
                    // It mangled its greeting; the next connection has another.
                }
            }

            var to = $"reader{number}@example.org";
            var begun = false;
            var reply = sender.Send(
                new Envelope(default, Guid.NewGuid(), "bounce@alerts.example", to), Encoding.ASCII.GetBytes($"To: {to}\r\nSubject: a\r\n\r\n.leading dot\r\nbody\r\n"), () => begun = true);
            answers.Add((to, reply, begun));
        }

        return answers;
    }

    /// <summary>An SMTP server that mangles about one reply in twelve.</summary>
    private sealed class MangledSmtp : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource stopping = new();
        private readonly Random random;
        private readonly bool pipelining;
        private readonly Task accepting;

        public MangledSmtp(int seed, bool pipelining)
        {
            random = new Random(seed);
            this.pipelining = pipelining;
            listener.Start();
            accepting = AcceptAsync();
        }

        public string Relay => $"smtp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}?tls=none";

        /// <summary>To whose content it said yes, however it put it.</summary>
        public ConcurrentDictionary<string, bool> Taken { get; } = new();

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
                    served.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
                }
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                // Stopped between two clients or while it waited for one: the listener has a different exception for each.
                await Task.WhenAll(served);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            try
            {
                using var _ = client;
                client.NoDelay = true;
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                await SayAsync(stream, "220 mangled");
                var (recipient, mayGo) = ("", false);
                while (await reader.ReadLineAsync(stopping.Token) is { } line)
                {
                    switch (line.Split(' ')[0])
                    {
                        case "EHLO":
                            await SayAsync(stream, pipelining ? "250-mangled\r\n250-PIPELINING\r\n250-SIZE 100000\r\n250 8BITMIME" : "250-mangled\r\n250 8BITMIME");
                            break;
                        case "RCPT":
                            recipient = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                            mayGo = (await SayAsync(stream, "250 ok")).StartsWith('2');
                            break;
                        case "DATA" when !mayGo:
                            await SayAsync(stream, "503 no recipient");
                            break;
                        case "DATA":
                            mayGo = false;
                            if (!(await SayAsync(stream, "354 go on")).StartsWith("354", StringComparison.Ordinal))
                            {
                                break;
                            }

                            var lines = 0;
                            while (await reader.ReadLineAsync(stopping.Token) is { } content && content != ".")
                            {
                                lines++;
                            }

                            // It counts as taken before the answer leaves: the client may have it before we go on.
                            var reply = Mangle("250 2.0.0 queued as A1B2C3D4");
                            if (lines > 0 && reply.Replies.StartsWith('2'))
                            {
                                Taken[recipient] = true;
                            }

                            await WriteAsync(stream, reply);
                            break;
                        case "QUIT":
                            return;
                        default:
                            await SayAsync(stream, "250 ok");
                            break;
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // It hung up, one way or the other.
            }
        }

        private async Task<string> SayAsync(NetworkStream stream, string usual)
        {
            var said = Mangle(usual);
            await WriteAsync(stream, said);
            return said.Replies;
        }

        private async Task WriteAsync(NetworkStream stream, (string Replies, Way Way) said)
        {
            var bytes = Encoding.Latin1.GetBytes(said.Replies + (said.Way == Way.CutOff ? "" : "\r\n"));
            if (said.Way == Way.ByteByByte)
            {
                foreach (var one in bytes)
                {
                    await stream.WriteAsync(new[] { one }, stopping.Token);
                }
            }
            else if (said.Way != Way.Silent)
            {
                await stream.WriteAsync(bytes, stopping.Token);
            }

            if (said.Way is Way.CutOff or Way.HungUp)
            {
                throw new IOException("Hung up.");
            }
        }

        private (string Replies, Way Way) Mangle(string usual)
        {
            lock (random)
            {
                return random.Next(12 * 16) switch
                {
                    0 or 1 => ("451 4.3.0 not now", Way.Whole),
                    2 or 3 => ("550 5.7.1 never", Way.Whole),
                    4 => ("421 4.3.2 closing", Way.HungUp),
                    5 => (usual[..random.Next(usual.Length)], Way.CutOff),
                    6 => (usual + "\r\n" + usual, Way.Whole),
                    7 => (new string('x', random.Next(40_000)), Way.Whole),
                    8 => ("250-" + string.Join("\r\n250-", Enumerable.Repeat(new string('y', 400), 60)) + "\r\n250 long", Way.Whole),
                    9 => (string.Concat(Enumerable.Range(0, random.Next(1, 200)).Select(_ => (char)random.Next(256))), Way.Whole),
                    10 => ("", Way.Whole),
                    11 => ("999 what", Way.Whole),
                    12 => ("+250 ok", Way.Whole),
                    13 => ("451", Way.Whole),
                    14 => (usual, Way.Silent),
                    15 => ("199 soon", Way.Whole),
                    < 80 => (usual, Way.ByteByByte),
                    _ => (usual, Way.Whole),
                };
            }
        }

        private enum Way
        {
            Whole,
            ByteByByte,
            CutOff,
            HungUp,
            Silent,
        }
    }
}
