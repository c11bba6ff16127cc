using System.Buffers;
using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;
using Alerts.Mailings;
using Alerts.Mailings.Layout;

namespace Alerts.Delivery.Sending;

/// <summary>Somebody of the staff, as a mail needs her.</summary>
internal sealed record StaffRecipient(Guid Id, string Address);

/// <summary>
/// A mail to the staff, straight to a relay over a connection of its own, not through the ledger: staff are no subscribers, and what holds up a lane (the database, the
/// audience, a relay's rate) mustn't hold up these.
/// </summary>
internal sealed class DirectMail(Relays relays, MailRenderer renderer, TimeProvider clock)
{
    /// <param name="cause">What it is about; the same cause and recipient make the same Message-ID.</param>
    /// <param name="lists">Slugs, for the headers of list mail; null: none.</param>
    /// <param name="senderName">In place of the common one.</param>
    /// <returns>False when no relay took it.</returns>
    public async Task<bool> SendAsync(
        string cause, string kind, string subject, MailBody body, IReadOnlyList<StaffRecipient> recipients, CancellationToken cancellationToken, IReadOnlyList<string>? lists = null, string? senderName = null)
    {
        var now = clock.GetUtcNow();
        var mailing = new Mailing { Id = MailingId.Of(cause), HeardAt = now };
        var prepared = new MailingPrepared
        {
            MailingId = mailing.Id,
            Cause = cause,
            Kind = kind,
            Priority = MailingPriority.Urgent,
            Lists = lists ?? [],
            Subject = subject,
            SenderName = senderName,
            Html = body.Html,
            Text = body.Text,
            PreparedAt = now,
        };
        mailing.Prepare(prepared);
        var rendered = renderer.Prepare(mailing, new MailingContent { MailingId = mailing.Id, Html = prepared.Html, Text = prepared.Text });
        foreach (var relay in relays.All.OrderBy(r => r.DownBecause is not null))
        {
            if (await Task.Run(() => Send(relay, mailing.Id, rendered, recipients, cancellationToken), cancellationToken))
            {
                return true;
            }
        }

        return recipients.Count == 0;
    }

    private bool Send(Relay relay, Guid mailingId, RenderedMailing rendered, IReadOnlyList<StaffRecipient> recipients, CancellationToken cancellationToken)
    {
        using var sender = relay.Open();
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            foreach (var recipient in recipients)
            {
                if (!sender.IsConnected)
                {
                    sender.Connect(cancellationToken);
                }

                var to = MailRenderer.EncodedAddress(recipient.Address);
                buffer.ResetWrittenCount();
                renderer.Render(buffer, rendered, mailingId, recipient.Id, to, null, clock.GetUtcNow());
                var envelope = new Envelope(new BatchKey(mailingId, 0), recipient.Id, renderer.EnvelopeSender(mailingId, recipient.Id), to);
                if (sender.Send(envelope, buffer.WrittenSpan, () => { }).Kind is not (ReplyKind.Accepted or ReplyKind.Refused))
                {
                    return false;
                }
            }

            return recipients.Count > 0;
        }
        catch (Exception exception) when (exception is RelayException or FormatException)
        {
            return false;
        }
    }
}
