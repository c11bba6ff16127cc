using System.Text;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MimeKit;

namespace Alerts.Delivery.Mailbox;

/// <summary>What a mail in the local mailbox consists of, for the browser.</summary>
internal static class MailboxEndpoints
{
    /// <summary>No script, no request but for images, nothing that could reach our own pages; links open in a window of their own.</summary>
    private const string Policy =
        "default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

    public static void MapMailbox(this IEndpointRouteBuilder routes)
    {
        var mails = routes.MapGroup("/mailbox/{id}").RequireAuthorization(Policies.Admin).ExcludeFromDescription();
        mails.MapGet("/html", Html);
        mails.MapGet("/source", Source);
        mails.MapGet("/attachments/{number:int}", Attachment);
    }

    private static async Task<Results<ContentHttpResult, NotFound>> Html(string id, LocalMailbox mailbox, HttpResponse response, CancellationToken cancellationToken)
    {
        if (mailbox.Find(id) is not { } file || (await MimeMessage.LoadAsync(file.FullName, cancellationToken)).HtmlBody is not { } html)
        {
            return TypedResults.NotFound();
        }

        response.Headers.ContentSecurityPolicy = Policy;

        // Links would load inside the frame, where our pages refuse to be.
        return TypedResults.Content(WithBase(html), "text/html; charset=utf-8");
    }

    private static Results<PhysicalFileHttpResult, NotFound> Source(string id, LocalMailbox mailbox) =>
        mailbox.Find(id) is { } file ? TypedResults.PhysicalFile(file.FullName, "text/plain; charset=utf-8") : TypedResults.NotFound();

    private static async Task<Results<FileContentHttpResult, NotFound>> Attachment(string id, int number, LocalMailbox mailbox, CancellationToken cancellationToken)
    {
        if (mailbox.Find(id) is not { } file
            || (await MimeMessage.LoadAsync(file.FullName, cancellationToken)).Attachments.OfType<MimePart>().ElementAtOrDefault(number) is not { Content: { } content } part)
        {
            return TypedResults.NotFound();
        }

        using var decoded = new MemoryStream();
        await content.DecodeToAsync(decoded, cancellationToken);
        return TypedResults.File(decoded.ToArray(), "application/octet-stream", part.FileName ?? "attachment");
    }

    private static string WithBase(string html)
    {
        var head = html.IndexOf("<head", StringComparison.OrdinalIgnoreCase);
        var end = head < 0 ? -1 : html.IndexOf('>', head);
        return new StringBuilder(html).Insert(end + 1, "<base target=\"_blank\">").ToString();
    }
}
