using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>What a key may not, though its role may: change anything, or leave its part of the API.</summary>
internal static class KeyScope
{
    private const string ReadOnly = "alerts:read-only";
    private const string Area = "alerts:area";

    public static IEnumerable<Claim> Claims(ApiKey key)
    {
        if (key.ReadOnly)
        {
            yield return new Claim(ReadOnly, "true");
        }

        if (key.Area is not null)
        {
            yield return new Claim(Area, key.Area);
        }
    }

    public static bool Allows(ClaimsPrincipal who, HttpRequest request)
    {
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return (reads || !who.HasClaim(c => c.Type == ReadOnly))
            && (who.FindFirstValue(Area) is not { } area || request.Path.StartsWithSegments($"/api/{area}"));
    }
}
