using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;

namespace Alerts.Delivery.Sending;

/// <summary>
/// One connection, used by one worker at a time: to an SMTP relay, or to the local mailbox where none is configured. It blocks its thread while it waits, so that thread is
/// the connection's own.
/// </summary>
internal abstract class MailSender : IDisposable
{
    public abstract bool IsConnected { get; }

    /// <exception cref="RelayException">It can't be used now.</exception>
    public abstract void Connect(CancellationToken cancellationToken);

    /// <summary>Hands over one mail.</summary>
    /// <param name="mail">All of it, headers and body, as it goes over the wire.</param>
    /// <param name="begin">Called once, when everything is settled and the first byte of the content is about to leave.</param>
    public abstract Reply Send(Envelope envelope, ReadOnlySpan<byte> mail, Action begin);

    /// <summary>Keeps an idle connection warm. It may turn out to be gone; then it is made again when there is mail.</summary>
    public virtual void KeepWarm(CancellationToken cancellationToken)
    {
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>Who a mail is from and to, for the relay.</summary>
/// <param name="To">One recipient a mail, always; the domain in ASCII.</param>
internal readonly record struct Envelope(BatchKey Batch, Guid SubscriberId, string From, string To);

internal enum ReplyKind
{
    /// <summary>2xx: the relay has it.</summary>
    Accepted,

    /// <summary>4xx: not now.</summary>
    Deferred,

    /// <summary>5xx: never.</summary>
    Refused,

    /// <summary>The relay takes no mail at all now (421, or it wants us to sign in first); this one may take another.</summary>
    Closing,

    /// <summary>The relay went away before the content was sent; the mail may take another.</summary>
    NotSent,

    /// <summary>The relay went away after the content was sent: it may have it.</summary>
    Unanswered,
}

/// <summary>What the relay said, made safe to store: one line, at most <see cref="LedgerRow.MaxReply"/> characters, whatever bytes it sent.</summary>
internal readonly record struct Reply
{
    public Reply(ReplyKind kind, string text)
    {
        Kind = kind;
        Text = string.Create(text.Length, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(text[i]) || (char.IsSurrogate(text[i]) && !(i + 1 < line.Length && char.IsSurrogatePair(text[i], text[i + 1])) && !(i > 0 && char.IsSurrogatePair(text[i - 1], text[i])))
                    ? ' '
                    : text[i];
            }
        }).Trim().Truncate(LedgerRow.MaxReply);
    }

    public ReplyKind Kind { get; }

    public string Text { get; }
}

/// <summary>A relay can't be used now; the message says why.</summary>
internal sealed class RelayException(string message, Exception inner) : Exception(message, inner);
