using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Alerts.Tests.Servers;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Alerts.Benchmarks;

/// <summary>What the product is measured against: the limit of SMTP on this machine, and what anyone would write.</summary>
internal static class Smtp
{
    /// <summary>The size of a mail, in bytes.</summary>
    public const int MailSize = 10_240;

    /// <summary>Postfix's <c>smtp-source</c>, its best of several session counts: mails a second.</summary>
    public static async Task<(double Rate, int Sessions)> LimitAsync(int mails, CancellationToken cancellationToken)
    {
        await using var sink = await SmtpSink.StartWithoutKeepingAsync();
        var best = (Rate: 0.0, Sessions: 0);
        foreach (var sessions in new[] { 8, 16, 4 })
        {
            var watch = Stopwatch.StartNew();
            await ProcessRun.RunAsync(
                "smtp-source", ["-d", "-s", $"{sessions}", "-m", $"{mails}", "-l", $"{MailSize}", "-f", "bench@alerts.example", "-t", "reader@example.org", $"127.0.0.1:{sink.Port}"], cancellationToken);
            var rate = mails / watch.Elapsed.TotalSeconds;
            best = rate > best.Rate ? (rate, sessions) : best;
        }

        return best;
    }

    /// <summary>A loop over a pool of MailKit clients, a new message for each reader: mails a second.</summary>
    public static async Task<double> PlainLoopAsync(int mails, int connections, CancellationToken cancellationToken)
    {
        await using var sink = await SmtpSink.StartWithoutKeepingAsync();
        var text = string.Concat(Enumerable.Repeat("Ten people were arrested this morning at the embassy. ", MailSize / 2 / 54));
        var next = 0;
        await SendAsync(5_000); // Until the code is compiled.
        var watch = Stopwatch.StartNew();
        await SendAsync(mails);
        return mails / watch.Elapsed.TotalSeconds;

        Task SendAsync(int count)
        {
            next = 0;
            return Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(
                async () =>
                {
                    using var client = new SmtpClient();
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync("127.0.0.1", sink.Port, cancellationToken);
                    await client.ConnectAsync(socket, "127.0.0.1", sink.Port, SecureSocketOptions.None, cancellationToken);
                    for (var number = Interlocked.Increment(ref next); number <= count; number = Interlocked.Increment(ref next))
                    {
                        using var message = new MimeMessage();
                        message.From.Add(new MailboxAddress("Alerts", "alerts@alerts.example"));
                        message.To.Add(new MailboxAddress("", string.Create(CultureInfo.InvariantCulture, $"reader{number}@example.org")));
                        message.Subject = "Ten refugees arrested";
                        message.Body = new BodyBuilder { TextBody = text, HtmlBody = $"<p>{text}</p>" }.ToMessageBody();
                        await client.SendAsync(message, cancellationToken);
                    }

                    await client.DisconnectAsync(true, cancellationToken);
                },
                cancellationToken)));
        }
    }
}

internal static class ProcessRun
{
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await said}");
        }
    }
}
