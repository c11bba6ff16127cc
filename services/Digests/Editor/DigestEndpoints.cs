using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Digests.Editor;

internal static class DigestEndpoints
{
    private const int MostAtOnce = 200;

    public static void MapDigestsApi(this IEndpointRouteBuilder routes)
    {
        var digests = routes.MapGroup("/api/digests").WithTags("Digests").RequireAuthorization(Policies.Editor);
        digests.MapGet("/", List);
        digests.MapGet("/next", Next);
        digests.MapPost("/cut", Cut);
        digests.MapGet("/cut/{id:guid}", FindCut);
        digests.MapPatch("/posts/{id:guid}", Move);
        digests.MapGet("/introductions", Introductions);
        digests.MapPost("/introductions", Introduce);
        digests.MapDelete("/introductions/{id:guid}", TakeOut);
        digests.MapPut("/holds/{frequency}", Hold);
        digests.MapDelete("/holds/{frequency}", Release);
    }

    /// <summary>The cuts, newest first.</summary>
    private static async Task<Results<Ok<CutList>, ValidationProblem>> List(DigestsDb db, CancellationToken cancellationToken, Guid? after = null, int limit = 50)
    {
        if (limit is < 1 or > MostAtOnce)
        {
            return Wrong("limit", $"Ask for 1 to {MostAtOnce} cuts at a time.");
        }

        var cuts = await CutView.ListAsync(db, after, limit + 1, cancellationToken);
        var items = cuts.Take(limit).ToList();
        return TypedResults.Ok(new CutList(items, cuts.Count > limit ? items[^1].Id : null));
    }

    /// <summary>What goes into the next digests.</summary>
    private static async Task<Results<Ok<Preview>, ValidationProblem>> Next(DigestsDb db, TimeProvider clock, CancellationToken cancellationToken, string frequency = "daily", string? list = null, string? zone = null) =>
        Read(frequency) is { } known ? TypedResults.Ok(await Preview.OfAsync(db, known, list, zone, clock.GetUtcNow(), cancellationToken)) : Wrong("frequency", OneOfTwo);

    /// <summary>Sends what is owed now, whatever the hour.</summary>
    private static async Task<Results<Accepted<CutAsked>, ValidationProblem>> Cut(CutWanted wanted, DigestsDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (wanted.Frequency is not null && Read(wanted.Frequency) is null)
        {
            return Wrong("frequency", OneOfTwo);
        }

        var id = await CutRequests.AskAsync(db, [], clock.GetUtcNow(), cancellationToken, ServedExtensions.Of(wanted.Frequency is null ? null : Read(wanted.Frequency)));
        return TypedResults.Accepted($"/api/digests/cut/{id}", new CutAsked(id, null, 0, 0));
    }

    private static async Task<Results<Ok<CutAsked>, NotFound>> FindCut(Guid id, DigestsDb db, CancellationToken cancellationToken) =>
        await CutRequests.FindAsync(db, id, cancellationToken) is { } asked ? TypedResults.Ok(new CutAsked(asked.Id, asked.DoneAt, asked.Editions, asked.Readers)) : TypedResults.NotFound();

    /// <summary>Moves a post up, down, out or in again.</summary>
    private static async Task<Results<NoContent, NotFound, ValidationProblem>> Move(Guid id, PostMove move, DigestsDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (move.Weight is < -Decisions.MostWeight or > Decisions.MostWeight)
        {
            return Wrong("weight", $"Give a number from -{Decisions.MostWeight} to {Decisions.MostWeight}.");
        }

        return await Decisions.MoveAsync(db, id, move.Weight, move.LeftOut, clock.GetUtcNow(), cancellationToken) ? TypedResults.NoContent() : TypedResults.NotFound();
    }

    /// <summary>The introductions that stand.</summary>
    private static async Task<Ok<IReadOnlyList<IntroductionView>>> Introductions(DigestsDb db, TimeProvider clock, CancellationToken cancellationToken) =>
        TypedResults.Ok<IReadOnlyList<IntroductionView>>(await IntroductionView.ListAsync(db, clock.GetUtcNow(), cancellationToken));

    private static async Task<Results<Created<IntroductionView>, ValidationProblem>> Introduce(
        NewIntroduction wanted, DigestsDb db, IAudience audience, HttpContext http, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (Decisions.ProblemOf(wanted.Text) is { } problem)
        {
            return Wrong("text", problem);
        }

        if (wanted.Frequency is not null && Read(wanted.Frequency) is null)
        {
            return Wrong("frequency", OneOfTwo);
        }

        if (wanted.List is { } list && (await audience.ListsAsync([list], cancellationToken)).Count == 0)
        {
            return Wrong("list", $"There is no list '{list}'.");
        }

        if (wanted.Until <= now)
        {
            return Wrong("until", "Give an instant to come, or leave it out.");
        }

        var served = ServedExtensions.Of(wanted.Frequency is null ? null : Read(wanted.Frequency));
        var made = await Decisions.IntroduceAsync(db, wanted.Text!, wanted.List, served, wanted.Until, http.User.Identity?.Name ?? "staff", now, cancellationToken);
        return TypedResults.Created("/api/digests/introductions", IntroductionView.Of(made));
    }

