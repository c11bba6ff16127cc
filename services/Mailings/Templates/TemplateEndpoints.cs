using System.Net;
using Alerts.Mailings.Layout;
using Alerts.ServiceDefaults.Staff;
using Alerts.ServiceDefaults.Templates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Mailings.Templates;

/// <summary>A template printed with sample data, for the frame on its page.</summary>
public static class TemplateEndpoints
{
    /// <summary>No script, no form, nothing that could reach our own pages.</summary>
    private const string Policy = "default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

    /// <summary>Where mails are made; elsewhere it maps nothing.</summary>
    public static void MapTemplates(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        if (routes.ServiceProvider.GetService<MailTemplates>() is null)
        {
            return;
        }

        var previews = routes.MapGroup("/admin/templates/{name}/preview").RequireAuthorization(Policies.Admin).ExcludeFromDescription();
        previews.MapGet("/", Holding);
        previews.MapPost("/", Tried);
    }

    /// <param name="list">In whose look; absent: in that of all.</param>
    private static async Task<IResult> Holding(
        string name, HttpResponse response, StaffDb db, MailTemplates templates, WrittenTemplates written, IEnumerable<TemplateAssembly> assemblies, CancellationToken cancellationToken, string? list = null)
    {
        if (TemplateFile.All(assemblies).SingleOrDefault(f => f.Name == name) is not { } file)
        {
            return TypedResults.NotFound();
        }

        var latest = await db.Templates.AsNoTracking().Where(t => t.Name == name).OrderByDescending(t => t.Version).FirstOrDefaultAsync(cancellationToken);
        var theme = (await written.CurrentAsync(cancellationToken)).ThemeOf(list is null ? [] : [list]);
        return await Printed(file, latest?.Source ?? file.BuiltIn(), theme, response, templates, cancellationToken);
    }

    private static async Task<IResult> Tried(
        string name, [FromForm(Name = "Source")] string? source, HttpResponse response, MailTemplates templates, WrittenTemplates written, IEnumerable<TemplateAssembly> assemblies, CancellationToken cancellationToken) =>
        TemplateFile.All(assemblies).SingleOrDefault(f => f.Name == name) is { } file
            ? await Printed(file, (source ?? "").ReplaceLineEndings("\n"), (await written.CurrentAsync(cancellationToken)).ThemeOf(null), response, templates, cancellationToken)
            : TypedResults.NotFound();

    private static async Task<IResult> Printed(TemplateFile file, string source, MailTheme? theme, HttpResponse response, MailTemplates templates, CancellationToken cancellationToken)
    {
        var (printed, problem) = await templates.TryAsync(file, source, theme, cancellationToken);
        response.Headers.ContentSecurityPolicy = Policy;
        var html = printed is null || problem is not null ? Page($"<p style=\"color:#9c1f2e;font-weight:600\">{WebUtility.HtmlEncode(problem?.ToString())}</p>")
            : file.Part == "html" ? printed
            : Page($"<pre style=\"white-space:pre-wrap;font:14px/1.5 monospace\">{WebUtility.HtmlEncode(printed)}</pre>");
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }

    private static string Page(string body) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Preview</title></head><body style=\"font-family:sans-serif;margin:16px;color:#1b1f24;background:#fff\">{body}</body></html>";
}
