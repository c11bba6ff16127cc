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
    private CancellationTokenSource patience = new();

    public override bool IsConnected => client is { IsConnected: true };

    public override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await HangUpAsync(politely: false);

        // Without NoDelay each mail waits 44 ms for Nagle and the delayed acknowledgement to find each other.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(timeouts.Command);
        try
        {
            await socket.ConnectAsync(relay.Host, relay.Port, timeout.Token);
            client = new SmtpClient { Timeout = (int)timeouts.Command.TotalMilliseconds, CheckCertificateRevocation = false };
            await client.ConnectAsync(new NetworkStream(socket, ownsSocket: true), relay.Host, relay.Port, relay.Tls, timeout.Token);
            if (relay.User is not null)
            {
                await client.AuthenticateAsync(relay.User, relay.Password!, timeout.Token);
            }

            dialogue = new SmtpDialogue(client);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            await HangUpAsync(politely: false);
            throw new RelayException(Why(exception), exception);
        }
    }

    public override async Task<Reply> SendAsync(Envelope envelope, ReadOnlyMemory<byte> mail, Action begin, CancellationToken cancellationToken)
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
            var answer = await dialogue!.OfferAsync(envelope.From, envelope.To, mail.Length, beyondAscii, Within(timeouts.Command));
            if (answer.Code == 354)
            {
                begin();
                begun = true;
                answer = await dialogue.SendContentAsync(mail, Within(timeouts.Answer));
            }

            return await AnsweredAsync(answer);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            await HangUpAsync(politely: false);
            return new Reply(begun ? ReplyKind.Unanswered : ReplyKind.NotSent, Why(exception));
        }
    }

    private async ValueTask<Reply> AnsweredAsync(SmtpReply answer)
    {
        // 421: RFC 5321 §3.8. 530: RFC 4954 §6, it wants us to sign in first.
        if (answer.Code is 421 or 530)
        {
            await HangUpAsync(politely: false);
            return new Reply(ReplyKind.Closing, answer.ToString());
        }

        if (answer.GoOn)
        {
            return new Reply(ReplyKind.Accepted, answer.ToString());
        }

        try
        {
            await dialogue!.ResetAsync(Within(timeouts.Command));
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or OperationCanceledException)
        {
            await HangUpAsync(politely: false);
        }

        // A sender that is refused is our affair or the relay's, not the recipient's: her mail waits.
        return new Reply(answer is { Code: >= 500, ToSender: false } ? ReplyKind.Refused : ReplyKind.Deferred, answer.ToString());
    }

    private CancellationToken Within(TimeSpan time)
    {
        if (!patience.TryReset())
        {
            patience.Dispose();
            patience = new CancellationTokenSource();
        }

        patience.CancelAfter(time);
        return patience.Token;
    }

    public override async Task KeepWarmAsync(CancellationToken cancellationToken)
    {
        if (client is not { IsConnected: true })
        {
            return;
        }

        try
        {
            await client.NoOpAsync(cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It hung up while there was nothing to do, as servers may.
            await HangUpAsync(politely: false);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await HangUpAsync(politely: true);
        patience.Dispose();
        await base.DisposeAsync();
    }

    private async Task HangUpAsync(bool politely)
    {
        if (client is not { } old)
        {
            return;
        }

        (client, dialogue) = (null, null);
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await old.DisconnectAsync(politely && old.IsConnected, timeout.Token);
        }
        catch (Exception)
        {
            // It is over either way.
        }

        old.Dispose();
    }

    private string Why(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => $"{relay} didn't answer in time.",
        SslHandshakeException => $"No TLS with {relay}: {exception.InnerException?.Message ?? "the certificate isn't trusted"}",
        AuthenticationException => $"{relay} refused user and password: {exception.Message}",
        SmtpCommandException refusal => $"{(int)refusal.StatusCode} {refusal.Message}",
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
