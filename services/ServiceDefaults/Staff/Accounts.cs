using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>How people and programs get in: invitations, passwords, API keys. Nobody has an account or a password that we made up.</summary>
public sealed class Accounts(StaffDb db, UserManager<StaffUser> users, RoleManager<IdentityRole<Guid>> roles, TimeProvider clock)
{
    /// <summary>So many links for a new password are made for one address within the life of one; more would be somebody's game.</summary>
    private const int MostForgotten = 5;

    /// <summary>
    /// While nobody has an account: the path of a link, good once, by which the first admin makes hers. Links of earlier starts are void from then on. Null when there is an account.
    /// </summary>
    public async Task<string?> InviteFirstAdminAsync(CancellationToken cancellationToken)
    {
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        await db.Invitations.Where(i => i.Address == null && i.UsedAt == null).ExecuteDeleteAsync(cancellationToken);
        return await InviteAsync(null, Policies.Admin, cancellationToken);
    }

    /// <summary>The path of a link by which the person at <paramref name="address"/> sets a password, the first or (forgotten) a new one.</summary>
    public async Task<string> InviteAsync(string? address, string role, CancellationToken cancellationToken)
    {
        var (invitation, path) = Invitation.Create(address, role, clock.GetUtcNow());
        db.Invitations.Add(invitation);
        await db.SaveChangesAsync(cancellationToken);
        return path;
    }

    /// <summary>Invites by mail. Earlier links for the address are void from then on.</summary>
    /// <param name="by">Who invites: it stands in the mail.</param>
    /// <returns>The path of the link, for when the mail doesn't arrive.</returns>
    public async Task<string> InviteByMailAsync(string address, string role, string by, CancellationToken cancellationToken)
    {
        await VoidLinksAsync(address, cancellationToken);
        var path = await InviteAsync(address, role, cancellationToken);
        await MailAsync(
            address,
            "You are invited",
            $"{by} invites you to write and send here, as {(role == Policies.Admin ? "an admin" : "an editor")}.\n\nChoose a password, and you are in. The link is good once, for a day.",
            cancellationToken,
            path,
            "Accept the invitation");
        return path;
    }

    /// <summary>Writes to whoever forgot her password, if there is such an account. Says nothing about whether there is.</summary>
    public async Task SendNewPasswordLinkAsync(string address, CancellationToken cancellationToken)
    {
        if (await users.FindByNameAsync(address) is not { DeactivatedAt: null, UserName: { } name })
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (await db.Invitations.CountAsync(i => i.Address == name && i.Role == null && i.ExpiresAt > now, cancellationToken) >= MostForgotten)
        {
            return;
        }

        var (invitation, path) = Invitation.Create(name, null, now);
        db.Invitations.Add(invitation);
        await MailAsync(
            name,
            "A new password",
            "Somebody, probably you, asked for a new password for your account here.\n\nThe link is good once, for a day. If it wasn't you, do nothing: your password stays as it is.",
            cancellationToken,
            path,
            "Choose a new password");
    }

    /// <summary>Queues a mail to one of the staff. Delivery sends it within seconds.</summary>
    public Task MailAsync(string address, string subject, string text, CancellationToken cancellationToken, string? path = null, string? button = null)
    {
        var now = clock.GetUtcNow();
        db.Mails.Add(new StaffMail { Id = Guid.CreateVersion7(now), Address = address, Subject = subject, Text = text, Path = path, Button = button, CreatedAt = now, NextTryAt = now });
        return db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The invitation of a link, if it is still good.</summary>
    public Task<Invitation?> FindInvitationAsync(string token, CancellationToken cancellationToken)
    {
        var hash = Invitation.Hash(token);
        var now = clock.GetUtcNow();
        return db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.TokenHash == hash && i.UsedAt == null && i.ExpiresAt > now, cancellationToken);
    }

    /// <summary>Makes the account (or gives it a new password) and uses the invitation up, both or neither. The errors are for the person who filled in the form.</summary>
    public async Task<(StaffUser? User, IReadOnlyList<string> Errors)> AcceptAsync(Invitation invitation, string address, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invitation);

