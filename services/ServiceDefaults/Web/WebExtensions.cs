using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Web;

/// <summary>The pages of all services, in one site.</summary>
public static class WebExtensions
{
    public static void AddWeb(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Also when it is started from the build's folder rather than published.
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRazorComponents();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddProblemDetails();

        // So that what was wrong with a body can be said.
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.AddSecurityHeaders();
        builder.Services.AddLanguages();
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "alerts.form";
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto);
    }

    /// <summary>What happens to every request before anybody asks who sent it.</summary>
    public static void UseWeb(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        app.UseForwardedHeaders();
        app.UseSecurityHeaders();
        app.UseStatusPages();
        app.UseRouting();
        app.UseLanguages();
    }

    /// <summary>Refuses what is posted to a page and is no form, which the page would fail on. Comes once it is known that the sender may open the page, and before anybody looks for a token in the form.</summary>
    public static void UseForms(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        app.Use(static (context, next) =>
        {
            if (HttpMethods.IsPost(context.Request.Method) && !context.Request.HasFormContentType && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
            {
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return Task.CompletedTask;
            }

            return next(context);
        });
    }

    /// <summary>Serves the pages, the style sheet, and a friendly word where there is nothing.</summary>
    public static void MapWeb(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<SiteRoot>().AddAdditionalAssemblies([.. app.Services.GetServices<PageAssembly>().Others()]);
        app.MapFallback("{**path}", () => TypedResults.NotFound()).AllowAnonymous();
    }

    /// <summary>The assemblies with pages besides this one, which every process serves.</summary>
    internal static IEnumerable<Assembly> Others(this IEnumerable<PageAssembly> pages) =>
        pages.Select(p => p.Assembly).Distinct().Where(a => a != typeof(WebExtensions).Assembly);
}
