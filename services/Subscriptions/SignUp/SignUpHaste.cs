using System.Globalization;
using Microsoft.AspNetCore.DataProtection;

namespace Alerts.Subscriptions.SignUp;

/// <summary>
/// Keeps out robots that send the sign-up form as soon as they see it, or without seeing it: the page carries a sealed time stamp. Whoever sends it too fast, or from a
/// form on another site, is asked for one more press; nothing is lost, and no riddle is set.
/// </summary>
internal sealed class SignUpHaste(IDataProtectionProvider protection, TimeProvider clock)
{
    public const string Field = "shown";

    private const string AskedAgain = "again";

    /// <summary>Nobody writes an address and ticks a list in less.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>A page may be open overnight; an old stamp isn't sold on for ever.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    private readonly IDataProtector protector = protection.CreateProtector("Alerts.SignUp.Shown");

    /// <param name="again">This page asks for one more press, which may come at once.</param>
    public string Stamp(bool again) => protector.Protect((again ? AskedAgain : "") + clock.GetUtcNow().UtcTicks.ToString(CultureInfo.InvariantCulture));

    public bool IsUnhurried(string? stamp)
    {
        if (string.IsNullOrEmpty(stamp))
        {
            return false;
        }

        try
        {
            var text = protector.Unprotect(stamp);
            var again = text.StartsWith(AskedAgain, StringComparison.Ordinal);
            var shown = new DateTimeOffset(long.Parse(again ? text[AskedAgain.Length..] : text, CultureInfo.InvariantCulture), TimeSpan.Zero);
            var passed = clock.GetUtcNow() - shown;
            return passed <= Most && (again || passed >= Least);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
