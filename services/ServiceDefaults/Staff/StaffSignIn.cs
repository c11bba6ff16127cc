using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>Signs staff in and out, each browser as a <see cref="StaffSession"/> that can be ended from elsewhere.</summary>
public sealed class StaffSignIn(
    UserManager<StaffUser> users, IHttpContextAccessor http, IUserClaimsPrincipalFactory<StaffUser> claims, IOptions<IdentityOptions> options, ILogger<StaffSignIn> logger,
    IAuthenticationSchemeProvider schemes, IUserConfirmation<StaffUser> confirmation, StaffDb db, TimeProvider clock)
    : SignInManager<StaffUser>(users, http, claims, options, logger, schemes, confirmation)
{
    internal const string SessionClaim = "alerts:session";

    /// <summary>On whoever must set up a second factor before anything else.</summary>
    internal const string WeakClaim = "alerts:weak";

    private bool byPasskey;

    /// <summary>Who was signed in within this request.</summary>
    public string? Who { get; private set; }

    public static Guid? SessionOf(ClaimsPrincipal who)
    {
        ArgumentNullException.ThrowIfNull(who);

        return Guid.TryParse(who.FindFirstValue(SessionClaim), out var id) ? id : null;
    }

    public override async Task<bool> CanSignInAsync(StaffUser user)
    {
        ArgumentNullException.ThrowIfNull(user);

        return user.DeactivatedAt is null && await base.CanSignInAsync(user);
    }

    /// <summary>With a passkey a password alone is no longer enough, authenticator or not.</summary>
    public override async Task<bool> IsTwoFactorEnabledAsync(StaffUser user)
    {
        ArgumentNullException.ThrowIfNull(user);

        return user.TwoFactorEnabled || (await UserManager.GetPasskeysAsync(user)).Count > 0;
    }

    public override async Task<SignInResult> PasskeySignInAsync(string credentialJson)
    {
        byPasskey = true;
        return await base.PasskeySignInAsync(credentialJson);
    }

    public override async Task SignInWithClaimsAsync(StaffUser user, AuthenticationProperties? authenticationProperties, IEnumerable<Claim> additionalClaims)
    {
        ArgumentNullException.ThrowIfNull(user);

        Who = user.UserName;
        var added = additionalClaims.Where(c => c.Type is not (SessionClaim or WeakClaim)).ToList();
        var session = await ResumeAsync(user) ?? await BeginAsync(user, byPasskey || added.Any(c => c is { Type: "amr", Value: "mfa" }));
        await base.SignInWithClaimsAsync(user, authenticationProperties, [.. added, new Claim(SessionClaim, session.ToString())]);
    }

    public override async Task SignOutAsync()
    {
        if (SessionOf(Context.User) is { } id)
        {
            await db.Sessions.Where(s => s.Id == id).ExecuteDeleteAsync(Context.RequestAborted);
        }

        await base.SignOutAsync();
    }

    /// <summary>This browser has shown more than a password.</summary>
    public Task StrengthenAsync() => SessionOf(Context.User) is { } id
        ? db.Sessions.Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.Strong, true), Context.RequestAborted)
        : Task.CompletedTask;

    /// <summary>After what changes the security stamp (a password, a second factor): this browser stays, all others of hers are out.</summary>
    public async Task KeepOnlyThisAsync(StaffUser user)
    {
        ArgumentNullException.ThrowIfNull(user);

        var id = SessionOf(Context.User);
        await db.Sessions.Where(s => s.UserId == user.Id && s.Id != id).ExecuteDeleteAsync(Context.RequestAborted);
        await RefreshSignInAsync(user);
    }

    /// <summary>Whether the session that a cookie names is still good: asked at each request.</summary>
    internal static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var cancellationToken = context.HttpContext.RequestAborted;
        var services = context.HttpContext.RequestServices;
        var db = services.GetRequiredService<StaffDb>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var id = context.Principal is null ? null : SessionOf(context.Principal);
        var found = id is null ? null : await db.Sessions.Where(s => s.Id == id)
            .Join(db.Users, s => s.UserId, u => u.Id, (s, u) => new
            {
                s.CreatedAt,
                s.LastSeenAt,
                s.Strong,
                u.SecurityStamp,
                u.DeactivatedAt,
                Asked = db.Rules.Any(r => r.SecondFactor),
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || found.DeactivatedAt is not null || now - found.LastSeenAt > StaffSession.Idle || now - found.CreatedAt > StaffSession.Life
            || found.SecurityStamp != context.Principal!.FindFirstValue(services.GetRequiredService<IOptions<IdentityOptions>>().Value.ClaimsIdentity.SecurityStampClaimType))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
            return;
        }

        if (found.Asked && !found.Strong)
        {
            ((ClaimsIdentity)context.Principal!.Identity!).AddClaim(new Claim(WeakClaim, "true"));
        }

        if (now - found.LastSeenAt > StaffSession.Grain)
        {
            await db.Sessions.Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), cancellationToken);
        }
    }

    /// <summary>The session of this browser, when it is hers and still there.</summary>
    private async Task<Guid?> ResumeAsync(StaffUser user) =>
        SessionOf(Context.User) is { } id && await db.Sessions.AnyAsync(s => s.Id == id && s.UserId == user.Id, Context.RequestAborted) ? id : null;

    private async Task<Guid> BeginAsync(StaffUser user, bool strong)
    {
        var now = clock.GetUtcNow();
        var browser = Context.Request.Headers.UserAgent.ToString();
        var session = new StaffSession
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            CreatedAt = now,
            LastSeenAt = now,
            From = Context.Connection.RemoteIpAddress?.ToString(),
            Browser = browser[..Math.Min(browser.Length, StaffSession.MaxBrowser)],
            Strong = strong,
        };
        db.Sessions.Add(session);
        await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.LastSignInAt, now), Context.RequestAborted);
        await db.SaveChangesAsync(Context.RequestAborted);
        return session.Id;
    }
}
