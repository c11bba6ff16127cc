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
        builder.Services.AddSingleton(new HomePanel(typeof(FirstSteps), -100, null));
        builder.Services.AddSingleton(new NavigationLink("Staff", "/staff", 80, Policies.Editor));
        builder.Services.AddDataProtection().SetApplicationName("alerts").PersistKeysToDbContext<StaffDb>();
        builder.AddJob<PurgeStaff>(Enum.GetValues<Services>().First(s => s != Services.None && services.HasFlag(s)), "staff-purge", "23 4 * * *");
        builder.Services.AddPasswords();
        builder.Services.AddSchemes();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Policies.Editor, policy => policy.RequireRole(Policies.Editor, Policies.Admin))
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Policies.Admin))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(Policies.Editor, Policies.Admin).Build());
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
            .AddSignInManager();
    }

    private static void AddSchemes(this IServiceCollection services)
    {
        services.AddAuthentication(CookieOrKey)
            .AddPolicyScheme(CookieOrKey, null, scheme => scheme.ForwardDefaultSelector = context =>
                ApiKeyAuthentication.IsUsed(context.Request.Headers.Authorization) ? ApiKeyAuthentication.SchemeName : IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddCookie(IdentityConstants.ApplicationScheme, cookie =>
            {
                cookie.Cookie.Name = "alerts.staff";
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
                cookie.LoginPath = "/staff/sign-in";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.Events.OnValidatePrincipal = SecurityStampValidator.ValidatePrincipalAsync;
                cookie.Events.OnRedirectToLogin = context => SayOrRedirect(context, StatusCodes.Status401Unauthorized);
                cookie.Events.OnRedirectToAccessDenied = context => SayOrRedirect(context, StatusCodes.Status403Forbidden);
            });
    }

    /// <summary>A program is told; a person without an account is shown the way to the door; one whose role isn't enough is told so.</summary>
    private static Task SayOrRedirect(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (status == StatusCodes.Status401Unauthorized && !context.Request.Path.StartsWithSegments("/api"))
        {
            context.Response.Redirect(context.RedirectUri);
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
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = TimeSpan.FromMinutes(1) })
            : RateLimitPartition.GetNoLimiter("");
}
