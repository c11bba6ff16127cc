using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.Sending;

/// <summary>A connection to an SMTP relay, kept and reused. MailKit connects, encrypts and signs in; <see cref="SmtpDialogue"/> hands the mails over.</summary>
internal sealed class SmtpSender(RelayAddress relay, SmtpTimeouts timeouts) : MailSender
{
    private SmtpClient? client;
    private SmtpDialogue? dialogue;
    private Patience? patience;

    public override bool IsConnected => client is { IsConnected: true };

    public override void Connect(CancellationToken cancellationToken)
    {
        HangUp(politely: false);

        // Without NoDelay each mail waits 44 ms for Nagle and the delayed acknowledgement to find each other.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(timeouts.Command);
        using var giveUp = timeout.Token.Register(socket.Dispose);
        try
        {
            // Not ConnectAsync: a socket that was ever used so wakes its reader by way of another thread.
            socket.Connect(relay.Host, relay.Port);
            client = new SmtpClient { Timeout = Timeout.Infinite, CheckCertificateRevocation = false };
            client.Connect(new NetworkStream(socket, ownsSocket: true), relay.Host, relay.Port, relay.Tls, timeout.Token);
            if (relay.User is not null)
            {
                client.Authenticate(relay.User, relay.Password!, timeout.Token);
            }

            dialogue = new SmtpDialogue(client);
            patience = new Patience(socket);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var inTime = !timeout.IsCancellationRequested;
            socket.Dispose();
            HangUp(politely: false);
            throw new RelayException(Why(inTime ? exception : new TimeoutException()), exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    public override Reply Send(Envelope envelope, ReadOnlySpan<byte> mail, Action begin)
    {
        var beyondAscii = !System.Text.Ascii.IsValid(envelope.To);
        if (beyondAscii && (client!.Capabilities & (SmtpCapabilities.UTF8 | SmtpCapabilities.EightBitMime)) != (SmtpCapabilities.UTF8 | SmtpCapabilities.EightBitMime))
        {
            // RFC 6531 §3.2; the code is that of RFC 6531 §4.6.
            return new Reply(ReplyKind.Refused, $"553 5.6.7 The relay {relay} doesn't take addresses beyond ASCII (no SMTPUTF8).");
        }

        var begun = false;
        try
        {
            patience!.Give(timeouts.Command);
            var answer = dialogue!.Offer(envelope.From, envelope.To, mail.Length, beyondAscii);
            if (answer.Code == 354)
            {
                begin();
                begun = true;
                patience.Give(timeouts.Answer);
                answer = dialogue.SendContent(mail);
            }

            patience.Rest();
            return Answered(answer);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or ObjectDisposedException or InvalidOperationException)
        {
            var why = patience!.IsOver ? Why(new TimeoutException()) : Why(exception);
            HangUp(politely: false);
            return new Reply(begun ? ReplyKind.Unanswered : ReplyKind.NotSent, why);
        }
    }

    private Reply Answered(SmtpReply answer)
    {
        // 421: RFC 5321 §3.8. 530: RFC 4954 §6, it wants us to sign in first.
        if (answer.Code is 421 or 530)
        {
            HangUp(politely: false);
            return new Reply(ReplyKind.Closing, answer.ToString());
        }

        if (answer.GoOn)
        {
            return new Reply(ReplyKind.Accepted, answer.ToString());
        }

        try
        {
            patience!.Give(timeouts.Command);
            dialogue!.Reset();
            patience.Rest();
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or ObjectDisposedException)
        {
            HangUp(politely: false);
        }

        // A sender that is refused is our affair or the relay's, not the recipient's: her mail waits.
        return new Reply(answer is { Code: >= 500, ToSender: false } ? ReplyKind.Refused : ReplyKind.Deferred, answer.ToString());
    }

    public override void KeepWarm(CancellationToken cancellationToken)
    {
        if (client is not { IsConnected: true })
        {
            return;
        }

        try
        {
            patience!.Give(timeouts.Command);
            client.NoOp(cancellationToken);
            patience.Rest();
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It hung up while there was nothing to do, as servers may.
            HangUp(politely: false);
        }
    }

    public override void Dispose()
    {
        HangUp(politely: true);
        base.Dispose();
    }

    private void HangUp(bool politely)
    {
        if (client is not { } old)
        {
            return;
        }

        patience?.Give(TimeSpan.FromSeconds(2));
        try
        {
            old.Disconnect(politely && old.IsConnected);
        }
        catch (Exception)
        {
            // It is over either way.
        }

        old.Dispose();
        patience?.Dispose();
        (client, dialogue, patience) = (null, null, null);
    }

    private string Why(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => $"{relay} didn't answer in time.",
        SslHandshakeException => $"No TLS with {relay}: {exception.InnerException?.Message ?? "the certificate isn't trusted"}",
        AuthenticationException => $"{relay} refused user and password: {exception.Message}",
        SmtpCommandException refusal => $"{(int)refusal.StatusCode} {refusal.Message}",
        SocketException socket => new SocketException((int)socket.SocketErrorCode).Message, // Its own names the address once more, as IPv6.
        _ => exception.Message,
    };
}

/// <summary>How long a relay may take (RFC 5321 §4.5.3.2).</summary>
/// <param name="Command">To connect, and to answer a command. Default: 2 minutes.</param>
/// <param name="Answer">To take the content and say that it has it. Default: 5 minutes: giving up early would send the mail twice.</param>
internal sealed record SmtpTimeouts(TimeSpan Command, TimeSpan Answer)
{
    /// <summary>Those of <c>Smtp:CommandTimeout</c> and <c>Smtp:AnswerTimeout</c>, in seconds.</summary>
    /// <exception cref="InvalidOperationException">One isn't a number of seconds from 1 to 3,600.</exception>
    public static SmtpTimeouts Read(IConfiguration configuration)
    {
        return new SmtpTimeouts(Seconds("Smtp:CommandTimeout", 120), Seconds("Smtp:AnswerTimeout", 300));

        TimeSpan Seconds(string key, int otherwise) => configuration[key] is not { Length: > 0 } text ? TimeSpan.FromSeconds(otherwise)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3_600 ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidOperationException($"{key} is '{text}': give a number of seconds from 1 to 3600.");
    }
}

/// <summary>Ends a connection that takes longer than it may: whoever waits on it learns at once. A bound for each read or write wouldn't do, since what drips never meets it.</summary>
internal sealed class Patience : IDisposable
{
    private readonly Timer timer;
    private volatile bool over;

    public Patience(Socket socket) => timer = new Timer(_ =>
    {
        over = true;
        socket.Dispose();
    });

    public bool IsOver => over;

    /// <summary>So long from now.</summary>
    public void Give(TimeSpan time) => timer.Change(time, Timeout.InfiniteTimeSpan);

    public void Rest() => timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => timer.Dispose();
}
