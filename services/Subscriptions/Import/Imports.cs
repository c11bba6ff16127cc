using Alerts.ServiceDefaults.Jobs;
using Alerts.Subscriptions.Consent;
using Microsoft.EntityFrameworkCore;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Import;

/// <summary>What admins do with imports, on the page and through the API. <see cref="RunImports"/> does the work.</summary>
public sealed class Imports(SubscriptionsDb db, ImportFiles files, JobSignal<RunImports> run, TimeProvider clock)
{
    /// <summary>Keeps a file that was sent, to be looked at or to be started at once.</summary>
    /// <exception cref="ImportException">It isn't CSV with a column of addresses, or there is no such list. Nothing is kept then.</exception>
    public async Task<ImportRun> AddAsync(Stream file, ImportOrder order, string by, ImportState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);

        if (await db.Lists.AsNoTracking().FirstOrDefaultAsync(l => l.Slug == order.List, cancellationToken) is not { } list)
        {
            throw new ImportException($"There is no list '{order.List}'.");
        }

        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var length = await files.SaveAsync(id, file, cancellationToken);
        try
        {
            var sample = await SampleAsync(id, cancellationToken) ?? throw new ImportException("The file can't be read.");
            if (state != ImportState.Uploaded)
            {
                await CheckAsync(id, order.Columns, cancellationToken);
            }

            var import = new ImportRun
            {
                Id = id,
                List = order.List,
                Confirmed = order.Confirmed,
                Frequency = order.Frequency ?? list.DefaultFrequency,
                Columns = state == ImportState.Uploaded ? new Dictionary<string, string>(sample.Recognised) : new Dictionary<string, string>(order.Columns),
                Source = Cut(order.Source ?? "a file"),
                By = Cut(by),
                State = state,
                Length = length,
                CreatedAt = now,
            };
            db.Imports.Add(import);
            await db.SaveChangesAsync(cancellationToken);
            run.Wake();
            return import;
        }
        catch
        {
            files.Delete(id);
            throw;
        }
    }

    /// <summary>The first rows of a file as they stand in it. Null when the file isn't here, or is at work.</summary>
    /// <exception cref="ImportException">It isn't CSV.</exception>
    internal Task<ImportSample?> SampleAsync(Guid import, CancellationToken cancellationToken) => ReadAsync(import, ImportSample.ReadAsync, cancellationToken);

    /// <exception cref="ImportException">The columns that were named aren't there, or there are no addresses.</exception>
    private Task<bool?> CheckAsync(Guid import, IReadOnlyDictionary<string, string> columns, CancellationToken cancellationToken) => ReadAsync<bool?>(
        import,
        (csv, _) =>
        {
            ImportColumns.Of(csv, columns);
            return Task.FromResult<bool?>(true);
        },
        cancellationToken);

    private async Task<T?> ReadAsync<T>(Guid import, Func<CsvDataReader, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
    {
        await using var file = files.TryOpen(import);
        if (file is null)
        {
            return default;
        }

        try
        {
            using var text = await ImportText.OpenAsync(file, bufferSize: 4_096, cancellationToken);
            await using var csv = await CsvDataReader.CreateAsync(text, ImportBatches.CsvOptions, cancellationToken);
            return await read(csv, cancellationToken);
        }
        catch (CsvMissingHeadersException exception)
        {
            throw new ImportException("The file is empty. Its first line names the columns, one of which is 'email'.", exception);
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException)
        {
            throw new ImportException("The first rows of the file aren't CSV (a quote that isn't closed?).", exception);
        }
    }

    /// <summary>Starts an uploaded import with what the admin chose.</summary>
    /// <exception cref="ImportException">The columns that were named aren't there, there are no addresses, or there is no such list.</exception>
    /// <returns>False when it was started or discarded meanwhile.</returns>
    public async Task<bool> StartAsync(Guid id, ImportOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);

        if (!await db.Lists.AnyAsync(l => l.Slug == order.List, cancellationToken))
        {
            throw new ImportException($"There is no list '{order.List}'.");
        }

        await CheckAsync(id, order.Columns, cancellationToken);
        var import = await db.Imports.FirstOrDefaultAsync(i => i.Id == id && i.State == ImportState.Uploaded, cancellationToken);
        if (import is null)
        {
            return false;
        }

        (import.List, import.Confirmed, import.Frequency, import.Columns) = (order.List, order.Confirmed, order.Frequency ?? import.Frequency, new Dictionary<string, string>(order.Columns));
        import.State = ImportState.Waiting;
        await db.SaveChangesAsync(cancellationToken);
        run.Wake();
        return true;
    }

    /// <summary>Nothing of it was imported, and nothing is.</summary>
    public async Task DiscardAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await db.Imports.Where(i => i.Id == id && i.State == ImportState.Uploaded).ExecuteDeleteAsync(cancellationToken) > 0)
        {
            files.Delete(id);
        }
    }

    /// <summary>Stops it, within a few thousand rows. False when it has ended.</summary>
    public async Task<bool> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.Imports.Where(i => i.Id == id && (i.State == ImportState.Waiting || i.State == ImportState.Running))
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, ImportState.Cancelled).SetProperty(i => i.FinishedAt, now), cancellationToken) > 0;
    }

    /// <summary>Goes on where it was stopped. False when it wasn't stopped, or its file is no longer kept.</summary>
    public async Task<bool> ResumeAsync(Guid id, CancellationToken cancellationToken)
    {
        var goesOn = files.Has(id)
            && await db.Imports.Where(i => i.Id == id && i.State == ImportState.Cancelled)
                .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, ImportState.Waiting).SetProperty(i => i.FinishedAt, (DateTimeOffset?)null), cancellationToken) > 0;
        run.Wake();
        return goesOn;
    }

    private static string Cut(string text) => text.Length <= ConsentEntry.MaxBy ? text : text[..ConsentEntry.MaxBy];
}

/// <summary>The head of a file, to choose its columns by.</summary>
/// <param name="Header">What its columns are called.</param>
/// <param name="Rows">The first few rows.</param>
/// <param name="Recognised">Our name of a column, and what the file calls it, where that could be told.</param>
internal sealed record ImportSample(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyDictionary<string, string> Recognised)
{
    private const int Few = 5;
    private const int MostColumns = 200;
    private const int MostCharacters = 200;

    public static async Task<ImportSample?> ReadAsync(CsvDataReader csv, CancellationToken cancellationToken)
    {
        var width = Math.Min(csv.FieldCount, MostColumns);
        var header = Enumerable.Range(0, width).Select(i => csv.GetName(i).Trim()).ToList();
        var rows = new List<IReadOnlyList<string>>();
        while (rows.Count < Few && await csv.ReadAsync(cancellationToken))
        {
            rows.Add([.. Enumerable.Range(0, width).Select(i => i < csv.RowFieldCount ? csv.GetString(i) : "").Select(text => text.Length <= MostCharacters ? text : text[..MostCharacters] + "…")]);
        }

        return new ImportSample(header, rows, ImportColumns.Recognise(header));
    }
}
