using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Alerts.Publishing.Webhooks;

/// <summary>
/// Secrets of webhooks, 256 random bits each. A hash of one signs nothing, so they are kept whole, protected by Data Protection, whose keys lie in the schema <c>staff</c>.
/// People see one as Standard Webhooks writes it: <c>whsec_</c> and base64.
/// </summary>
internal sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    private const string Prefix = "whsec_";
    private const int Bytes = 32;

    private readonly IDataProtector protector = protection.CreateProtector("Alerts.Webhooks.Secret");

    /// <summary>Makes one.</summary>
    /// <returns>What is kept, and what is shown this once.</returns>
    public (byte[] Kept, string Shown) Create()
    {
        var secret = RandomNumberGenerator.GetBytes(Bytes);
        return (protector.Protect(secret), Prefix + Convert.ToBase64String(secret));
    }

    /// <exception cref="CryptographicException">The keys that protect it are gone.</exception>
    public byte[] Open(byte[] kept) => protector.Unprotect(kept);
}
