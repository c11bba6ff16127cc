using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MailKit.Net.Smtp;

namespace Alerts.Delivery.Sending;

/// <summary>
/// Commands and replies (RFC 5321 §4.1, §4.2) on a connection that MailKit has made: encrypted and signed in where the relay wants it. Commands that may be sent together go
/// in one write where the relay allows it (RFC 2920), and a mail goes as the bytes it was made of. It blocks its thread while it waits: a reply wakes that thread and no other.
/// For how long, its owner says: see <see cref="Patience"/>.
/// </summary>
internal sealed class SmtpDialogue(SmtpClient client)
{
    /// <summary>A reply may have this many bytes, all its lines together (RFC 5321 §4.5.3.1.5 allows 512 a line).</summary>
    private const int MaxReply = 16_384;

    private readonly Stream wire = Wire(Connection(client));
    private readonly ArrayBufferWriter<byte> bytes = new(16_384);
    private readonly bool pipelining = client.Capabilities.HasFlag(SmtpCapabilities.Pipelining);
    private readonly byte[] read = new byte[MaxReply];
    private int unread;
    private int filled;

    /// <summary>Asks whether a mail may come. The reply is the first refusal, or 354: then its content must follow.</summary>
    /// <exception cref="SmtpProtocolException">What came isn't what is due.</exception>
    public SmtpReply Offer(string from, string to, int size, bool beyondAscii)
    {
        var parameters = beyondAscii ? " BODY=8BITMIME SMTPUTF8" : "";
        if (client.Capabilities.HasFlag(SmtpCapabilities.Size))
        {
            parameters += string.Create(CultureInfo.InvariantCulture, $" SIZE={size}");
        }

        if (filled > unread)
        {
            throw new SmtpProtocolException("It said more than it was asked."); // Its next replies would be taken for those to other commands.
        }

        string[] lines = [$"MAIL FROM:<{from}>{parameters}\r\n", $"RCPT TO:<{to}>\r\n", "DATA\r\n"];
        bytes.ResetWrittenCount();
        var answer = default(SmtpReply);
        foreach (var line in lines)
        {
            Encoding.UTF8.GetBytes(line, bytes);
            if (pipelining)
            {
                continue;
            }

            wire.Write(bytes.WrittenSpan);
            bytes.ResetWrittenCount();
            answer = ReadReply();
            if (!answer.GoOn)
            {
                return answer with { ToSender = line == lines[0] };
            }
        }

        if (pipelining)
        {
            wire.Write(bytes.WrittenSpan);
            var mail = ReadReply();
            if (mail.Code == 421)
            {
                return mail; // It hangs up, and says no more.
            }

            var recipient = ReadReply();
            var data = ReadReply();
            answer = !mail.GoOn ? mail with { ToSender = true } : !recipient.GoOn ? recipient : data;
            if (data.Code == 354 && answer.Code != 354)
            {
                // RFC 2920 §3.1: refused, and yet it waits for the content. It gets none.
                wire.Write(".\r\n"u8);
                ReadReply();
            }
        }

        return answer.Code is 354 or >= 400 ? answer : throw new SmtpProtocolException($"It answered {answer.Code} where 354 was due.");
    }

    /// <summary>Sends the content after a 354, and returns what the relay says to it.</summary>
    /// <param name="content">All of it, lines ended by CRLF.</param>
    public SmtpReply SendContent(ReadOnlySpan<byte> content)
    {
        bytes.ResetWrittenCount();
        var rest = content;
        while (rest.IndexOf("\r\n."u8) is var dot and >= 0)
        {
            // RFC 5321 §4.5.2. Our templates leave nothing to do here.
            bytes.Write(rest[..(dot + 2)]);
            bytes.Write("."u8);
            rest = rest[(dot + 2)..];
        }

        bytes.Write(rest);
        bytes.Write(".\r\n"u8);
        wire.Write(bytes.WrittenSpan);
        return ReadReply();
    }

    /// <summary>Ends a transaction in which something was refused.</summary>
    public void Reset()
    {
        wire.Write("RSET\r\n"u8);
        ReadReply();
    }

    /// <exception cref="SmtpProtocolException">What came isn't a reply.</exception>
    private SmtpReply ReadReply()
    {
        var text = "";
        while (true)
        {
            var end = read.AsSpan(unread, filled - unread).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = read.AsSpan(unread, end).TrimEnd((byte)'\r');
                unread += end + 1;
                if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !int.TryParse(line[..3], NumberStyles.None, CultureInfo.InvariantCulture, out var code)
                    || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')) || text.Length > MaxReply)
                {
                    throw new SmtpProtocolException("It answered something that isn't SMTP.");
                }

                text = (text.Length == 0 ? "" : text + " ") + Encoding.UTF8.GetString(line[Math.Min(4, line.Length)..]);
                if (line.Length == 3 || line[3] == ' ')
                {
                    return new SmtpReply(code, text);
                }

                continue;
            }

            read.AsSpan(unread, filled - unread).CopyTo(read);
            (filled, unread) = (filled - unread, 0);
            if (filled == read.Length)
            {
                throw new SmtpProtocolException("It answered a line without end.");
            }

            var more = wire.Read(read.AsSpan(filled));
            filled += more > 0 ? more : throw new IOException("It hung up.");
        }
    }

    // MailKit keeps the stream to itself. It is between commands when we use it, so nothing of ours or its own is left in its buffers.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Stream")]
    [return: UnsafeAccessorType("MailKit.Net.Smtp.SmtpStream, MailKit")]
    private static extern object Connection(SmtpClient client);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Stream")]
    private static extern Stream Wire([UnsafeAccessorType("MailKit.Net.Smtp.SmtpStream, MailKit")] object connection);
}

/// <param name="Code">200 to 599.</param>
/// <param name="Text">Its lines, joined by blanks.</param>
/// <param name="ToSender">It was said to the sender's address.</param>
internal readonly record struct SmtpReply(int Code, string Text, bool ToSender = false)
{
    public bool GoOn => Code < 400;

    public override string ToString() => Text.Length == 0 ? $"{Code}" : $"{Code} {Text}";
}
