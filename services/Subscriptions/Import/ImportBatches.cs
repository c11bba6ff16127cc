using Alerts.Contracts;
using Alerts.Subscriptions.Regions;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Import;

/// <summary>Rows that are taken in one transaction.</summary>
/// <param name="Rows">The good ones.</param>
/// <param name="Rejects">The others.</param>
/// <param name="Bytes">How much of the file was read then, where its position can be told.</param>
internal sealed record ImportBatch(List<ImportRow> Rows, List<ImportReject> Rejects, long Bytes);

/// <summary>Reads a file batch by batch.</summary>
internal sealed class ImportBatches : IAsyncDisposable
{
    /// <summary>Long enough that its own costs don't count, short enough that whoever changes her subscriptions meanwhile doesn't feel it.</summary>
    internal const int BatchSize = 4_000;

    /// <summary>The longest record; a quote that is never closed would otherwise swallow the rest of the file.</summary>
    private const int MaxRecord = 64 * 1024;

    private readonly Stream file;
    private readonly StreamReader text;
    private readonly CsvDataReader csv;
    private readonly ImportColumns columns;
    private readonly Frequency otherwise;
    private readonly KnownRegions regions;
    private long line = 1;
    private ImportException? broken;

    private ImportBatches(Stream file, StreamReader text, CsvDataReader csv, ImportColumns columns, Frequency otherwise, KnownRegions regions) =>
        (this.file, this.text, this.csv, this.columns, this.otherwise, this.regions) = (file, text, csv, columns, otherwise, regions);

    public static CsvDataReaderOptions CsvOptions => new() { BufferSize = 2 * MaxRecord, MaxBufferSize = 2 * MaxRecord };

    /// <param name="passed">So many rows are passed over.</param>
    /// <param name="otherwise">For rows that don't say how often.</param>
    /// <exception cref="ImportException">It isn't CSV with a column of addresses.</exception>
    public static async Task<ImportBatches> OpenAsync(Stream file, ImportOrder order, long passed, Frequency otherwise, KnownRegions regions, CancellationToken cancellationToken)
    {
        var text = await ImportText.OpenAsync(file, MaxRecord, cancellationToken);
        try
        {
            var csv = await CsvDataReader.CreateAsync(text, CsvOptions, cancellationToken);
            var batches = new ImportBatches(file, text, csv, ImportColumns.Of(csv, order.Columns), otherwise, regions);
            for (var row = 0L; row < passed && await batches.ReadAsync(cancellationToken) is not null; row++)
            {
            }

            return batches;
        }
        catch (CsvMissingHeadersException exception)
        {
            text.Dispose();
            throw new ImportException("The file is empty. Its first line names the columns, one of which is 'email'.", exception);
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>The next <see cref="BatchSize"/> rows, the last time fewer; null at the end.</summary>
    /// <exception cref="ImportException">A record is broken; all that stood before it was given.</exception>
    public async Task<ImportBatch?> NextAsync(CancellationToken cancellationToken)
    {
        var (rows, rejects) = (new List<ImportRow>(BatchSize), new List<ImportReject>());
        while (rows.Count + rejects.Count < BatchSize && await ReadAsync(cancellationToken) is { } began)
        {
            if (columns.Read(csv, began, otherwise, regions, out var reason) is { } row)
            {
                rows.Add(row);
            }
            else
            {
                rejects.Add(new ImportReject(began, reason));
            }
        }

        return rows.Count + rejects.Count > 0 ? new ImportBatch(rows, rejects, file.CanSeek ? file.Position : 0) : broken is null ? null : throw broken;
    }

    public async ValueTask DisposeAsync()
    {
        await csv.DisposeAsync();
        text.Dispose();
    }

    /// <summary>Goes to the next row and returns the line where it begins; null at the end, or where the file is broken.</summary>
    private async Task<long?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (broken is not null || !await csv.ReadAsync(cancellationToken))
            {
                return null;
            }
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException)
        {
            broken = new ImportException($"The record after line {line} is broken (a quote that isn't closed?). Mend it and import the file again; who is there already is passed over.", exception);
            return null;
        }

        var began = ++line;
        line += LineBreaks(csv);
        return began;
    }

    /// <summary>Line breaks inside quoted fields: the next record stands that much lower.</summary>
    private static int LineBreaks(CsvDataReader reader)
    {
        var breaks = 0;
        for (var i = 0; i < reader.RowFieldCount; i++)
        {
            breaks += reader.GetFieldSpan(i).Count('\n');
        }

        return breaks;
    }
}
