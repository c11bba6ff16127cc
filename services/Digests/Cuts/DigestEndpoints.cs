using Alerts.Mailings;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Cuts;

internal static class DigestEndpoints
{
    private const int MostAtOnce = 200;

    public static void MapCuts(this IEndpointRouteBuilder routes)
    {
        var digests = routes.MapGroup("/api/digests").WithTags("Digests").RequireAuthorization(Policies.Editor);
        digests.MapGet("/", List);
    }

    /// <summary>The cuts, newest first.</summary>
    private static async Task<Results<Ok<CutList>, ValidationProblem>> List(DigestsDb db, CancellationToken cancellationToken, Guid? after = null, int limit = 50)
    {
        if (limit is < 1 or > MostAtOnce)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["limit"] = [$"Ask for 1 to {MostAtOnce} cuts at a time."] });
        }

        var cuts = await CutView.ListAsync(db, after, limit + 1, cancellationToken);
        var items = cuts.Take(limit).ToList();
        return TypedResults.Ok(new CutList(items, cuts.Count > limit ? items[^1].Id : null));
    }
}

/// <param name="Next">What to pass as <c>after</c> for the next page; null on the last.</param>
internal sealed record CutList(IReadOnlyList<CutView> Items, Guid? Next);

/// <summary>A cut as staff see it.</summary>
/// <param name="Title">The feed's, for a backlog.</param>
/// <param name="Editions">Different digests; each is a mailing.</param>
/// <param name="Readers">Who got one. Grows while the cut is under way.</param>
internal sealed record CutView(Guid Id, CutCause Cause, string? Title, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, int Editions, long Readers)
{
    public static async Task<List<CutView>> ListAsync(DigestsDb db, Guid? after, int limit, CancellationToken cancellationToken)
    {
        var cuts = await db.Cuts.AsNoTracking().Where(c => after == null || c.Id < after).OrderByDescending(c => c.Id).Take(limit).ToListAsync(cancellationToken);
        var backlogIds = cuts.Select(c => c.BacklogId).OfType<Guid>().ToList();
        var titles = await db.Backlogs.Where(b => backlogIds.Contains(b.Id)).ToDictionaryAsync(b => b.Id, b => b.Title, cancellationToken);

        // The fan-out counts a backlog's readers.
        var mailingIds = backlogIds.Select(id => MailingId.Of($"backlog/{id}")).ToList();
        var readers = await db.Mailings.Where(m => mailingIds.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Recipients, cancellationToken);
        return
        [
            .. cuts.Select(c => new CutView(
                c.Id,
                c.Cause,
                c.BacklogId is { } backlog ? titles.GetValueOrDefault(backlog) : null,
                c.StartedAt,
                c.FinishedAt,
                c.Editions,
                c.BacklogId is { } id ? readers.GetValueOrDefault(MailingId.Of($"backlog/{id}")) : c.Readers)),
        ];
    }
}
