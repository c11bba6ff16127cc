using Microsoft.AspNetCore.Identity;
using OtpNet;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>
/// The six digits of an authenticator app (TOTP, RFC 6238). A clock may be half a minute off, either way. A code is good once (§5.2): who read it over a shoulder is late.
/// </summary>
internal sealed class AuthenticatorCode(TimeProvider clock) : IUserTwoFactorTokenProvider<StaffUser>
{
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    public async Task<bool> ValidateAsync(string purpose, string token, UserManager<StaffUser> manager, StaffUser user)
    {
        if (token.Length != 6 || await manager.GetAuthenticatorKeyAsync(user) is not { Length: > 0 } key
            || !new Totp(Base32Encoding.ToBytes(key)).VerifyTotp(clock.GetUtcNow().UtcDateTime, token, out var step, Window) || step <= user.LastCodeStep)
        {
            return false;
        }

        // Of two who bring the same code at once, the second finds the row changed (its concurrency stamp).
        user.LastCodeStep = step;
        return (await manager.UpdateAsync(user)).Succeeded;
    }

    public Task<string> GenerateAsync(string purpose, UserManager<StaffUser> manager, StaffUser user) => throw new NotSupportedException("The app makes the codes.");

    public async Task<bool> CanGenerateTwoFactorTokenAsync(UserManager<StaffUser> manager, StaffUser user) =>
        await manager.GetAuthenticatorKeyAsync(user) is { Length: > 0 };
}
