using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>How people and programs get in: invitations, passwords, API keys. Nobody has an account or a password that we made up.</summary>
public sealed class Accounts(StaffDb db, UserManager<StaffUser> users, RoleManager<IdentityRole<Guid>> roles, TimeProvider clock)
{
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

        var result = user is null
            ? await users.CreateAsync(user = new StaffUser { Id = Guid.CreateVersion7(now), UserName = address, Email = address, EmailConfirmed = true, CreatedAt = now }, password)
            : await ResetAsync(user, password);
        if (result.Succeeded)
        {
            await GiveRoleAsync(user, invitation.Role);
            await transaction.CommitAsync(cancellationToken);
            return (user, []);
        }

        return (null, [.. result.Errors.Select(e => e.Description)]);
    }

    /// <summary>Makes an API key and returns its text, which can't be had again.</summary>
    public async Task<string> AddKeyAsync(string name, string role, CancellationToken cancellationToken)
    {
        var (key, text) = ApiKey.Create(name, role, clock.GetUtcNow());
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        return text;
    }

    private async Task<IdentityResult> ResetAsync(StaffUser user, string password)
    {
        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, user, password) is { Succeeded: false } refused)
            {
                return refused;
            }
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
