using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

internal static class MailingEndpoints
{
    private const int MostAtOnce = 200;

    public static void MapMailings(this IEndpointRouteBuilder routes)
    {
        var mailings = routes.MapGroup("/api/mailings").WithTags("Mailings").RequireAuthorization(Policies.Editor);
        mailings.MapGet("/", Newest);
        mailings.MapGet("/{id:guid}", Get);
        mailings.MapGet("/{id:guid}/deliveries", Deliveries);
        mailings.MapGet("/{id:guid}/replies", Replies);
        mailings.MapGet("/of/{subscriber:guid}", OfSubscriber);
        mailings.MapPost("/{id:guid}/cancel", Cancel).RequireAuthorization(Policies.Admin);
        mailings.MapPost("/{id:guid}/pause", Pause).RequireAuthorization(Policies.Admin);
        mailings.MapPost("/{id:guid}/resume", Resume).RequireAuthorization(Policies.Admin);
        mailings.MapPost("/{id:guid}/resend", SendAgain).RequireAuthorization(Policies.Admin);
    }

    private static async Task<Results<Ok<MailingsView>, ValidationProblem>> Newest(DeliveryDb db, CancellationToken cancellationToken, Guid? after = null, int limit = 50)
    {
        if (LimitProblem(limit) is { } problem)
        {
            return problem;
        }

        var found = await MailingView.NewestAsync(db, db.Mailings, after ?? Guid.Empty, limit + 1, cancellationToken);
        return TypedResults.Ok(found.Count > limit
            ? new MailingsView(found[..limit], $"/api/mailings?after={found[limit - 1].Id}&limit={limit}")
            : new MailingsView(found, null));
    }

    private static async Task<Results<Ok<MailingView>, NotFound>> Get(Guid id, DeliveryDb db, CancellationToken cancellationToken) =>
        await MailingView.FindAsync(db, id, cancellationToken) is { } mailing ? TypedResults.Ok(mailing) : TypedResults.NotFound();

    /// <summary>Calls a mailing off. Calling it off again is allowed and changes nothing.</summary>
    /// <param name="why">For those who wonder later; up to 500 characters.</param>
    private static async Task<Results<Ok<MailingView>, NotFound, ProblemHttpResult>> Cancel(
        Guid id, HttpContext http, DeliveryDb db, WorkSignal work, TimeProvider clock, CancellationToken cancellationToken, string? why = null)
    {
        var decided = await Decisions.CancelAsync(db, id, http.User.Identity?.Name ?? "API", why ?? "", clock.GetUtcNow(), cancellationToken);
        return await Answer(db, id, decided, "It is completed: there is nothing left to call off.", work, cancellationToken);
    }

    /// <summary>Holds a mailing back until it is resumed. Pausing it again changes nothing.</summary>
    private static async Task<Results<Ok<MailingView>, NotFound, ProblemHttpResult>> Pause(
        Guid id, DeliveryDb db, WorkSignal work, TimeProvider clock, CancellationToken cancellationToken) =>
        await Answer(db, id, await Decisions.PauseAsync(db, id, clock.GetUtcNow(), cancellationToken), "It has ended: there is nothing left to hold back.", work, cancellationToken);

    private static async Task<Results<Ok<MailingView>, NotFound, ProblemHttpResult>> Resume(
        Guid id, DeliveryDb db, WorkSignal work, TimeProvider clock, CancellationToken cancellationToken) =>
        await Answer(db, id, await Decisions.ResumeAsync(db, id, clock.GetUtcNow(), cancellationToken), "It has ended, and doesn't go on.", work, cancellationToken);

