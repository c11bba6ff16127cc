using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.ServiceDefaults.Web;

/// <summary>An answer without a body gets one: problem details (RFC 9457) for programs, a page for people. Never a stack trace.</summary>
internal static class StatusPages
{
    public static void UseStatusPages(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = WriteAsync,
            StatusCodeSelector = exception => exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,

            // What a client sent wrong is no error of ours.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
        });

        app.Use(static async (context, next) =>
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
            {
                await WriteAsync(context);
            }
        });
    }

    private static async Task WriteAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var trace = status >= StatusCodes.Status500InternalServerError ? Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier : null;
        if (IsForProgram(context.Request))
        {
            await TypedResults.Problem(Detail(context, status), statusCode: status).ExecuteAsync(context);
            return;
        }

        // The page that failed may have used up the services that render one.
        var services = context.RequestServices;
        await using var scope = services.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        context.Response.Headers.Remove("blazor-enhanced-nav");
        try
        {
            await new RazorComponentResult<StatusDocument>(new { Status = status, Trace = trace }).ExecuteAsync(context);
        }
        finally
        {
            context.RequestServices = services;
        }
    }

    /// <summary>Programs don't ask for HTML, and whatever they ask for, the API speaks JSON.</summary>
    private static bool IsForProgram(HttpRequest request) =>
        request.Path.StartsWithSegments("/api") || !request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html" || type.MediaType == "*/*");

    private static string? Detail(HttpContext context, int status) => status switch
    {
        StatusCodes.Status400BadRequest => Misread(context.Features.Get<IExceptionHandlerFeature>()?.Error),
        StatusCodes.Status401Unauthorized => "Send an API key: Authorization: Bearer alerts_… (make one with: alerts keys add NAME --role editor).",
        StatusCodes.Status403Forbidden => "This key's role isn't enough for this call: make one with --role admin.",
        _ => null,
    };

    private static string? Misread(Exception? exception) => exception switch
    {
        { InnerException: JsonException { Path: { } path, LineNumber: { } line } } => $"The body isn't the JSON that this call takes: look at {path}, line {line + 1}.",
        { InnerException: JsonException } => "The body isn't the JSON that this call takes.",
        BadHttpRequestException bad => bad.Message,
        _ => null,
    };
}
