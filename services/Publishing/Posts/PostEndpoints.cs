using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Posts;

internal static class PostEndpoints
{
    /// <summary>Of a request's body, in bytes.</summary>
    private const int MaxRequest = 2 * 1024 * 1024;

    public static void MapPosts(this IEndpointRouteBuilder routes)
    {
        var posts = routes.MapGroup("/api/posts").WithTags("Posts").RequireAuthorization(Policies.Editor).WithMetadata(new RequestSizeLimitAttribute(MaxRequest));
        posts.MapPost("/", Write);
        posts.MapGet("/", List);
        posts.MapGet("/{id:guid}", Get);
        posts.MapPut("/{id:guid}", Change);
        posts.MapDelete("/{id:guid}", Delete);
        posts.MapPost("/{id:guid}/publish", Publish);
    }

    /// <summary>Writes a post: a draft, or published now or later by <c>publishAt</c>.</summary>
    private static async Task<Results<Created<PostView>, ValidationProblem>> Write(
        PostRequest request, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, HttpContext context, PostEditing editing, IOptions<AlertsOptions> site,
        CancellationToken cancellationToken)
    {
        if (idempotencyKey?.Length > 100)
        {
            return TypedResults.ValidationProblem(new Errors { ["Idempotency-Key"] = ["Give at most 100 characters, such as a UUID."] });
        }

        // Keys are each caller's own.
        var requestKey = string.IsNullOrEmpty(idempotencyKey) ? null : $"{idempotencyKey}/{context.User.Identity?.Name}";
        var outcome = await editing.WriteAsync(request, requestKey?[..Math.Min(requestKey.Length, 400)], cancellationToken);
        return outcome.Post is { } post
            ? TypedResults.Created($"/api/posts/{post.Id}", PostView.Of(post, site.Value))
            : TypedResults.ValidationProblem(outcome.Errors!);
    }

    /// <summary>Posts without their texts, the newest first.</summary>
    private static async Task<Results<Ok<Page<PostLine>>, ValidationProblem>> List(
        string? state, string? list, Guid? after, int? limit, PostLines lines, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        PostState? wanted = null;
        if (!string.IsNullOrEmpty(state))
        {
            wanted = Enum.GetValues<PostState>().Cast<PostState?>().FirstOrDefault(s => PostLines.Name(s!.Value) == state);
            if (wanted is null)
            {
                errors.Say("state", "Give draft, scheduled, published or withdrawn, or leave it out.");
            }
        }

        if (limit is < 1 or > PostLines.MaxSize)
        {
            errors.Say("limit", $"Give 1 to {PostLines.MaxSize}.");
        }

        return errors.Count > 0
            ? TypedResults.ValidationProblem(errors)
            : TypedResults.Ok(await lines.PageAsync(wanted, string.IsNullOrEmpty(list) ? null : list, after, limit ?? PostLines.DefaultSize, cancellationToken));
    }

    private static async Task<Results<Ok<PostView>, NotFound>> Get(Guid id, PublishingDb db, IOptions<AlertsOptions> site, CancellationToken cancellationToken) =>
        await db.Posts.FindAsync([id], cancellationToken) is { } post ? TypedResults.Ok(PostView.Of(post, site.Value)) : TypedResults.NotFound();

    /// <summary>Replaces a post that isn't published, or corrects the text of one that is (no second mail).</summary>
    private static async Task<Results<Ok<PostView>, NotFound, ValidationProblem, ProblemHttpResult>> Change(
        Guid id, PostRequest request, PublishingDb db, PostEditing editing, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.ChangeAsync(post, request, cancellationToken);
        return outcome.Errors is { } errors ? TypedResults.ValidationProblem(errors)
            : outcome.Conflict is { } conflict ? Conflict(conflict)
            : TypedResults.Ok(PostView.Of(post, site.Value));
    }

    /// <summary>Withdraws a post that is published, so that nobody gets it any more; deletes one that isn't.</summary>
    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Delete(Guid id, PublishingDb db, PostEditing editing, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.DeleteAsync(post, cancellationToken);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.NoContent();
    }

    /// <summary>Publishes a draft now. Publishing it again is allowed and announces nothing.</summary>
    private static async Task<Results<Ok<PostView>, NotFound, ProblemHttpResult>> Publish(
        Guid id, PublishingDb db, PostEditing editing, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.PublishAsync(post, cancellationToken);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.Ok(PostView.Of(post, site.Value));
    }

    private static ProblemHttpResult Conflict(string why) => TypedResults.Problem(why, statusCode: StatusCodes.Status409Conflict);
}
