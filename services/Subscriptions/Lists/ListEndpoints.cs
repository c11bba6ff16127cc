using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Lists;

/// <summary>A list as the API shows it.</summary>
public sealed record ListView(string Slug, string Name, string Description, string Visibility, bool InArchive, string? SenderName, string DefaultFrequency, DateTimeOffset CreatedAt, bool FourEyes)
{
    internal static ListView Of(MailingList list) => new(list.Slug, list.Name, list.Description, list.Visibility.Word(), list.InArchive, list.SenderName, list.DefaultFrequency.Word(), list.CreatedAt, list.FourEyes);
}

/// <summary>A page of lists, and the path of the next one.</summary>
public sealed record ListsView(IReadOnlyList<ListView> Items, string? Next);

internal static class ListEndpoints
{
    public static void MapLists(this IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/api/lists").WithTags("Lists");
        lists.MapGet("/", All).RequireAuthorization(Policies.Editor);
        lists.MapGet("/{slug}", Get).RequireAuthorization(Policies.Editor);
        lists.MapPost("/", Add).RequireAuthorization(Policies.Admin);
        lists.MapPatch("/{slug}", Change).RequireAuthorization(Policies.Admin);
    }

    private static async Task<Results<Ok<ListsView>, ValidationProblem>> All(SubscriptionsDb db, CancellationToken cancellationToken, string? after = null, int limit = Paging.Default)
    {
        if (Paging.Problem(limit) is { } problem)
        {
            return problem;
        }

        var from = after ?? "";
        var lists = await db.Lists.AsNoTracking().Where(l => l.Slug.CompareTo(from) > 0).OrderBy(l => l.Slug).Take(limit + 1).ToListAsync(cancellationToken);
        var items = lists.Take(limit).Select(ListView.Of).ToList();
        return TypedResults.Ok(new ListsView(items, lists.Count > limit ? $"/api/lists?after={items[^1].Slug}&limit={limit}" : null));
    }

    private static async Task<Results<Ok<ListView>, NotFound>> Get(string slug, SubscriptionsDb db, CancellationToken cancellationToken) =>
        await db.Lists.FindAsync([slug], cancellationToken) is { } list ? TypedResults.Ok(ListView.Of(list)) : TypedResults.NotFound();

    private static async Task<Results<Created<ListView>, ValidationProblem, ProblemHttpResult>> Add(
        NewList list, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (list.Problems() is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (!await MailingList.AddAsync(db, list, clock.GetUtcNow(), cancellationToken))
        {
            return TypedResults.Problem($"There is a list {list.Slug} already. Choose another slug.", statusCode: StatusCodes.Status409Conflict);
        }

        var added = await db.Lists.SingleAsync(l => l.Slug == list.Slug, cancellationToken);
        return TypedResults.Created($"/api/lists/{added.Slug}", ListView.Of(added));
    }

    /// <summary>Changes what is given. The slug stays for ever.</summary>
    private static async Task<Results<Ok<ListView>, NotFound, ValidationProblem>> Change(string slug, NewList to, SubscriptionsDb db, CancellationToken cancellationToken)
    {
        if (to.ProblemsOfChange() is { Count: > 0 } problems)
        {
            return TypedResults.ValidationProblem(problems);
        }

        if (await db.Lists.FindAsync([slug], cancellationToken) is not { } list)
        {
            return TypedResults.NotFound();
        }

        list.Change(to);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(ListView.Of(list));
    }
}