    private static async Task<Results<NoContent, NotFound>> TakeOut(Guid id, DigestsDb db, CancellationToken cancellationToken) =>
        await Decisions.TakeOutAsync(db, id, cancellationToken) ? TypedResults.NoContent() : TypedResults.NotFound();

    /// <summary>Holds the daily or the weekly digests back.</summary>
    private static async Task<Results<NoContent, ValidationProblem>> Hold(string frequency, DigestsDb db, HttpContext http, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Read(frequency) is not { } known)
        {
            return Wrong("frequency", OneOfTwo);
        }

        await Decisions.HoldAsync(db, ServedExtensions.Of(known), http.User.Identity?.Name ?? "staff", clock.GetUtcNow(), cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Lets them go; what became due meanwhile goes out at once.</summary>
    private static async Task<Results<NoContent, ValidationProblem>> Release(string frequency, DigestsDb db, CancellationToken cancellationToken)
    {
        if (Read(frequency) is not { } known)
        {
            return Wrong("frequency", OneOfTwo);
        }

        await Decisions.ReleaseAsync(db, ServedExtensions.Of(known), cancellationToken);
        return TypedResults.NoContent();
    }

    private const string OneOfTwo = "Give 'daily' or 'weekly'.";

    internal static Frequency? Read(string? word) => word switch { "daily" => Frequency.Daily, "weekly" => Frequency.Weekly, _ => null };

    private static ValidationProblem Wrong(string field, string why) => TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [why] });
}

/// <param name="Frequency"><c>daily</c>, <c>weekly</c>, or null for both.</param>
internal sealed record CutWanted(string? Frequency);

/// <param name="DoneAt">Null: it isn't done yet.</param>
internal sealed record CutAsked(Guid Id, DateTimeOffset? DoneAt, int Editions, long Readers);

/// <param name="Weight">Higher stands further up; null: as it is.</param>
/// <param name="LeftOut">Null: as it is.</param>
internal sealed record PostMove(int? Weight, bool? LeftOut);

/// <param name="List">Only in digests with a post of this list; null: in all.</param>
/// <param name="Frequency"><c>daily</c>, <c>weekly</c>, or null for both.</param>
/// <param name="Until">Not in digests cut from then on; null: a day from now for daily ones, a week for others.</param>
internal sealed record NewIntroduction(string? Text, string? List, string? Frequency, DateTimeOffset? Until);

internal sealed record IntroductionView(Guid Id, string Text, string? List, string Digests, DateTimeOffset From, DateTimeOffset Until, string By)
{
    public static IntroductionView Of(Introduction introduction) => new(
        introduction.Id, introduction.Text, introduction.List, introduction.Digests.ToString().ToLowerInvariant(), introduction.From, introduction.Until, introduction.By);

    public static async Task<List<IntroductionView>> ListAsync(DigestsDb db, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await db.Introductions.AsNoTracking().Where(i => i.Until > now).OrderBy(i => i.Id).Take(100).ToListAsync(cancellationToken)).ConvertAll(Of);
}

/// <param name="Next">What to pass as <c>after</c> for the next page; null on the last.</param>
internal sealed record CutList(IReadOnlyList<CutView> Items, Guid? Next);

/// <summary>A cut as staff see it.</summary>
/// <param name="Title">The feed's, for a backlog.</param>
/// <param name="DueAt">When the first of its digests was due; null where none was.</param>
/// <param name="MadeUp">It came late, for digests that nobody cut at their time.</param>
/// <param name="Editions">Different digests; each is a mailing.</param>
/// <param name="LookedAt">Readers who were due, or asked for; most may have been owed nothing.</param>
/// <param name="Readers">Who got one. Grows while the cut is under way.</param>
internal sealed record CutView(
    Guid Id, CutCause Cause, string? Title, DateTimeOffset? DueAt, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, bool MadeUp, int Editions, long LookedAt, long Readers)
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
                c.DueAt,
                c.StartedAt,
                c.FinishedAt,
                c.MadeUp,
                c.Editions,
                c.LookedAt,
                c.BacklogId is { } id ? readers.GetValueOrDefault(MailingId.Of($"backlog/{id}")) : c.Readers)),
        ];
    }
}
