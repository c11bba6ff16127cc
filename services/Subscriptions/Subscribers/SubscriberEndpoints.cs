using Alerts.ServiceDefaults.Staff;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.SignUp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Subscribers;

internal static class SubscriberEndpoints
{
    public static void MapSubscribers(this IEndpointRouteBuilder routes)
    {
        var subscribers = routes.MapGroup("/api/subscribers").WithTags("Subscribers").RequireAuthorization(Policies.Admin);
        subscribers.MapGet("/", Find);
        subscribers.MapPost("/", Add);
        subscribers.MapGet("/export", SubscriberExport.Write);
        subscribers.MapGet("/{id:guid}", Get);
        subscribers.MapPatch("/{id:guid}", Change);
        subscribers.MapDelete("/{id:guid}", Erase);
        subscribers.MapGet("/{id:guid}/consent", Consent);
        subscribers.MapPost("/{id:guid}/lift-suppression", LiftSuppression);
        routes.MapGet("/admin/subscribers/export", SubscriberExport.Write).RequireAuthorization(Policies.Admin).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<SubscribersView>, ValidationProblem>> Find(
        SubscriptionsDb db, CancellationToken cancellationToken, string? address = null, string? list = null, string? state = null, string? region = null, Guid? after = null, int limit = Paging.Default)
    {
        if (Paging.Problem(limit) is { } problem)
        {
            return problem;
        }

        if (state is not null && !SubscriberSearch.States.Contains(state))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["state"] = [$"The state is one of {string.Join(", ", SubscriberSearch.States)}."] });
        }

        var filter = new SubscriberFilter(address, list, state, region);
        if (db.WrongIn(filter) is { } wrong)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["address"] = [wrong] });
        }

        var found = await db.FindAsync(filter, after ?? Guid.Empty, limit + 1, cancellationToken);
        var items = found.Take(limit).Select(SubscriberView.Of).ToList();
        var query = filter.Query().Add("after", items.Count > 0 ? items[^1].Id.ToString() : "").Add("limit", $"{limit}");
        return TypedResults.Ok(new SubscribersView(items, found.Count > limit ? $"/api/subscribers{query}" : null));
    }

    private static async Task<Results<Created<SubscriberView>, ValidationProblem, ProblemHttpResult>> Add(
        NewSubscriber asked, HttpContext http, SubscriptionsDb db, SignUps signUps, CancellationToken cancellationToken)
    {
        var problems = asked.Problems();
        if (!EmailAddress.TryRead(asked.Address, out var address, out var wrong))
        {
            problems["address"] = [wrong];
        }

        var regions = await ReadRegionsAsync(db, asked.Regions, problems, cancellationToken);
        var wanted = await ReadAsync(db, asked.Subscriptions, problems, cancellationToken);
        if (asked.Subscriptions.Count == 0)
        {
            problems["subscriptions"] = ["Name at least one list, such as [{\"list\": \"news\", \"frequency\": \"daily\"}]."];
        }

        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        var (added, id) = await signUps.AddAsync(address!, asked with { Regions = regions }, wanted, asked.Confirmed, By(http), cancellationToken);
        return added is null
            ? TypedResults.Problem(
                "There is a subscriber with this address already. Change her with PATCH.", statusCode: StatusCodes.Status409Conflict, extensions: new Dictionary<string, object?> { ["id"] = id })
            : TypedResults.Created($"/api/subscribers/{id}", SubscriberView.Of(added));
    }

    private static async Task<Results<Ok<SubscriberView>, NotFound>> Get(Guid id, SubscriptionsDb db, CancellationToken cancellationToken) =>
        await db.Subscribers.AsNoTracking().Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held)).FirstOrDefaultAsync(s => s.Id == id, cancellationToken)
            is { } subscriber
            ? TypedResults.Ok(SubscriberView.Of(subscriber))
            : TypedResults.NotFound();

    private static async Task<Results<Ok<SubscriberView>, NotFound, ValidationProblem, ProblemHttpResult>> Change(
        Guid id, SubscriberPatch patch, HttpContext http, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var problems = patch.Problems();
        var regions = await ReadRegionsAsync(db, patch.Regions, problems, cancellationToken);
        var wanted = patch.Subscriptions is null ? null : await ReadAsync(db, patch.Subscriptions, problems, cancellationToken);
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }

        await using var change = await AudienceChange.BeginAsync(db, clock, By(http), cancellationToken);
        if (await change.FindAsync(id, cancellationToken) is not { } subscriber)
        {
            return TypedResults.NotFound();
        }

        if (subscriber.State == SubscriberState.Erased)
        {
            return TypedResults.Problem("This subscriber was erased; nothing of her can be changed.", statusCode: StatusCodes.Status409Conflict);
        }

        subscriber.Describe(patch with { Regions = regions }, change);
        if (patch.PausedUntil is { } until)
        {
            subscriber.Pause(until, change);
        }

        if (wanted is not null)
        {
            subscriber.HoldOnly(wanted, change);
        }

        await change.CommitAsync(cancellationToken);
        return TypedResults.Ok(SubscriberView.Of(subscriber));
    }

    /// <summary>Erases. Once more is allowed and changes nothing.</summary>
    private static async Task<Results<NoContent, NotFound>> Erase(Guid id, HttpContext http, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var change = await AudienceChange.BeginAsync(db, clock, By(http), cancellationToken);
        if (await change.FindAsync(id, cancellationToken) is not { } subscriber)
        {
            return TypedResults.NotFound();
        }

        await db.EraseAsync([subscriber], change, cancellationToken);
        await change.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>What she agreed to and took back, the newest first: at most 1,000 lines. Of one who was erased: that.</summary>
    private static async Task<Results<Ok<IEnumerable<ConsentView>>, NotFound>> Consent(Guid id, SubscriptionsDb db, CancellationToken cancellationToken) =>
        await db.Subscribers.AnyAsync(s => s.Id == id, cancellationToken)
            ? TypedResults.Ok((await db.Consents.OfAsync(id, 1_000, cancellationToken)).Select(ConsentView.Of))
            : TypedResults.NotFound();

    /// <summary>Mail to her again, after her address was mended. Where nothing is suppressed it changes nothing.</summary>
    private static async Task<Results<Ok<SubscriberView>, NotFound>> LiftSuppression(Guid id, HttpContext http, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var change = await AudienceChange.BeginAsync(db, clock, By(http), cancellationToken);
        if (await change.FindAsync(id, cancellationToken) is not { } subscriber)
        {
            return TypedResults.NotFound();
        }

        subscriber.LiftSuppression(change);
        await change.CommitAsync(cancellationToken);
        return TypedResults.Ok(SubscriberView.Of(subscriber));
    }

    private static ConsentSource By(HttpContext http) => new(ConsentMeans.Api, http.User.Identity?.Name);

    private static async Task<IReadOnlyList<string>?> ReadRegionsAsync(SubscriptionsDb db, IReadOnlyList<string>? asked, Dictionary<string, string[]> problems, CancellationToken cancellationToken)
    {
        if (asked is null || problems.ContainsKey("regions"))
        {
            return null;
        }

        var regions = (await KnownRegions.LoadAsync(db, cancellationToken)).Read(asked, out var unknown);
        if (unknown is not null)
        {
            problems["regions"] = [$"There is no region '{unknown}'. See GET /api/regions for those there are."];
        }

        return regions;
    }

    private static async Task<List<Wanted>> ReadAsync(
        SubscriptionsDb db, IReadOnlyList<SubscriptionView> asked, Dictionary<string, string[]> problems, CancellationToken cancellationToken)
    {
        if (asked.Count > 200)
        {
            problems["subscriptions"] = ["At most 200 lists at once."];
            return [];
        }

        var slugs = asked.Select(s => s.List).ToList();
        var known = await db.Lists.Where(l => slugs.Contains(l.Slug)).Select(l => l.Slug).ToHashSetAsync(cancellationToken);
        return SubscriptionView.Read(asked, known, problems);
    }
}
