using MimeKit;

namespace Alerts.Tests.Servers;

/// <summary>A mail as it came in over SMTP.</summary>
/// <param name="From">The envelope's sender, to which a bounce would go; empty for none.</param>
/// <param name="To">The envelope's recipients.</param>
/// <param name="Message">The content, without what the server adds.</param>
/// <param name="Content">The same as the bytes that came, line ends and all.</param>
public sealed record ReceivedMail(string From, IReadOnlyList<string> To, MimeMessage Message, byte[] Content)
{
    /// <summary>To whom, and what about: for the messages of failed tests.</summary>
    public override string ToString() => $"{string.Join(", ", To)}: {Message.Subject}";
}

/// <summary>What tells a mail from others: the envelope's recipient, and two headers as they stand.</summary>
public sealed record MailHead(string To, string Subject, string MessageId);
