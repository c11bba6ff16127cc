using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Alerts.App.Demo;

internal static class DemoExtensions
{
    public static void AddDemo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<DemoNewsroom>();
        builder.Services.AddSingleton(new HomePanel(typeof(DemoPanel), 0, Policies.Admin));
    }

    public static void MapDemo(this IEndpointRouteBuilder routes) => routes.MapPost("/staff/demo", Load).RequireAuthorization(Policies.Admin);

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Load(
        DemoNewsroom newsroom, IAntiforgery antiforgery, HttpContext context, CancellationToken cancellationToken)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return TypedResults.Problem("The form is too old: go back, reload the page, and try again.", statusCode: StatusCodes.Status400BadRequest);
        }

        await newsroom.LoadAsync(cancellationToken);
        return TypedResults.Redirect("/");
    }
}
