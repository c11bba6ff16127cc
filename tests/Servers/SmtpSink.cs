using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using MimeKit;

namespace Alerts.Tests.Servers;

/// <summary>Postfix's <c>smtp-sink</c>: an SMTP server that keeps the mails it is sent, or refuses, delays and hangs up as its flags say.</summary>
/// <remarks>Useful flags: <c>-r RCPT</c> refuses that command for now (450), <c>-f</c> for good (500), <c>-q</c> hangs up instead of answering it, <c>-W .:2</c>
/// answers it two seconds late. Commands are CONNECT, EHLO, MAIL, RCPT, DATA, and "." for the end of the content.</remarks>
public sealed class SmtpSink : Server
{
    // A line between mails that no mail contains.
    private readonly byte[] separator = Encoding.ASCII.GetBytes($"--{Guid.NewGuid():N}\n");
    private readonly List<ReceivedMail> read = [];
    private readonly SemaphoreSlim reading = new(1);
    private string[] flags;
    private long readUpTo;
    private bool keeps = true;

    private SmtpSink(string[] flags) => this.flags = flags;

    /// <summary>For <c>Smtp:Relays</c>.</summary>
    public string Relay => $"smtp://127.0.0.1:{Port}?tls=none";

    /// <param name="flags">Flags of smtp-sink, each word apart: <c>"-r", "RCPT"</c>.</param>
    public static Task<SmtpSink> StartAsync(params string[] flags) => StartNewAsync(new SmtpSink(flags), CancellationToken.None);

    /// <summary>One that counts for nothing but speed: it forgets what it is sent.</summary>
    public static Task<SmtpSink> StartWithoutKeepingAsync() => StartNewAsync(new SmtpSink([]) { keeps = false }, CancellationToken.None);

    /// <summary>Starts it after a stop or a kill, on the same port, with the same mails, and with other flags: without any it accepts again.</summary>
    public Task StartAgainAsync(params string[] flags)
    {
        this.flags = flags;
        return StartProcessAsync(CancellationToken.None);
    }

    /// <summary>Starts one that forgot what it was sent again, on the same port: it keeps what comes from now on.</summary>
    public async Task KeepFromNowOnAsync()
    {
        await StopAsync();
        keeps = true;
        await StartAgainAsync();
    }

    /// <summary>
    /// All mails whose content came in whole, in the order in which it did. A mail is here before its sender has the reply; one whose "." was refused, or got no reply, is here too.
    /// </summary>
    public async Task<IReadOnlyList<ReceivedMail>> MailsAsync(CancellationToken cancellationToken = default)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(cancellationToken);
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>To whom and what about, of all mails whose content came in whole: a mail at a time, however many there are. Ask when no more are coming.</summary>
    public async IAsyncEnumerable<MailHead> HeadsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Folder["mails"]))
        {
            yield break;
        }

        using var file = new StreamReader(new FileStream(Folder["mails"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var between = Encoding.ASCII.GetString(separator).TrimEnd('\n');
        var (mail, inHead, lastLine) = (new MailHead("", "", ""), true, "");
        while (await file.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == between)
            {
                // One that doesn't end with an empty line was being written when the server was killed.
                if (mail.To.Length > 0 && lastLine.Length == 0)
                {
                    yield return mail;
                }

                (mail, inHead) = (new MailHead("", "", ""), true);
            }
            else if (inHead)
            {
                inHead = line.Length > 0;
                mail = line switch
                {
                    _ when line.StartsWith("X-Rcpt-Args:", StringComparison.Ordinal) => mail with { To = Address(line) },
                    _ when line.StartsWith("Subject:", StringComparison.OrdinalIgnoreCase) => mail with { Subject = line["Subject:".Length..].Trim() },
                    _ when line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase) => mail with { MessageId = line["Message-ID:".Length..].Trim() },
                    _ => mail,
                };
            }

            lastLine = line;
        }

        if (mail.To.Length > 0 && lastLine.Length == 0)
        {
            yield return mail;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        reading.Dispose();
    }

    private protected override Task<ChildProcess> LaunchAsync()
    {
        // -D appends a mail to one file when its content is there (-d keeps a file per mail, and leaves half a mail where it was killed).
        // As root it insists on -u, so it is told to stay who it is.
        string[] identity = Environment.IsPrivilegedProcess ? ["-u", "root"] : [];
        string[] keep = keeps ? ["-D", Folder["mails"], "-S", Encoding.ASCII.GetString(separator)] : [];
        return ChildProcess.StartAsync(new ProcessStartInfo(
            InstalledProgram.Find("smtp-sink", "postfix"),
            [.. identity, "-m", "300", .. keep, .. flags, $"127.0.0.1:{Port}", "1024"]));
    }

    private protected override Task<bool> IsReadyAsync(CancellationToken cancellationToken) => FreePort.AnswersAsync(Port, cancellationToken);

    /// <summary>Reads what is new. The last mail may be half written: it counts if it ends as mails do, and is read anew the next time.</summary>
    private async Task<IReadOnlyList<ReceivedMail>> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Folder["mails"]))
        {
            return [];
        }

        await using var file = new FileStream(Folder["mails"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = readUpTo;
        using var buffer = new MemoryStream();
        await file.CopyToAsync(buffer, cancellationToken);
        var unread = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        while (unread.Span.LastIndexOf(separator) > 0)
        {
            var length = separator.Length + unread.Span[separator.Length..].IndexOf(separator);
            read.Add(Parse(unread[separator.Length..length]));
            readUpTo += length;
            unread = unread[length..];
        }

        return unread.Span.EndsWith("\n\n"u8) ? [.. read, Parse(unread[separator.Length..])] : [.. read];
    }

    /// <summary>
    /// Takes smtp-sink's own headers off: X-Client-Addr, X-Client-Proto, X-Helo-Args, <c>X-Mail-Args: &lt;from&gt; SIZE=…</c>, an <c>X-Rcpt-Args: &lt;to&gt;</c> each,
    /// and last a Received of three lines. It also adds an empty line at the end.
    /// </summary>
    private static ReceivedMail Parse(ReadOnlyMemory<byte> dumped)
    {
        var from = "";
        var to = new List<string>();
        while (true)
        {
            var line = NextLine(ref dumped);
            if (line.StartsWith("X-Mail-Args:", StringComparison.Ordinal))
            {
                from = Address(line);
            }
            else if (line.StartsWith("X-Rcpt-Args:", StringComparison.Ordinal))
            {
                to.Add(Address(line));
            }
            else if (line.StartsWith("Received:", StringComparison.Ordinal))
            {
                NextLine(ref dumped);
                NextLine(ref dumped);
                using var content = new MemoryStream(dumped[..^1].ToArray());
                return new ReceivedMail(from, to, MimeMessage.Load(content), WithLineEnds(content.ToArray()));
            }
        }
    }

    /// <summary>smtp-sink writes LF for CRLF.</summary>
    private static byte[] WithLineEnds(byte[] mail) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(mail).Replace("\n", "\r\n", StringComparison.Ordinal));

    private static string NextLine(ref ReadOnlyMemory<byte> text)
    {
        var end = text.Span.IndexOf((byte)'\n');
        var line = Encoding.UTF8.GetString(text.Span[..end]);
        text = text[(end + 1)..];
        return line;
    }

    private static string Address(string line) => line[(line.IndexOf('<') + 1)..line.IndexOf('>')];
}
