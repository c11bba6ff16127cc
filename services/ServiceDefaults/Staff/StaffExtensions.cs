using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.ServiceDefaults.Links;
using Alerts.ServiceDefaults.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>Who may come in: staff by cookie, programs by key, everybody where an endpoint says so. The default is no.</summary>
public static class StaffExtensions
{
    /// <summary>The rate limit of pages where passwords are tried.</summary>
    public const string PasswordRate = "passwords";

    /// <summary>The rate limit of forms that anybody may send.</summary>
    public const string FormRate = "forms";

    private const string CookieOrKey = "CookieOrKey";

    /// <summary>Registers staff accounts, keys and policies, and the secrets all processes share.</summary>
    /// <param name="services">Those this process runs; one of them runs the jobs.</param>
    public static void AddStaff(this IHostApplicationBuilder builder, Services services)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.AddContext<StaffDb, SqliteStaffDb, PostgresStaffDb>(StaffDb.Schema);
        builder.Services.AddSingleton<LinkTokens>();
        builder.Services.AddScoped<Accounts>();
        builder.Services.AddScoped<Audit>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton(new HomePanel(typeof(FirstSteps), -100, null));
        builder.Services.AddNavigation(
        [
            new("Staff", "/staff", 80, Policies.Editor), new("You", "/staff/account", 81, Policies.Editor), new("People", "/staff/people", 82, Policies.Admin),
            new("Keys", "/staff/keys", 84, Policies.Admin), new("Log", "/staff/audit", 90, Policies.Admin),
        ]);
        builder.Services.AddDataProtection().SetApplicationName("alerts").PersistKeysToDbContext<StaffDb>();
        builder.AddJob<PurgeStaff>(Enum.GetValues<Services>().First(s => s != Services.None && services.HasFlag(s)), "staff-purge", "23 4 * * *");
        builder.Services.AddSingleton<Strangers>();
        builder.Services.AddSingleton<ForgottenPassword>();
        builder.Services.AddPasswords();
        builder.Services.AddPasskeys();
        builder.Services.AddSchemes();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Account, policy => policy.RequireRole(Policies.Editor, Policies.Admin).RequireClaim(StaffSignIn.SessionClaim))
            .AddPolicy(Policies.Editor, policy => policy.RequireRole(Policies.Editor, Policies.Admin).RequireAssertion(MayNow))
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Policies.Admin).RequireAssertion(MayNow))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(Policies.Editor, Policies.Admin).RequireAssertion(MayNow).Build());
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(PasswordRate, Posts(10));
            limiter.AddPolicy(FormRate, Posts(30)); // Many may share an address.
        });
    }

    /// <summary>Signing in, permissions, rate limits and idempotency, in the order in which a request meets them.</summary>
    public static void UseStaff(this IApplicationBuilder app)
    {
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(AuditTrail.WatchAsync);
        app.UseWhen(Idempotency.Concerns, branch => branch.UseMiddleware<Idempotency>());
    }

    private static void AddPasswords(this IServiceCollection services)
    {
        services.AddIdentityCore<StaffUser>(identity =>
            {
                // Length is what helps (NIST SP 800-63B §5.1.1.2); no riddles.
                identity.Password.RequiredLength = 12;
                identity.Password.RequireDigit = false;
                identity.Password.RequireLowercase = false;
                identity.Password.RequireUppercase = false;
                identity.Password.RequireNonAlphanumeric = false;
                identity.Lockout.MaxFailedAccessAttempts = 10;
                identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
                identity.User.RequireUniqueEmail = true;

                // User names are addresses, which may hold any letter.
                identity.User.AllowedUserNameCharacters = "";
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<StaffDb>()
            .AddTokenProvider<AuthenticatorCode>(TokenOptions.DefaultAuthenticatorProvider)
            .AddSignInManager<StaffSignIn>();
        services.AddScoped(provider => (StaffSignIn)provider.GetRequiredService<SignInManager<StaffUser>>());
    }

    /// <summary>A passkey is two factors in one: the device, and the finger, face or PIN it asks for. It finds its account by itself, so nobody types an address.</summary>
    private static void AddPasskeys(this IServiceCollection services) =>
        services.AddOptions<IdentityPasskeyOptions>().Configure<IOptions<AlertsOptions>>((passkeys, alerts) =>
        {
            var site = new Uri(alerts.Value.PublicUrl);
            passkeys.ServerDomain = site.Host;
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
            passkeys.ValidateOrigin = context => ValueTask.FromResult(
                !context.CrossOrigin && Uri.TryCreate(context.Origin, UriKind.Absolute, out var origin) && origin.GetLeftPart(UriPartial.Authority) == site.GetLeftPart(UriPartial.Authority));
        });

    private static void AddSchemes(this IServiceCollection services)
    {
        services.AddAuthentication(CookieOrKey)
            .AddPolicyScheme(CookieOrKey, null, scheme => scheme.ForwardDefaultSelector = context =>
                ApiKeyAuthentication.IsUsed(context.Request.Headers.Authorization) ? ApiKeyAuthentication.SchemeName : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddCookie(IdentityConstants.TwoFactorUserIdScheme, cookie =>
            {
                // Between the two steps of signing in, and while a passkey is asked for.
                cookie.Cookie.Name = "alerts.staff.step";
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.ExpireTimeSpan = TimeSpan.FromMinutes(5);
            })
            .AddCookie(IdentityConstants.TwoFactorRememberMeScheme)
            .AddCookie(IdentityConstants.ApplicationScheme, cookie =>
            {
                cookie.Cookie.Name = "alerts.staff";
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.ExpireTimeSpan = StaffSession.Idle;
                cookie.LoginPath = "/staff/sign-in";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.Events.OnValidatePrincipal = StaffSignIn.ValidateAsync;
                cookie.Events.OnRedirectToLogin = context => SayOrRedirect(context, StatusCodes.Status401Unauthorized);
                cookie.Events.OnRedirectToAccessDenied = context => SayOrRedirect(context, StatusCodes.Status403Forbidden);
            });

        // Where the site is reached by https, no cookie of the staff ever travels without.
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<IOptions<AlertsOptions>>(Secure);
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.TwoFactorUserIdScheme).Configure<IOptions<AlertsOptions>>(Secure);

        static void Secure(CookieAuthenticationOptions cookie, IOptions<AlertsOptions> alerts) =>
            cookie.Cookie.SecurePolicy = alerts.Value.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }

    /// <summary>Beside the role: the second factor that the admins ask of her is there, and a key stays within its scope.</summary>
    private static bool MayNow(AuthorizationHandlerContext context) =>
        !context.User.HasClaim(c => c.Type == StaffSignIn.WeakClaim) && (context.Resource is not HttpContext http || KeyScope.Allows(context.User, http.Request));

    /// <summary>A program is told; a person without an account is shown the way to the door, one who lacks a second factor to where it is set up; one whose role isn't enough is told so.</summary>
    private static Task SayOrRedirect(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        var isCall = context.Request.Path.StartsWithSegments("/api");
        if (status == StatusCodes.Status401Unauthorized && !isCall)
        {
            context.Response.Redirect(context.RedirectUri);
        }
        else if (!isCall && context.HttpContext.User.HasClaim(c => c.Type == StaffSignIn.WeakClaim))
        {
            context.Response.Redirect(AccountPage.Asked);
        }
        else
        {
            context.Response.StatusCode = status;
        }

        return Task.CompletedTask;
    }

    /// <summary>So many forms a minute and address of the network; looking at the page is free.</summary>
    private static Func<HttpContext, RateLimitPartition<string>> Posts(int permits) => context =>
        HttpMethods.IsPost(context.Request.Method)
            ? RateLimitPartition.GetFixedWindowLimiter(
                Network(context.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = TimeSpan.FromMinutes(1) })
            : RateLimitPartition.GetNoLimiter("");

    /// <summary>Of IPv6 the first 64 bits: whoever has one address there has all of them.</summary>
    private static string Network(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };
}
