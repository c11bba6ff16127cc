using System.Globalization;
using System.Net.Sockets;
using Alerts.Delivery.Rendering;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;
using MimeKit.IO;

namespace Alerts.Delivery.Sending;

/// <summary>A connection to an SMTP relay, kept and reused. MailKit connects, negotiates and speaks; the content goes out as the bytes it was made of.</summary>
internal sealed class SmtpSender(RelayAddress relay, SmtpTimeouts timeouts) : MailSender
{
    private readonly Bytes message = new();
    private Client? client;

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
            client = new Client { Timeout = (int)timeouts.Command.TotalMilliseconds, CheckCertificateRevocation = false };
            await client.ConnectAsync(socket, relay.Host, relay.Port, relay.Tls, timeout.Token);
            if (relay.User is not null)
            {
                await client.AuthenticateAsync(relay.User, relay.Password!, timeout.Token);
            }
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

        message.Begun = false;
        try
        {
            client!.Timeout = (int)timeouts.Command.TotalMilliseconds;
            message.Use(mail, () =>
            {
                begin();
                client.Timeout = (int)timeouts.Answer.TotalMilliseconds;
            });
            var answer = await client.SendAsync(
                beyondAscii ? Client.International : FormatOptions.Default, message, new MailboxAddress("", envelope.From), [new MailboxAddress("", envelope.To)], cancellationToken);
            return new Reply(ReplyKind.Accepted, $"250 {answer}");
        }
        catch (SmtpCommandException refusal)
        {
            var code = (int)refusal.StatusCode;
            var text = $"{code} {refusal.Message}";
            if (code == 421)
            {
                await HangUpAsync(politely: false);
                return new Reply(ReplyKind.Closing, text);
            }

            // A sender that is refused is our affair or the relay's, not the recipient's: her mail waits.
            return new Reply(code >= 500 && refusal.ErrorCode != SmtpErrorCode.SenderNotAccepted ? ReplyKind.Refused : ReplyKind.Deferred, text);
        }
        catch (ServiceNotAuthenticatedException exception)
        {
            await HangUpAsync(politely: false);
            return new Reply(ReplyKind.Closing, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException or ProtocolException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            await HangUpAsync(politely: false);
            return new Reply(message.Begun ? ReplyKind.Unanswered : ReplyKind.NotSent, Why(exception));
        }
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
        message.Dispose();
        await base.DisposeAsync();
    }

    private async Task HangUpAsync(bool politely)
    {
        if (client is not { } old)
        {
            return;
        }

        client = null;
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

    /// <summary>MailKit's client, spared the work that a message made beforehand doesn't need.</summary>
    private sealed class Client : SmtpClient
    {
        public static readonly FormatOptions International = MakeInternational();

        protected override void Prepare(FormatOptions options, MimeMessage message, EncodingConstraint constraint, int maxLineLength)
        {
            // It is quoted-printable already.
        }

        protected override Task<long> GetSizeAsync(FormatOptions options, MimeMessage message, CancellationToken cancellationToken) => Task.FromResult((long)((Bytes)message).Length);

        private static FormatOptions MakeInternational()
        {
            var options = FormatOptions.Default.Clone();
            options.International = true;
            return options;
        }
    }

    /// <summary>
    /// A message whose headers and body are bytes made beforehand. The headers stand, as they are, in the value of the first; the body writes itself past the filter that
    /// would double dots at the start of a line, since it has none.
    /// </summary>
    private sealed class Bytes : MimeMessage
    {
        private readonly Header headers;
        private readonly BodyBytes body = new();

        public Bytes()
        {
            Headers.Clear();
            Headers.Add(headers = new Header(MailRenderer.FirstHeader, ""));
            Body = body;
        }

        public int Length { get; private set; }

        /// <summary>The server was sent, or may have been sent, the content.</summary>
        public bool Begun
        {
            get => body.Begun;
            set => body.Begun = value;
        }

        public void Use(ReadOnlyMemory<byte> mail, Action atBegin)
        {
            var end = mail.Span.IndexOf("\r\n\r\n"u8) + 2;
            headers.SetRawValue(mail.Span[(MailRenderer.FirstHeader.Length + 1)..end].ToArray());
            body.Use(mail[(end + 2)..], atBegin);
            Length = mail.Length;
        }
    }

    private sealed class BodyBytes : MimePart
    {
        private ReadOnlyMemory<byte> content;
        private Action begin = () => { };

        public BodyBytes() => Headers.Clear();

        public bool Begun { get; set; }

        public void Use(ReadOnlyMemory<byte> body, Action atBegin) => (content, begin) = (body, atBegin);

        public override async Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
        {
            begin();
            Begun = true;
            var wire = stream is FilteredStream filtered ? filtered.Source : stream;
            await wire.WriteAsync(content, cancellationToken);
        }
    }
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
