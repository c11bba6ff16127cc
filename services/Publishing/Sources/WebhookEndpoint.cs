using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Sources;

/// <summary>
/// Takes posts from a site that calls when it publishes, such as WordPress with a plug-in for webhooks or by its REST API's shape. The same entry again is an edit of the same
/// post; one put in the trash is withdrawn.
/// </summary>
internal static class WebhookEndpoint
{
    private const int MaxRequest = 2 * 1024 * 1024;

    /// <summary>Of an id elsewhere, in characters.</summary>
    private const int MaxEntry = 2_000;

    /// <summary>Longer ones are remembered by their hash.</summary>
    private const int MaxKept = 140;

    /// <summary>Where sites put things: WordPress' REST API, its plug-ins for webhooks, and plain names.</summary>
    private static readonly string[] Titles = ["title.rendered", "title", "post_title", "post.post_title", "post.title"];
    private static readonly string[] Bodies = ["content.rendered", "content", "post_content", "post.post_content", "post.content", "html", "body"];
    private static readonly string[] Summaries = ["excerpt.rendered", "excerpt", "post_excerpt", "post.post_excerpt", "summary"];
    private static readonly string[] Links = ["link", "post_permalink", "permalink", "post.permalink", "post.link", "url"];
    private static readonly string[] Entries = ["id", "ID", "post_id", "post.ID", "post.id"];
    private static readonly string[] States = ["status", "post_status", "post.post_status", "post.status"];

    public static void MapWebhook(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/hooks/posts", Take).WithTags("Posts").RequireAuthorization(Policies.Editor).WithMetadata(new RequestSizeLimitAttribute(MaxRequest));

    /// <summary>
    /// Takes a post from another site: JSON as WordPress has it, or with <c>id</c>, <c>title</c>, <c>content</c> (HTML), <c>link</c> and <c>status</c>. <c>list</c> says where to, as often as
    /// needed; <c>publish=true</c> publishes it at once, where its status is <c>publish</c>; else it is a draft. The same <c>id</c> (or link) again changes the same post.
    /// </summary>
    private static async Task<Results<Ok<PostView>, NoContent, ValidationProblem, ProblemHttpResult>> Take(
        [FromBody] JsonElement body, [FromQuery] string[] list, bool? publish, HttpContext context, PublishingDb db, PostEditing editing, TimeProvider clock, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        var link = Find(body, Links);
        var entry = Find(body, Entries) ?? link;
        if (entry is not { Length: > 0 and <= MaxEntry })
        {
            return TypedResults.ValidationProblem(new Errors { ["id"] = [$"Give what tells the entry from others, its id or link, in at most {MaxEntry} characters."] });
        }

        var who = context.User.Identity?.Name ?? "";
        var key = $"hook/{who}/{(entry.Length <= MaxKept ? entry : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(entry))))}";
        var state = Find(body, States) ?? "publish";
        var known = await db.Posts.SingleOrDefaultAsync(p => p.RequestKey == key, cancellationToken);
        if (state is "trash" or "private" or "deleted")
        {
            if (known is not null)
            {
                await editing.DeleteAsync(known, cancellationToken);
            }

            return TypedResults.NoContent();
        }

        var request = new PostRequest
        {
            Title = PlainText.Title(Find(body, Titles), isHtml: true),
            Html = Find(body, Bodies),
            Summary = Find(body, Summaries) is { Length: > 0 } summary && EntryHtml.Clean(summary, null) is { Text.Length: > 0 } clean ? PlainText.Cut(clean.Text, Post.MaxSummary) : null,
            Link = link,
            Lists = known?.ReleasedAt is not null ? known.Lists : list,
            Urgent = known?.Urgent ?? false,
            PublishAt = publish == true && state == "publish" ? clock.GetUtcNow() : known?.PublishAt,
            Zone = known?.Zone,
        };
        var outcome = known is null
            ? await editing.WriteAsync(request, key, cancellationToken, who)
            : await editing.ChangeAsync(known, request, cancellationToken, who);
        return outcome.Errors is { } errors ? TypedResults.ValidationProblem(errors)
            : outcome.Conflict is { } conflict ? TypedResults.Problem(conflict, statusCode: StatusCodes.Status409Conflict)
            : TypedResults.Ok(PostView.Of(outcome.Post!, site.Value));
    }

    /// <summary>The first of these that is there, as text.</summary>
    private static string? Find(JsonElement body, string[] paths)
    {
        foreach (var path in paths)
        {
            var at = body;
            var isThere = true;
            foreach (var name in path.Split('.'))
            {
                isThere = isThere && at.ValueKind is JsonValueKind.Object && at.TryGetProperty(name, out at);
            }

            if (isThere && (at.ValueKind is JsonValueKind.String or JsonValueKind.Number))
            {
                return at.ValueKind is JsonValueKind.Number ? at.GetRawText() : at.GetString();
            }
        }

        return null;
    }
}
