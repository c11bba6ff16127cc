using Alerts.Contracts;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Links;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Editor;

/// <summary>What the composer's script shows of the mail after each pause in typing.</summary>
/// <param name="Subject">As the inbox shows it.</param>
/// <param name="Others">Who else is at the post, in words; empty: nobody.</param>
public sealed record PreviewView(
    string Subject, string Text, IReadOnlyList<PreviewedHeader> Headers, int Bytes, int HtmlBytes, IReadOnlyList<Check> Checks, string Others, int SavedChange);

/// <summary>What was pasted, cleaned; null where it is made to exhaust whoever reads it.</summary>
public sealed record PastedView(string? Html);

/// <summary>The links of a post, followed.</summary>
public sealed record CheckedLinksView(IReadOnlyList<CheckedLink> Links);

/// <summary>What the composer's script asks while an editor writes. Forms with their token; nothing here publishes.</summary>
internal static class ComposerEndpoints
{
    /// <summary>Of what is typed, in bytes: letters beyond ASCII take nine in a form.</summary>
    private const int MaxForm = 24 * 1024 * 1024;

    /// <summary>Of what is pasted, in bytes.</summary>
    private const int MaxPasted = 8 * 1024 * 1024;

    /// <summary>As the mailbox has it: no script, no request but for images, nothing that could reach our own pages.</summary>
    private const string MailPolicy =
        "default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

    private const string DarkQuery = "@media (prefers-color-scheme: dark)";

    public static void MapComposer(this IEndpointRouteBuilder routes)
    {
        var editor = routes.MapGroup("/editor").RequireAuthorization(Policies.Editor).ExcludeFromDescription().AddEndpointFilter(CheckTokenAsync).WithMetadata(new UnrecordedAttribute());
        editor.MapPost("/posts/{id:guid}/copy", Keep).WithMetadata(new RequestSizeLimitAttribute(MaxForm), Large(MaxForm));
        editor.MapGet("/posts/{id:guid}/mail", Mail);
        editor.MapPost("/posts/{id:guid}/links", Links);
        editor.MapPost("/paste", Paste).WithMetadata(new RequestSizeLimitAttribute(MaxPasted), Large(MaxPasted));
        editor.MapGet("/posts/new", () => TypedResults.LocalRedirect($"/editor/posts/{Guid.CreateVersion7()}?new=1"));
    }

    /// <summary>What is sent comes from a page of ours.</summary>
    private static async ValueTask<object?> CheckTokenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return HttpMethods.IsPost(http.Request.Method) && !await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http)
            ? TypedResults.Problem("The page has been open for too long, or this didn't come from it: load it again.", statusCode: StatusCodes.Status400BadRequest)
            : await next(context);
    }

    private static RequestFormLimitsAttribute Large(int most) => new() { ValueLengthLimit = most, KeyLengthLimit = 2_000, ValueCountLimit = 1_000, BufferBodyLengthLimit = most };

    /// <summary>Keeps what is typed and answers what the mail would be.</summary>
    private static async Task<Results<Ok<PreviewView>, ValidationProblem>> Keep(
        Guid id, HttpContext context, Composer composer, MailPreview preview, ShownMails shown, IAudience audience, PublishingDb db, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        var form = ComposerForm.Read(await context.Request.ReadFormAsync(cancellationToken));
        if (form.Text.Body.Length > Composer.MaxTyped)
        {
            return TypedResults.ValidationProblem(new Errors { ["body"] = [FormattableString.Invariant($"The text has {form.Text.Body.Length:N0} characters: it is too long to be kept. At most {Post.MaxBody:N0} can be sent.")] });
        }

        var editor = Name(context);
        await composer.KeepAsync(id, editor, form, cancellationToken);
        var mail = await preview.OfAsync(id, form.Text, editor, cancellationToken);
        shown.Remember(id, editor, form.Text, mail.Html);
        var known = await audience.ListsAsync(form.Text.Lists, cancellationToken);
        var checks = Checklist.Of(form.Text, mail, [.. form.Text.Lists.Except(known.Select(list => list.Slug))], site.Value);
        var others = await composer.OthersAsync(id, editor, cancellationToken);
        var saved = await db.Posts.FindAsync([id], cancellationToken);
        return TypedResults.Ok(new PreviewView(mail.Subject, mail.Text, mail.Headers, mail.Bytes, mail.HtmlBytes, checks, string.Join(", ", others.Select(other => other.Editor)), saved?.Change ?? 0));
    }

    /// <summary>The HTML part of the mail as it stands in the composer, for a frame.</summary>
    /// <param name="mode">light, dark, or by the reader's own choice.</param>
    private static async Task<Results<ContentHttpResult, NotFound>> Mail(
        Guid id, string? mode, HttpContext context, Composer composer, MailPreview preview, ShownMails shown, CancellationToken cancellationToken)
    {
        var editor = Name(context);
        context.Response.Headers.ContentSecurityPolicy = MailPolicy;
        context.Response.Headers.CacheControl = "no-store";
        var text = (await composer.OpenAsync(id, editor, cancellationToken))?.Text ?? PostText.Empty;
        var html = shown.Find(id, editor, text) ?? (await preview.OfAsync(id, text, editor, cancellationToken)).Html;
        html = mode switch
        {
            "dark" => html.Replace(DarkQuery, "@media all", StringComparison.Ordinal),
            "light" => html.Replace(DarkQuery, "@media not all", StringComparison.Ordinal),
            _ => html,
        };
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }

    /// <summary>Follows the links of what stands in the composer.</summary>
    private static async Task<Ok<CheckedLinksView>> Links(Guid id, HttpContext context, Composer composer, MailPreview preview, LinkCheck links, CancellationToken cancellationToken)
    {
        var editor = Name(context);
        var text = (await composer.OpenAsync(id, editor, cancellationToken))?.Text ?? PostText.Empty;
        var mail = await preview.OfAsync(id, text, editor, cancellationToken);
        return TypedResults.Ok(new CheckedLinksView(mail.Content is { } content ? await links.CheckAsync(content.Html, cancellationToken) : []));
    }

    /// <summary>Cleans what was pasted from a word processor or a web page: text, links, lists, tables and pictures by address stay.</summary>
    private static async Task<Ok<PastedView>> Paste(HttpContext context, CancellationToken cancellationToken)
    {
        var html = (await context.Request.ReadFormAsync(cancellationToken))["html"].ToString();
        return TypedResults.Ok(new PastedView(await Task.Run(() => EntryHtml.Clean(html, null)?.Html, cancellationToken)));
    }

    private static string Name(HttpContext context) => context.User.Identity?.Name ?? "";
}
