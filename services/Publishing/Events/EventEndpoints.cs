using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Events;

/// <summary>Why an event is called off.</summary>
/// <param name="Reason">For its readers, at most 1,000 characters; may be left out.</param>
public sealed record EventCancellation(string? Reason);

internal static class EventEndpoints
{
    /// <summary>Of a request's body, in bytes.</summary>
    private const int MaxRequest = 2 * 1024 * 1024;

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup("/api/events").WithTags("Events").RequireAuthorization(Policies.Editor).WithMetadata(new RequestSizeLimitAttribute(MaxRequest));
        events.MapPost("/", Write);
        events.MapGet("/", List);
        events.MapGet("/{id:guid}", Get);
        events.MapPut("/{id:guid}", Change);
        events.MapDelete("/{id:guid}", Delete);
        events.MapPost("/{id:guid}/publish", Announce);
        events.MapPost("/{id:guid}/cancel", Cancel);
    }

    /// <summary>Writes an event: a draft, or announced now or later by <c>publishAt</c>.</summary>
    private static async Task<Results<Created<EventView>, ValidationProblem>> Write(
        EventRequest request, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, HttpContext context, EventEditing editing, [AsParameters] Shown shown,
        CancellationToken cancellationToken)
    {
        if (idempotencyKey?.Length > 100)
        {
            return TypedResults.ValidationProblem(new Errors { ["Idempotency-Key"] = ["Give at most 100 characters, such as a UUID."] });
        }

        // Keys are each caller's own.
        var requestKey = string.IsNullOrEmpty(idempotencyKey) ? null : $"{idempotencyKey}/{context.User.Identity?.Name}";
        var outcome = await editing.WriteAsync(request, requestKey?[..Math.Min(requestKey.Length, 400)], cancellationToken);
        return outcome.Event is { } written
            ? TypedResults.Created($"/api/events/{written.Id}", await shown.ViewAsync(written, outcome, cancellationToken))
            : TypedResults.ValidationProblem(outcome.Errors!);
    }

    /// <summary>Events without their descriptions, the newest first.</summary>
    private static async Task<Results<Ok<Page<EventLine>>, ValidationProblem>> List(
        string? state, string? list, Guid? after, int? limit, EventLines lines, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        state = string.IsNullOrEmpty(state) ? null : state;
        if (state is not null && !EventLines.States.Contains(state))
        {
            errors.Say("state", "Give draft, scheduled, announced, cancelled or over, or leave it out.");
        }

        if (limit is < 1 or > EventLines.MaxSize)
        {
            errors.Say("limit", $"Give 1 to {EventLines.MaxSize}.");
        }

        return errors.Count > 0
            ? TypedResults.ValidationProblem(errors)
            : TypedResults.Ok(await lines.PageAsync(state, string.IsNullOrEmpty(list) ? null : list, after, limit ?? EventLines.DefaultSize, cancellationToken));
    }

    private static async Task<Results<Ok<EventView>, NotFound>> Get(Guid id, [AsParameters] Shown shown, CancellationToken cancellationToken) =>
        await shown.Db.Events.FindAsync([id], cancellationToken) is { } found ? TypedResults.Ok(await shown.ViewAsync(found, null, cancellationToken)) : TypedResults.NotFound();

    /// <summary>Replaces an event. Readers who were told of it hear what has changed, unless it is <c>quiet</c>.</summary>
    private static Task<Results<Ok<EventView>, NotFound, ValidationProblem, ProblemHttpResult>> Change(
        Guid id, EventRequest request, EventEditing editing, [AsParameters] Shown shown, CancellationToken cancellationToken) =>
        Do(id, shown, each => editing.ChangeAsync(each, request, cancellationToken), cancellationToken);

    /// <summary>Announces an event now. Announcing it again is allowed and tells nobody.</summary>
    private static Task<Results<Ok<EventView>, NotFound, ValidationProblem, ProblemHttpResult>> Announce(
        Guid id, EventEditing editing, [AsParameters] Shown shown, CancellationToken cancellationToken) =>
        Do(id, shown, each => editing.AnnounceAsync(each, cancellationToken), cancellationToken);

    /// <summary>Calls an announced event off and tells those who know of it. Cancelling it again is allowed and tells nobody.</summary>
    private static Task<Results<Ok<EventView>, NotFound, ValidationProblem, ProblemHttpResult>> Cancel(
        Guid id, EventCancellation? cancellation, EventEditing editing, [AsParameters] Shown shown, CancellationToken cancellationToken) =>
        Do(id, shown, each => editing.CancelAsync(each, cancellation?.Reason, cancellationToken), cancellationToken);

    /// <summary>Deletes an event that wasn't announced.</summary>
    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Delete(Guid id, PublishingDb db, EventEditing editing, CancellationToken cancellationToken)
    {
        if (await db.Events.FindAsync([id], cancellationToken) is not { } found)
        {
            return TypedResults.NotFound();
        }

        var outcome = await editing.DeleteAsync(found, cancellationToken);
        return outcome.Conflict is { } conflict ? Conflict(conflict) : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<EventView>, NotFound, ValidationProblem, ProblemHttpResult>> Do(
        Guid id, Shown shown, Func<Event, Task<EventOutcome>> act, CancellationToken cancellationToken)
    {
        if (await shown.Db.Events.FindAsync([id], cancellationToken) is not { } found)
        {
            return TypedResults.NotFound();
        }

        var outcome = await act(found);
        return outcome.Errors is { } errors ? TypedResults.ValidationProblem(errors)
            : outcome.Conflict is { } conflict ? Conflict(conflict)
            : TypedResults.Ok(await shown.ViewAsync(outcome.Event!, outcome, cancellationToken));
    }

    private static ProblemHttpResult Conflict(string why) => TypedResults.Problem(why, statusCode: StatusCodes.Status409Conflict);

    /// <summary>What it takes to show an event.</summary>
    internal sealed record Shown(PublishingDb Db, TimeProvider Clock, IOptions<AlertsOptions> Site)
    {
        public async Task<EventView> ViewAsync(Event shown, EventOutcome? outcome, CancellationToken cancellationToken) =>
            EventView.Of(shown, await Db.EventAnswers.FindAsync([shown.Id], cancellationToken), outcome, Site.Value, Clock.GetUtcNow());
    }
}
