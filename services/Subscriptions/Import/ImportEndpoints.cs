using System.Diagnostics.CodeAnalysis;
using System.Text;
using Alerts.Contracts;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Import;

/// <summary>A page of the rows that weren't taken, in the order of the file, and the path of the next one.</summary>
public sealed record ImportRejectsView(IReadOnlyList<ImportReject> Items, string? Next);

/// <summary>A page of imports, the newest first, and the path of the next one.</summary>
public sealed record ImportsView(IReadOnlyList<ImportView> Items, string? Next);

internal static class ImportEndpoints
{
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/subscribers/import", Add).WithTags("Imports").RequireAuthorization(Policies.Admin).WithMetadata(new RequestSizeLimitAttribute(ImportFiles.MostBytes));
        var imports = routes.MapGroup("/api/imports").WithTags("Imports").RequireAuthorization(Policies.Admin);
        imports.MapGet("/", All);
        imports.MapGet("/{id:guid}", Get);
        imports.MapGet("/{id:guid}/rejects", Rejects);
        imports.MapPost("/{id:guid}/cancel", Cancel);
        imports.MapPost("/{id:guid}/resume", Resume);

        // Forms are read whole before pages see them, and these are large.
        routes.MapPost("/admin/imports/upload", Upload).RequireAuthorization(Policies.Admin).ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(ImportFiles.MostBytes)).WithFormOptions(multipartBodyLengthLimit: ImportFiles.MostBytes);
        routes.MapGet("/admin/imports/{id:guid}/rejects.csv", RejectsFile).RequireAuthorization(Policies.Admin).ExcludeFromDescription();
    }

    /// <summary>Takes a CSV file, as it is, as the body. It is imported from then on; look at the answer's Location.</summary>
    /// <param name="list">The slug of a list.</param>
    /// <param name="confirmed">True: its readers have said yes elsewhere. False: a mail asks each of them.</param>
    /// <param name="frequency">For rows that don't say; default: the list's.</param>
    /// <param name="column">What the file calls a column, as <c>email=Adresse</c>; may be given several times. <c>regions=</c> leaves that column out.</param>
    /// <param name="source">Where these readers come from: it stands in the record of each of them.</param>
    private static async Task<Results<Accepted<ImportView>, ValidationProblem>> Add(
        HttpContext http, Imports imports, SubscriptionsDb db, Audit audit, CancellationToken cancellationToken, string? list = null, bool confirmed = false, string? frequency = null, [FromQuery] string[]? column = null, string? source = null)
    {
        if (frequency is not null && !Words.TryRead<Frequency>(frequency, out _))
        {
            return Problem("frequency", "The frequency is immediate, daily or weekly.");
        }

        if (string.IsNullOrEmpty(list))
        {
            return Problem("list", "Name the list these readers come to: ?list=SLUG.");
        }

        var columns = new Dictionary<string, string>();
        foreach (var each in column ?? [])
        {
            if (each.Split('=', 2) is not [{ Length: > 0 } ours, var theirs])
            {
                return Problem("column", $"'{each}': write it like email=Adresse, our name first.");
            }

            columns[ours.Trim()] = theirs.Trim();
        }

        try
        {
            var order = new ImportOrder { List = list, Confirmed = confirmed, Frequency = Words.TryRead<Frequency>(frequency, out var chosen) ? chosen : null, Columns = columns, Source = source };
            var import = await imports.AddAsync(http.Request.Body, order, http.User.Identity?.Name ?? "", ImportState.Waiting, cancellationToken);
            await audit.RecordAsync(http.User, "started an import", import.Id.ToString(), $"to {list}", cancellationToken);
            return TypedResults.Accepted($"/api/imports/{import.Id}", await ImportView.OfAsync(db, import, cancellationToken));
        }
        catch (ImportException exception)
        {
            return Problem(exception.Message.Contains("no list", StringComparison.Ordinal) ? "list" : "file", exception.Message);
        }
    }

    private static async Task<Results<Ok<ImportsView>, ValidationProblem>> All(SubscriptionsDb db, CancellationToken cancellationToken, Guid? after = null, int limit = Paging.Default)
    {
        if (Paging.Problem(limit) is { } problem)
        {
            return problem;
        }

        var imports = db.Imports.AsNoTracking();
        imports = after is { } last ? imports.Where(i => i.Id < last) : imports;
        var found = await imports.OrderByDescending(i => i.Id).Take(limit + 1).ToListAsync(cancellationToken);
        var ids = found.Take(limit).Select(i => i.Id).ToList();
        var rejects = await db.Imports.AsNoTracking().Where(i => EF.Parameter(ids).Contains(i.Id))
            .Select(i => new { i.Id, First = db.ImportRejects.Where(r => r.ImportId == i.Id).OrderBy(r => r.Line).Take(ImportView.FewRejects).Select(r => new ImportReject(r.Line, r.Reason)).ToList() })
            .ToDictionaryAsync(i => i.Id, i => i.First, cancellationToken);
        var items = found.Take(limit).Select(import => ImportView.Of(import, rejects[import.Id])).ToList();
        return TypedResults.Ok(new ImportsView(items, found.Count > limit ? $"/api/imports?after={items[^1].Id}&limit={limit}" : null));
    }

    private static async Task<Results<Ok<ImportView>, NotFound>> Get(Guid id, SubscriptionsDb db, CancellationToken cancellationToken) =>
        await db.Imports.AsNoTracking().FirstOrDefaultAsync(i => i.Id == id, cancellationToken) is { } import
            ? TypedResults.Ok(await ImportView.OfAsync(db, import, cancellationToken))
            : TypedResults.NotFound();

    /// <summary>The rows that weren't taken, by line; at most 100,000 of an import are named.</summary>
    private static async Task<Results<Ok<ImportRejectsView>, ValidationProblem>> Rejects(Guid id, SubscriptionsDb db, CancellationToken cancellationToken, long after = 0, int limit = Paging.Default)
    {
        if (Paging.Problem(limit) is { } problem)
        {
            return problem;
        }

        var found = await ImportView.RejectsAsync(db, id, after, limit + 1, cancellationToken);
        var items = found.Take(limit).ToList();
        return TypedResults.Ok(new ImportRejectsView(items, found.Count > limit ? $"/api/imports/{id}/rejects?after={items[^1].Line}&limit={limit}" : null));
    }

    /// <summary>Stops it within a few thousand rows. What was imported stays.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> Cancel(Guid id, Imports imports, CancellationToken cancellationToken) =>
        await imports.CancelAsync(id, cancellationToken) ? TypedResults.NoContent() : TypedResults.Problem("It isn't running.", statusCode: StatusCodes.Status409Conflict);

    /// <summary>Goes on where it was stopped.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> Resume(Guid id, Imports imports, CancellationToken cancellationToken) =>
        await imports.ResumeAsync(id, cancellationToken)
            ? TypedResults.NoContent()
            : TypedResults.Problem("It wasn't stopped, or its file is no longer kept. Send the file again: who is there already is passed over.", statusCode: StatusCodes.Status409Conflict);

    private static async Task<RedirectHttpResult> Upload(
        [FromForm] IFormFile? file, [FromForm] string? list, HttpContext http, Imports imports, Audit audit, CancellationToken cancellationToken)
    {
        if (file is null or { Length: 0 })
        {
            return Back("Choose a file.");
        }

        try
        {
            var order = new ImportOrder
            {
                List = list ?? "",
                Confirmed = false,
                Source = Path.GetFileName(file.FileName),
            };
            await using var csv = file.OpenReadStream();
            var import = await imports.AddAsync(csv, order, http.User.Identity?.Name ?? "", ImportState.Uploaded, cancellationToken);
            await audit.RecordAsync(http.User, "sent a file to import", import.Id.ToString(), null, cancellationToken);
            return TypedResults.LocalRedirect($"/admin/imports/{import.Id}");
        }
        catch (ImportException exception)
        {
            return Back(exception.Message);
        }

        static RedirectHttpResult Back(string problem) => TypedResults.LocalRedirect("/admin/imports" + QueryString.Create("problem", problem));
    }

    /// <summary>Line and reason of each row that wasn't taken.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The response disposes of it.")]
    private static Results<PushStreamHttpResult, NotFound> RejectsFile(Guid id, SubscriptionsDb db, CancellationToken cancellationToken)
    {
        return TypedResults.Stream(WriteAsync, "text/csv", $"rejects-{id}.csv");

        async Task WriteAsync(Stream body)
        {
            await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
            await using var csv = CsvDataWriter.Create(text);
            using var table = new System.Data.DataTable { Columns = { { "line", typeof(long) }, { "reason", typeof(string) } } };
            var after = 0L;
            List<ImportReject> page;
            do
            {
                page = await ImportView.RejectsAsync(db, id, after, 1_000, cancellationToken);
                foreach (var reject in page)
                {
                    table.Rows.Add(reject.Line, SpreadsheetText.Write(reject.Reason));
                    after = reject.Line;
                }
            }
            while (page.Count == 1_000);
            await csv.WriteAsync(table.CreateDataReader(), cancellationToken);
        }
    }

    private static ValidationProblem Problem(string field, string message) => TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [message] });
}
