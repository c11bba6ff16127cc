using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Regions;

/// <summary>A region as the API shows it.</summary>
/// <param name="Parent">The slug of the region it lies in.</param>
/// <param name="Removed">It can no longer be chosen.</param>
public sealed record RegionView(string Slug, string Name, string? Parent, bool Removed)
{
    internal static RegionView Of(Region region) => new(region.Slug, region.Name, region.Parent, region.RemovedAt is not null);
}

/// <summary>A page of regions, and the path of the next one.</summary>
public sealed record RegionsView(IReadOnlyList<RegionView> Items, string? Next);

internal static class RegionEndpoints
{
    public static void MapRegions(this IEndpointRouteBuilder routes)
    {
        var regions = routes.MapGroup("/api/regions").WithTags("Regions");
        regions.MapGet("/", All).RequireAuthorization(Policies.Editor);
        regions.MapGet("/{slug}", Get).RequireAuthorization(Policies.Editor);
        regions.MapPost("/", Add).RequireAuthorization(Policies.Admin);
        regions.MapPatch("/{slug}", Change).RequireAuthorization(Policies.Admin);
        regions.MapDelete("/{slug}", Remove).RequireAuthorization(Policies.Admin);
    }

    private static async Task<Results<Ok<RegionsView>, ValidationProblem>> All(SubscriptionsDb db, CancellationToken cancellationToken, string? after = null, int limit = Paging.Default)
    {
        if (Paging.Problem(limit) is { } problem)
        {
            return problem;
        }

        var from = after ?? "";
        var regions = await db.Regions.AsNoTracking().Where(r => r.Slug.CompareTo(from) > 0).OrderBy(r => r.Slug).Take(limit + 1).ToListAsync(cancellationToken);
        var items = regions.Take(limit).Select(RegionView.Of).ToList();
        return TypedResults.Ok(new RegionsView(items, regions.Count > limit ? $"/api/regions?after={items[^1].Slug}&limit={limit}" : null));
    }

    private static async Task<Results<Ok<RegionView>, NotFound>> Get(string slug, SubscriptionsDb db, CancellationToken cancellationToken) =>
        await db.Regions.FindAsync([slug], cancellationToken) is { } region ? TypedResults.Ok(RegionView.Of(region)) : TypedResults.NotFound();

    /// <summary>Adds a region, or brings back one that was removed.</summary>
    private static async Task<Results<Created<RegionView>, ValidationProblem, ProblemHttpResult>> Add(NewRegion region, SubscriptionsDb db, CancellationToken cancellationToken)
    {
        if (region.Problems(await KnownRegions.LoadAsync(db, cancellationToken)) is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        return await db.AddRegionAsync(region, cancellationToken) is { } added
            ? TypedResults.Created($"/api/regions/{added.Slug}", RegionView.Of(added))
            : TypedResults.Problem($"There is a region {region.Slug} already. Choose another slug, or change that one with PATCH.", statusCode: StatusCodes.Status409Conflict);
    }

    /// <summary>Changes what is given. The slug stays for ever.</summary>
    private static async Task<Results<Ok<RegionView>, NotFound, ValidationProblem>> Change(string slug, NewRegion to, SubscriptionsDb db, CancellationToken cancellationToken)
    {
        if (await db.Regions.FindAsync([slug], cancellationToken) is not { } region)
        {
            return TypedResults.NotFound();
        }

        if (to.Problems(await KnownRegions.LoadAsync(db, cancellationToken), region.Slug) is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        await db.ChangeRegionAsync(region, to, cancellationToken);
        return TypedResults.Ok(RegionView.Of(region));
    }

    /// <summary>It can no longer be chosen. Readers and events that name it keep it, and it lies where it lay. Once more is allowed and changes nothing.</summary>
    private static async Task<Results<NoContent, NotFound>> Remove(string slug, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken) =>
        await db.RemoveRegionAsync(slug, clock.GetUtcNow(), cancellationToken) ? TypedResults.NoContent() : TypedResults.NotFound();
}
