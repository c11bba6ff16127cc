using System.Xml;
using Alerts.Contracts;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Sources;

internal static class SourceEndpoints
{
    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var sources = routes.MapGroup("/api/sources").WithTags("Sources").RequireAuthorization(Policies.Editor);
        sources.MapPost("/", Add);
        sources.MapGet("/", List);
        sources.MapGet("/{id:guid}", Get);
        sources.MapPut("/{id:guid}", Change);
        sources.MapDelete("/{id:guid}", Delete);
    }

    /// <summary>Adds a feed, which is read within a minute.</summary>
    private static async Task<Results<Created<SourceView>, ValidationProblem>> Add(
        SourceRequest request, PublishingDb db, IAudience audience, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var source = new Source { Id = Guid.CreateVersion7(now), CreatedAt = now };
        var errors = await request.SetAsync(source, audience, now, cancellationToken);
        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        db.Sources.Add(source);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/api/sources/{source.Id}", SourceView.Of(source));
    }

    private static async Task<Results<Ok<Page<SourceView>>, ValidationProblem>> List(Guid? after, int? limit, PublishingDb db, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > PostLines.MaxSize)
        {
            return TypedResults.ValidationProblem(new Errors { ["limit"] = [$"Give 1 to {PostLines.MaxSize}."] });
        }

        var size = limit ?? PostLines.DefaultSize;
        var sources = db.Sources.AsNoTracking();
        sources = after is null ? sources : sources.Where(s => s.Id > after);
        var page = await sources.OrderBy(s => s.Id).Take(size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<SourceView>([.. page.Take(size).Select(SourceView.Of)], page.Count > size ? page[size - 1].Id : null));
    }

    private static async Task<Results<Ok<SourceView>, NotFound>> Get(Guid id, PublishingDb db, CancellationToken cancellationToken) =>
        await db.Sources.FindAsync([id], cancellationToken) is { } source ? TypedResults.Ok(SourceView.Of(source)) : TypedResults.NotFound();

    /// <summary>Changes a source, which is then read within a minute. Entries read before stay known, unless the address is another.</summary>
    private static async Task<Results<Ok<SourceView>, NotFound, ValidationProblem, ProblemHttpResult>> Change(
        Guid id, SourceRequest request, PublishingDb db, IAudience audience, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await db.Sources.FindAsync([id], cancellationToken) is not { } source)
        {
            return TypedResults.NotFound();
        }

        var errors = await request.SetAsync(source, audience, clock.GetUtcNow(), cancellationToken);
        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors);
        }

        return await SavedAsync(db, cancellationToken) ? TypedResults.Ok(SourceView.Of(source)) : Conflict();
    }

    /// <summary>Reads the feed no more. Its posts stay, and it stays known: added again, it brings only what is new.</summary>
    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Delete(Guid id, PublishingDb db, CancellationToken cancellationToken)
    {
        if (await db.Sources.FindAsync([id], cancellationToken) is not { } source)
        {
            return TypedResults.NotFound();
        }

        db.Sources.Remove(source);
        return await SavedAsync(db, cancellationToken) ? TypedResults.NoContent() : Conflict();
    }

    private static async Task<bool> SavedAsync(PublishingDb db, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }

    private static ProblemHttpResult Conflict() =>
        TypedResults.Problem("The source was read or changed at the same moment: try again.", statusCode: StatusCodes.Status409Conflict);
}

/// <summary>A feed to be read.</summary>
public sealed record SourceRequest
{
    /// <summary>Of the feed, http or https.</summary>
    public string? Url { get; init; }

    /// <summary>Slugs of the lists its posts go to; at least one.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>True: its entries are published at once; false: they become drafts.</summary>
    public bool Publish { get; init; } = true;

    /// <summary>How often it is read: ISO 8601, PT5M to P7D. Default: PT15M.</summary>
    public string? Interval { get; init; }

    internal async Task<Errors> SetAsync(Source source, IAudience audience, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var url = WebAddress.Resolve(null, Url);
        if (url is null)
        {
            errors.Say("url", "Give the feed's whole web address, which begins with https:// or http:// (at most 2,000 characters).");
        }

        var lists = KnownLists.Tidy(Lists);
        if (lists.Count is 0 or > Post.MaxLists || ImportedFeed.ListsOf(lists).Length > ImportedFeed.MaxLists)
        {
            errors.Say("lists", lists.Count == 0 ? "Name at least one list." : "These are too many lists for one source.");
        }
        else if (await audience.UnknownAsync(lists, cancellationToken) is { } unknown)
        {
            errors.Say("lists", unknown);
        }

        var interval = Interval is { Length: > 0 } text ? Duration.Parse(text, Source.ShortestInterval, Source.LongestInterval) : Source.DefaultInterval;
        if (interval is null)
        {
            errors.Say("interval", "Give a duration from PT5M (five minutes) to P7D (seven days).");
        }

        if (errors.Count == 0)
        {
            source.Set(url!.AbsoluteUri, lists, Publish, interval!.Value, now);
        }

        return errors;
    }
}

/// <summary>A source and how reading it went.</summary>
/// <param name="LastError">What went wrong at the last reading, and what to do. Null when it went well.</param>
public sealed record SourceView(
    Guid Id, string Url, IReadOnlyList<string> Lists, bool Publish, string Interval, DateTimeOffset? LastReadAt, string? LastError, int Failures,
    DateTimeOffset NextReadAt, DateTimeOffset CreatedAt)
{
    internal static SourceView Of(Source source) => new(
        source.Id, source.Url, source.Lists, source.Publish, XmlConvert.ToString(source.Interval), source.LastReadAt, source.LastError, source.Failures,
        source.NextReadAt, source.CreatedAt);
}
