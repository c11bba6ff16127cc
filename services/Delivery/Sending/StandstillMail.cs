using System.Buffers;
using System.Net;
using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Staff;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Sending;

/// <summary>
/// The mail to the admins about a lane that stands still, or moves again. It goes straight to a relay, not through the ledger: what holds up the lane (the database, the
/// audience, a relay's rate) would hold up a mailing as well. Where no relay can be used it waits here, and if the lane moves first one mail says both.
/// </summary>
internal sealed class StandstillMail(Relays relays, MailRenderer renderer, TimeProvider clock)
{
    /// <summary>Who is told.</summary>
    internal sealed record Admin(Guid Id, string Address);

    public static async Task<IReadOnlyList<Admin>> AdminsAsync(StaffDb db, CancellationToken cancellationToken) =>
        await db.Users
            .Where(u => u.Email != null && db.UserRoles.Any(r => r.UserId == u.Id && db.Roles.Any(role => role.Id == r.RoleId && role.Name == Policies.Admin)))
            .OrderBy(u => u.Id).Take(50).Select(u => new Admin(u.Id, u.Email!)).ToListAsync(cancellationToken);

    /// <returns>False when no relay took it.</returns>
    public Task<bool> StandsAsync(Standstill still, IReadOnlyList<Admin> admins, CancellationToken cancellationToken) => SendAsync(
        $"standstill/{still.Lane.Word()}/{still.Since.UtcTicks}",
        $"Mail of the {still.Lane.Word()} lane stands still",
        $"""
        Mail of the {still.Lane.Word()} lane waits, and none of it has left since {still.Since:yyyy-MM-dd HH:mm:ss} UTC.

        {still.Cause}

        Nothing is lost: it goes on alone once that is over, and you will be told.
        """,
        admins,
        cancellationToken);

    /// <returns>False when no relay took it.</returns>
    public Task<bool> MovesAsync(Standstill still, IReadOnlyList<Admin> admins, DateTimeOffset now, CancellationToken cancellationToken) => SendAsync(
        $"standstill/{still.Lane.Word()}/{still.Since.UtcTicks}/over",
        $"Mail of the {still.Lane.Word()} lane moves again",
        $"""
        Mail of the {still.Lane.Word()} lane stood still from {still.Since:yyyy-MM-dd HH:mm:ss} to {now:yyyy-MM-dd HH:mm:ss} UTC, and moves again.

        The cause was: {still.Cause}
        """,
        admins,
        cancellationToken);

    private async Task<bool> SendAsync(string cause, string subject, string text, IReadOnlyList<Admin> admins, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var mailing = new Mailing { Id = MailingId.Of(cause), HeardAt = now };
        var paragraphs = WebUtility.HtmlEncode(text).ReplaceLineEndings("\n").Split("\n\n").Select(p => $"<p>{p}</p>");
        var prepared = new MailingPrepared
        {
            MailingId = mailing.Id,
            Cause = cause,
            Kind = "standstill",
            Priority = MailingPriority.Urgent,
            Lists = [],
            Subject = subject,
            Html = $"<html><body>{string.Concat(paragraphs)}</body></html>",
            Text = text,
            PreparedAt = now,
        };
        mailing.Prepare(prepared);
        var rendered = renderer.Prepare(mailing, new MailingContent { MailingId = mailing.Id, Html = prepared.Html, Text = prepared.Text });
        foreach (var relay in relays.All.OrderBy(r => r.DownBecause is not null))
        {
            if (await Task.Run(() => Send(relay, mailing.Id, rendered, admins, cancellationToken), cancellationToken))
            {
                return true;
            }
        }

        return admins.Count == 0;
    }

    /// <summary>Over a connection of its own.</summary>
    private bool Send(Relay relay, Guid mailingId, RenderedMailing rendered, IReadOnlyList<Admin> admins, CancellationToken cancellationToken)
    {
        using var sender = relay.Open();
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            foreach (var admin in admins)
            {
                if (!sender.IsConnected)
                {
                    sender.Connect(cancellationToken);
                }

                var to = MailRenderer.EncodedAddress(admin.Address);
                buffer.ResetWrittenCount();
                renderer.Render(buffer, rendered, mailingId, admin.Id, to, null, clock.GetUtcNow());
                var envelope = new Envelope(new BatchKey(mailingId, 0), admin.Id, renderer.EnvelopeSender(mailingId, admin.Id), to);
                if (sender.Send(envelope, buffer.WrittenSpan, () => { }).Kind is not (ReplyKind.Accepted or ReplyKind.Refused))
                {
                    return false;
                }
            }

            return admins.Count > 0;
        }
        catch (Exception exception) when (exception is RelayException or FormatException)
        {
            return false;
        }
    }
}
