using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Web;

/// <summary>What browsers are told not to do. Our pages need no script (some are helped by a file of ours); two tools of admins bring their own.</summary>
internal static class SecurityHeaders
{
    public static void AddSecurityHeaders(this IServiceCollection services)
    {
        var pages = Common().AddContentSecurityPolicy(csp =>
        {
            csp.AddDefaultSrc().None();
            csp.AddScriptSrc().Self();
            csp.AddConnectSrc().Self();
            csp.AddStyleSrc().Self();
            csp.AddImgSrc().Self().Data().From("https:");
            csp.AddFormAction().Self();
            csp.AddBaseUri().None();
            csp.AddFrameAncestors().None();

            // The mailbox shows a mail in a sandboxed frame.
            csp.AddFrameSrc().Self();
        });
        var tools = Common().AddContentSecurityPolicy(csp =>
        {
            csp.AddDefaultSrc().Self();
            csp.AddScriptSrc().Self().UnsafeInline();
            csp.AddStyleSrc().Self().UnsafeInline();
            csp.AddImgSrc().Self().Data();
            csp.AddFontSrc().Self().Data();
            csp.AddFormAction().Self();
            csp.AddFrameAncestors().None();
        });
        var own = Common();
        services.AddSecurityHeaderPolicies().SetPolicySelector(context =>
            context.HttpContext.Response.Headers.ContainsKey("Content-Security-Policy") ? own
            : IsTool(context.HttpContext.Request) ? tools
            : pages);
    }

    private static bool IsTool(HttpRequest request)
    {
        // A branch of the pipeline may have moved its part of the path to the base.
        var path = request.PathBase.Add(request.Path);
        return path.StartsWithSegments("/hangfire") || path.StartsWithSegments("/staff/api");
    }

    private static HeaderPolicyCollection Common() => new HeaderPolicyCollection()
        .AddContentTypeOptionsNoSniff()
        .AddReferrerPolicyNoReferrer()
        .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
        .AddStrictTransportSecurityMaxAge()
        .RemoveServerHeader();
}
