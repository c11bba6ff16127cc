using Alerts.ServiceDefaults.Staff;
using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Scalar.AspNetCore;

namespace Alerts.ServiceDefaults.Web;

public static class Tools
{
    /// <summary>The API's document (for anyone), its reference at <c>/staff/api</c> (editors), and the jobs at <c>/hangfire</c> (admins).</summary>
    public static void MapTools(this IEndpointRouteBuilder routes)
    {
        routes.MapPasskeys();
        routes.MapOpenApi().AllowAnonymous();
        routes.MapScalarApiReference("/staff/api", reference => reference.WithTitle("Alerts API").DisableDefaultFonts().DisableTelemetry().DisableAgent())
            .RequireAuthorization(Policies.Editor);
        routes.MapHangfireDashboardWithAuthorizationPolicy(
            Policies.Admin, "/hangfire", new DashboardOptions { AppPath = "/staff", DashboardTitle = "Alerts: jobs", DisplayStorageConnectionString = false });
    }
}
