using Alerts.Delivery.Ledger;
using Alerts.Delivery.StaffMails;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Staff;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Sending;

/// <summary>
/// The mail to the admins about a lane that stands still, or moves again. It goes straight to a relay, not through the ledger: what holds up the lane (the database, the
/// audience, a relay's rate) would hold up a mailing as well. Where no relay can be used it waits here, and if the lane moves first one mail says both.
/// </summary>
internal sealed class StandstillMail(DirectMail mail, MailTemplates templates)
{
    public static async Task<IReadOnlyList<StaffRecipient>> AdminsAsync(StaffDb db, CancellationToken cancellationToken) =>
        await db.Users
            .Where(u => u.Email != null && u.DeactivatedAt == null && db.UserRoles.Any(r => r.UserId == u.Id && db.Roles.Any(role => role.Id == r.RoleId && role.Name == Policies.Admin)))
            .OrderBy(u => u.Id).Take(50).Select(u => new StaffRecipient(u.Id, u.Email!)).ToListAsync(cancellationToken);

    /// <returns>False when no relay took it.</returns>
    public Task<bool> StandsAsync(Standstill still, IReadOnlyList<StaffRecipient> admins, CancellationToken cancellationToken) => SendAsync(
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
    public Task<bool> MovesAsync(Standstill still, IReadOnlyList<StaffRecipient> admins, DateTimeOffset now, CancellationToken cancellationToken) => SendAsync(
        $"standstill/{still.Lane.Word()}/{still.Since.UtcTicks}/over",
        $"Mail of the {still.Lane.Word()} lane moves again",
        $"""
        Mail of the {still.Lane.Word()} lane stood still from {still.Since:yyyy-MM-dd HH:mm:ss} to {now:yyyy-MM-dd HH:mm:ss} UTC, and moves again.

        The cause was: {still.Cause}
        """,
        admins,
        cancellationToken);

    private async Task<bool> SendAsync(string cause, string subject, string text, IReadOnlyList<StaffRecipient> admins, CancellationToken cancellationToken) =>
        await mail.SendAsync(cause, "standstill", subject, await StaffBody.RenderAsync(templates, subject, text, null, null, cancellationToken), admins, cancellationToken);
}
