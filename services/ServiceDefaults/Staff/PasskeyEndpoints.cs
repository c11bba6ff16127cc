using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>What the browser is to ask a passkey (Web Authentication, §5.4 and §5.5). The answer comes back with the form on the page.</summary>
internal static class PasskeyEndpoints
{
    public const string ForSignIn = "/staff/passkeys/for-sign-in";
    public const string ForAdding = "/staff/passkeys/for-adding";

    public static void MapPasskeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(ForSignIn, SignInAsync).AllowAnonymous().RequireRateLimiting(StaffExtensions.FormRate).ExcludeFromDescription();
        routes.MapPost(ForAdding, AddAsync).RequireAuthorization(Policies.Account).RequireRateLimiting(StaffExtensions.FormRate).ExcludeFromDescription();
    }

    /// <summary>Names no account: the passkey knows whose it is, and the answer tells nobody who has one.</summary>
    private static async Task<IResult> SignInAsync(HttpContext http, IAntiforgery antiforgery, StaffSignIn signIn) =>
        await antiforgery.IsRequestValidAsync(http)
            ? TypedResults.Content(await signIn.MakePasskeyRequestOptionsAsync(null), "application/json")
            : TypedResults.Problem("Load the page again and repeat it.", statusCode: StatusCodes.Status400BadRequest);

    private static async Task<IResult> AddAsync(HttpContext http, IAntiforgery antiforgery, StaffSignIn signIn, UserManager<StaffUser> users)
    {
        if (!await antiforgery.IsRequestValidAsync(http) || await users.GetUserAsync(http.User) is not { UserName: { } name } user)
        {
            return TypedResults.Problem("Load the page again and repeat it.", statusCode: StatusCodes.Status400BadRequest);
        }

        var options = await signIn.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity { Id = user.Id.ToString(), Name = name, DisplayName = name });
        return TypedResults.Content(options, "application/json");
    }
}
