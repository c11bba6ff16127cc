using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>Signs in whoever sends <c>Authorization: Bearer alerts_…</c> (RFC 6750 §2.1) with a key that is good.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, StaffDb db, TimeProvider clock)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    private const string Bearer = "Bearer ";

    /// <summary>A key that doesn't exist is compared all the same, so that time doesn't tell which ids do.</summary>
    private static readonly ApiKey Nobody = ApiKey.Create("nobody", "", default).Key;

    public static bool IsUsed(string? authorization) => authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!IsUsed(header))
        {
            return AuthenticateResult.NoResult();
        }

        if (!ApiKey.TryParse(header[Bearer.Length..].Trim(), out var id, out var secret))
        {
            return AuthenticateResult.Fail("That isn't an API key of ours.");
        }

        var found = await db.ApiKeys.FindAsync([id], Context.RequestAborted);
        if (!(found ?? Nobody).Accepts(secret) || found is null)
        {
            return AuthenticateResult.Fail("The API key is unknown or was revoked.");
        }

        await NoteUseAsync(found);
        var identity = new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, "key:" + found.Id), new(ClaimTypes.Name, found.Name), new(ClaimTypes.Role, found.Role), .. KeyScope.Claims(found)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }

    private async Task NoteUseAsync(ApiKey key)
    {
        var now = clock.GetUtcNow();
        if (key.LastUsedAt is null || now - key.LastUsedAt > TimeSpan.FromHours(1))
        {
            await db.ApiKeys.Where(k => k.Id == key.Id).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), Context.RequestAborted);
        }
    }
}