        var now = clock.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var used = await db.Invitations.Where(i => i.Id == invitation.Id && i.UsedAt == null).ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now), cancellationToken);
        if (used == 0)
        {
            return (null, ["This link was used a moment ago. Sign in with the password set then."]);
        }

        var user = await users.FindByNameAsync(address);
        if (user is not null && invitation.Address is null)
        {
            return (null, ["There is an account with this address already. Sign in with it."]);
        }

        if (user is null && invitation.Role is null)
        {
            return (null, ["There is no such account any more."]);
        }

        var result = user is null
            ? await users.CreateAsync(user = new StaffUser { Id = Guid.CreateVersion7(now), UserName = address, Email = address, EmailConfirmed = true, CreatedAt = now }, password)
            : await ResetAsync(user, password, reactivate: invitation.Role is not null);
        if (!result.Succeeded)
        {
            return (null, [.. result.Errors.Select(e => e.Description)]);
        }

        if (invitation.Role is { } role)
        {
            await GiveRoleAsync(user, role);
        }

        await db.Sessions.Where(s => s.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (user, []);
    }

    /// <summary>Gives another role. She is signed out everywhere, and links sent to her are void.</summary>
    /// <returns>What speaks against it; null when it is done.</returns>
    public async Task<string?> ChangeRoleAsync(StaffUser user, string role, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (role != Policies.Admin && await IsLastAdminAsync(user, cancellationToken))
        {
            return "She is the last admin: make somebody else an admin first.";
        }

        await GiveRoleAsync(user, role);
        await SignOutEverywhereAsync(user, cancellationToken);
        await VoidLinksAsync(user.UserName!, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>She can't sign in any more, is signed out everywhere, and links sent to her are void.</summary>
    /// <returns>What speaks against it; null when it is done.</returns>
    public async Task<string?> DeactivateAsync(StaffUser user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await IsLastAdminAsync(user, cancellationToken))
        {
            return "She is the last admin: make somebody else an admin first.";
        }

        user.DeactivatedAt = clock.GetUtcNow();
        await users.UpdateAsync(user);
        await SignOutEverywhereAsync(user, cancellationToken);
        await VoidLinksAsync(user.UserName!, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>She may sign in again, with the password and the second factor she had.</summary>
    public async Task ReactivateAsync(StaffUser user)
    {
        ArgumentNullException.ThrowIfNull(user);

        user.DeactivatedAt = null;
        await users.UpdateAsync(user);
    }

    /// <summary>For who lost her telephone: authenticator, recovery codes and passkeys are gone, and she signs in by password until she sets them up anew. She is told by mail.</summary>
    public async Task ResetSecondFactorAsync(StaffUser user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await users.SetTwoFactorEnabledAsync(user, false);
        await users.ResetAuthenticatorKeyAsync(user);
        await users.GenerateNewTwoFactorRecoveryCodesAsync(user, 0);
        foreach (var passkey in await users.GetPasskeysAsync(user))
        {
            await users.RemovePasskeyAsync(user, passkey.CredentialId);
        }

        await SignOutEverywhereAsync(user, cancellationToken);
        await MailAsync(
            user.UserName!,
            "Your second factor was reset",
            "An admin has removed the authenticator and the passkeys from your account, so that you can sign in by password and set them up anew.\n\nIf you didn't ask for this, talk to an admin now.",
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Makes an API key and returns its text, which can't be had again.</summary>
    public async Task<string> AddKeyAsync(string name, string role, CancellationToken cancellationToken, bool readOnly = false, string? area = null, string madeBy = Audit.CommandLine)
    {
        var (key, text) = ApiKey.Create(name, role, clock.GetUtcNow(), readOnly, area, madeBy);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        return text;
    }

    private Task<int> VoidLinksAsync(string address, CancellationToken cancellationToken) =>
        db.Invitations.Where(i => i.Address == address && i.UsedAt == null).ExecuteDeleteAsync(cancellationToken);

    private async Task SignOutEverywhereAsync(StaffUser user, CancellationToken cancellationToken)
    {
        await users.UpdateSecurityStampAsync(user);
        await db.Sessions.Where(s => s.UserId == user.Id).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<bool> IsLastAdminAsync(StaffUser user, CancellationToken cancellationToken) =>
        await users.IsInRoleAsync(user, Policies.Admin)
        && !await db.UserRoles.AnyAsync(
            r => r.UserId != user.Id && db.Roles.Any(role => role.Id == r.RoleId && role.Name == Policies.Admin) && db.Users.Any(u => u.Id == r.UserId && u.DeactivatedAt == null),
            cancellationToken);

    private async Task<IdentityResult> ResetAsync(StaffUser user, string password, bool reactivate)
    {
        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, user, password) is { Succeeded: false } refused)
            {
                return refused;
            }
        }

        if (reactivate)
        {
            user.DeactivatedAt = null;
        }

        await users.RemovePasswordAsync(user);
        await users.ResetAccessFailedCountAsync(user);
        await users.SetLockoutEndDateAsync(user, null);
        return await users.AddPasswordAsync(user, password);
    }

    private async Task GiveRoleAsync(StaffUser user, string role)
    {
        if (!await roles.RoleExistsAsync(role))
        {
            await roles.CreateAsync(new IdentityRole<Guid>(role) { Id = Guid.CreateVersion7(clock.GetUtcNow()) });
        }

        await users.RemoveFromRolesAsync(user, (await users.GetRolesAsync(user)).Where(r => r != role));
        if (!await users.IsInRoleAsync(user, role))
        {
            await users.AddToRoleAsync(user, role);
        }
    }
}