    /// <summary>Sends it again, as a mailing of its own, to those whose mail ended in a state.</summary>
    private static async Task<Results<Created<MailingView>, NotFound, ValidationProblem, ProblemHttpResult>> SendAgain(
        Guid id, ResendRequest request, DeliveryDb db, WorkSignal work, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!Resend.States.Contains(request.State, StringComparer.OrdinalIgnoreCase))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["state"] = [$"The state is one of {string.Join(", ", Resend.States)}."] });
        }

        if (await MailingView.FindAsync(db, id, cancellationToken) is null)
        {
            return TypedResults.NotFound();
        }

        var made = await Resend.MakeAsync(db, id, request.State, clock.GetUtcNow(), cancellationToken);
        if (made.MailingId is not { } resent)
        {
            return TypedResults.Problem(made.Problem, statusCode: StatusCodes.Status409Conflict);
        }

        work.Wake();
        return TypedResults.Created($"/api/mailings/{resent}", await MailingView.FindAsync(db, resent, cancellationToken));
    }

    private static async Task<Results<Ok<DeliveriesView>, NotFound, ValidationProblem>> Deliveries(
        Guid id,
        HttpContext http,
        DeliveryDb db,
        IAudience audience,
        IAuthorizationService authorization,
        CancellationToken cancellationToken,
        string? state = null,
        Guid? after = null,
        int limit = 50)
    {
        if (LimitProblem(limit) is { } problem)
        {
            return problem;
        }

        DeliveryState? wanted = null;
        if (state is not null)
        {
            if (!Enum.TryParse<DeliveryState>(state, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed) || char.IsDigit(state[0]))
            {
                var words = string.Join(", ", Enum.GetValues<DeliveryState>().Select(s => s.Word()));
                return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["state"] = [$"The state is one of {words}."] });
            }

            wanted = parsed;
        }

        if (!await db.Mailings.AnyAsync(m => m.Id == id, cancellationToken))
        {
            return TypedResults.NotFound();
        }

        var admin = (await authorization.AuthorizeAsync(http.User, Policies.Admin)).Succeeded;
        var found = await DeliveryView.FindAsync(db, audience, id, wanted, after ?? Guid.Empty, limit + 1, admin, cancellationToken);
        var query = new QueryString().Add("after", found.Count > limit ? found[limit - 1].SubscriberId.ToString() : "").Add("limit", $"{limit}");
        query = state is null ? query : query.Add("state", state);
        return TypedResults.Ok(found.Count > limit ? new DeliveriesView(found[..limit], $"/api/mailings/{id}/deliveries{query}") : new DeliveriesView(found, null));
    }

    /// <summary>What relays said about mails they didn't take, the same words together.</summary>
    private static async Task<Results<Ok<RepliesView>, NotFound>> Replies(Guid id, DeliveryDb db, IAudience audience, CancellationToken cancellationToken) =>
        await db.Mailings.AnyAsync(m => m.Id == id, cancellationToken) ? TypedResults.Ok(await RepliesView.FindAsync(db, audience, id, RepliesView.MostCounted, cancellationToken)) : TypedResults.NotFound();

    /// <summary>What a subscriber was sent, the newest first. Of somebody unknown: nothing.</summary>
    private static async Task<Results<Ok<SubscriberDeliveriesView>, ValidationProblem>> OfSubscriber(
        Guid subscriber, HttpContext http, DeliveryDb db, IAuthorizationService authorization, CancellationToken cancellationToken, Guid? after = null, int limit = 50)
    {
        if (LimitProblem(limit) is { } problem)
        {
            return problem;
        }

        var admin = (await authorization.AuthorizeAsync(http.User, Policies.Admin)).Succeeded;
        var found = await SubscriberDeliveryView.FindAsync(db, subscriber, after ?? Guid.Empty, limit + 1, admin, cancellationToken);
        return TypedResults.Ok(found.Count > limit
            ? new SubscriberDeliveriesView(found[..limit], $"/api/mailings/of/{subscriber}?after={found[limit - 1].MailingId}&limit={limit}")
            : new SubscriberDeliveriesView(found, null));
    }

    private static async Task<Results<Ok<MailingView>, NotFound, ProblemHttpResult>> Answer(
        DeliveryDb db, Guid id, bool? decided, string refusal, WorkSignal work, CancellationToken cancellationToken)
    {
        work.Wake();
        return decided switch
        {
            null => TypedResults.NotFound(),
            false => TypedResults.Problem(refusal, statusCode: StatusCodes.Status409Conflict),
            true => TypedResults.Ok(await MailingView.FindAsync(db, id, cancellationToken)),
        };
    }

    private static ValidationProblem? LimitProblem(int limit) => limit is >= 1 and <= MostAtOnce
        ? null
        : TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["limit"] = [$"The limit is from 1 to {MostAtOnce}."] });
}

internal sealed record MailingsView(IReadOnlyList<MailingView> Items, string? Next);

internal sealed record SubscriberDeliveriesView(IReadOnlyList<SubscriberDeliveryView> Items, string? Next);

internal sealed record DeliveriesView(IReadOnlyList<DeliveryView> Items, string? Next);

/// <param name="State">Whose mail to send again: bounced, suppressed, expired or cancelled.</param>
internal sealed record ResendRequest(string State);
