using Alerts.Contracts;
using Alerts.Publishing.Calendar;
using Alerts.Publishing.Editor;
using Alerts.Publishing.Readership;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Posts;

/// <summary>When a post is to be published.</summary>
/// <param name="At">A local time, such as 2026-11-21T13:00.</param>
/// <param name="Zone">An IANA zone, such as America/New_York.</param>
public sealed record ScheduleRequest(string? At, string? Zone);

/// <summary>A post as somebody saved it.</summary>
public sealed record VersionView(Guid Id, DateTimeOffset At, string Who, PostText Text);

/// <summary>The mail that a post would be.</summary>
/// <param name="Bytes">Without the signature that is added when it is sent.</param>
public sealed record MailView(string Subject, string Html, string Text, IReadOnlyList<PreviewedHeader> Headers, int Bytes, IReadOnlyList<Check> Checks);

internal static class PostEndpoints
{
    private const int VersionsAtOnce = 20;

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
        posts.MapPost("/{id:guid}/schedule", Schedule);
        posts.MapDelete("/{id:guid}/schedule", Unschedule);
        posts.MapPost("/{id:guid}/approve", Approve);
        posts.MapGet("/{id:guid}/versions", Versions);
        posts.MapGet("/{id:guid}/preview", Preview);
        posts.MapGet("/reach", Reach);
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
        var outcome = await editing.WriteAsync(request, requestKey?[..Math.Min(requestKey.Length, 400)], cancellationToken, Name(context));
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

    /// <summary>Replaces a post that isn't published, or corrects the text of one that is: with <c>correctionMail</c> those who got it at once get a mail, else nobody does.</summary>
    private static async Task<Results<Ok<PostView>, NotFound, ValidationProblem, ProblemHttpResult>> Change(
        Guid id, PostRequest request, HttpContext context, PublishingDb db, PostEditing editing, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.ChangeAsync(post, request, cancellationToken, Name(context));
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

    /// <summary>
    /// Publishes a draft now. Publishing it again is allowed and announces nothing. With <c>undo</c> it waits so long first (ISO 8601, at most PT1H). Where a second pair of eyes is
    /// wanted it stays a draft, and <c>asked</c> says so.
    /// </summary>
    private static async Task<Results<Ok<PostView>, NotFound, ValidationProblem, ProblemHttpResult>> Publish(
        Guid id, string? undo, HttpContext context, PublishingDb db, PostEditing editing, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        TimeSpan? wait = null;
        if (undo is { Length: > 0 } && (wait = Duration.Parse(undo, TimeSpan.Zero, TimeSpan.FromHours(1))) is null)
        {
            return TypedResults.ValidationProblem(new Errors { ["undo"] = ["Give a duration of at most an hour, such as PT30S."] });
        }

        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.PublishAsync(post, cancellationToken, Name(context), wait);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.Ok(PostView.Of(outcome.Post!, site.Value));
    }

    /// <summary>Sets when a post that isn't published is: a local time (<c>2026-11-21T13:00</c>) in a zone, which must exist there and be to come.</summary>
    private static async Task<Results<Ok<PostView>, NotFound, ValidationProblem, ProblemHttpResult>> Schedule(
        Guid id, ScheduleRequest request, HttpContext context, PublishingDb db, PostEditing editing, TimeProvider clock, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var (at, why) = LocalTime.Read(request.At, request.Zone);
        why ??= at <= clock.GetUtcNow() ? "This time has passed: give one that is to come." : null;
        if (why is not null)
        {
            return TypedResults.ValidationProblem(new Errors { [LocalTime.IsZone(request.Zone) ? "at" : "zone"] = [why] });
        }

        var outcome = await editing.ScheduleAsync(post, at, request.Zone, Name(context), cancellationToken);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.Ok(PostView.Of(post, site.Value));
    }

    /// <summary>Keeps a scheduled post back: it is a draft again. So is undone what was published with <c>undo</c>, until it leaves.</summary>
    private static async Task<Results<Ok<PostView>, NotFound, ProblemHttpResult>> Unschedule(
        Guid id, HttpContext context, PublishingDb db, PostEditing editing, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.ScheduleAsync(post, null, null, Name(context), cancellationToken);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.Ok(PostView.Of(post, site.Value));
    }

    /// <summary>Lets an urgent post out that waits for a second pair of eyes. Another than who asked; never a program.</summary>
    private static async Task<Results<Ok<PostView>, NotFound, ProblemHttpResult>> Approve(
        Guid id, HttpContext context, PublishingDb db, PostEditing editing, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        if (context.Request.Headers.Authorization.Count > 0)
        {
            return Conflict("A key has no eyes: somebody of the staff must look at it, at /editor.");
        }

        var outcome = await editing.ApproveAsync(post, Name(context), cancellationToken);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.Ok(PostView.Of(post, site.Value));
    }

    /// <summary>The post as it was saved before, the newest first.</summary>
    private static async Task<Results<Ok<Page<VersionView>>, NotFound>> Versions(Guid id, Guid? after, PublishingDb db, CancellationToken cancellationToken)
    {
        if (!await db.Posts.AnyAsync(p => p.Id == id, cancellationToken))
        {
            return TypedResults.NotFound();
        }

        var versions = db.PostVersions.AsNoTracking().Where(v => v.PostId == id);
        versions = after is null ? versions : versions.Where(v => v.Id < after);
        var page = await versions.OrderByDescending(v => v.Id).Take(VersionsAtOnce + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<VersionView>(
            [.. page.Take(VersionsAtOnce).Select(v => new VersionView(v.Id, v.At, v.Who, v.Text))], page.Count > VersionsAtOnce ? page[VersionsAtOnce - 1].Id : null));
    }

    /// <summary>The mail that the post would be, and what to look at before it goes out.</summary>
    private static async Task<Results<Ok<MailView>, NotFound>> Preview(
        Guid id, HttpContext context, PublishingDb db, MailPreview preview, IAudience audience, IOptions<AlertsOptions> site, CancellationToken cancellationToken)
    {
        if (await db.Posts.FindAsync([id], cancellationToken) is not { } post)
        {
            return TypedResults.NotFound();
        }

        var text = PostText.Of(post);
        var mail = await preview.OfAsync(id, text, Name(context), cancellationToken);
        var known = await audience.ListsAsync(post.Lists, cancellationToken);
        return TypedResults.Ok(new MailView(
            mail.Subject, mail.Html, mail.Text, mail.Headers, mail.Bytes, [.. Checklist.Of(text, mail, [.. post.Lists.Except(known.Select(list => list.Slug))], site.Value)]));
    }

    /// <summary>How many readers a post to these lists would reach now, and how long sending takes.</summary>
    private static async Task<Results<Ok<PostReach>, ValidationProblem>> Reach([FromQuery] string[] list, bool? urgent, ReachEstimate estimate, IAudience audience, CancellationToken cancellationToken)
    {
        var lists = KnownLists.Tidy(list);
        var wrong = lists.Count is 0 or > Post.MaxLists ? $"Name 1 to {Post.MaxLists} lists, such as ?list=news&list=urgent." : await audience.UnknownAsync(lists, cancellationToken);
        return wrong is not null ? TypedResults.ValidationProblem(new Errors { ["list"] = [wrong] }) : TypedResults.Ok(await estimate.OfAsync(lists, urgent == true, cancellationToken));
    }

    private static string Name(HttpContext context) => context.User.Identity?.Name ?? "";

    private static ProblemHttpResult Conflict(string why) => TypedResults.Problem(why, statusCode: StatusCodes.Status409Conflict);
}
