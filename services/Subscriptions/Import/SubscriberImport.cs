using Alerts.Contracts;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.SignUp;
using Alerts.Subscriptions.Subscribers;
using LinqToDB.Data;
using LinqToDB.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Import;

/// <summary>The file as a whole can't be imported, or not beyond some line; the message says why in one line. What came before stays imported.</summary>
public sealed class ImportException : Exception
{
    public ImportException()
    {
    }

    public ImportException(string message) : base(message)
    {
    }

    public ImportException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A row that wasn't taken.</summary>
/// <param name="Line">Where it begins in the file; the header is line 1.</param>
public sealed record ImportReject(long Line, string Reason);

/// <summary>How far an import is. Every row is counted in exactly one of the others.</summary>
public sealed record ImportProgress
{
    public long Rows { get; internal set; }

    /// <summary>New readers.</summary>
    public long Added { get; internal set; }

    /// <summary>Readers known before, who hold the list now (or, unconfirmed, are asked).</summary>
    public long Joined { get; internal set; }

    /// <summary>Held or waited for the list already, or stood in the file before.</summary>
    public long Already { get; internal set; }

    /// <summary>Left the list once, is suppressed or was erased: an import never brings anybody back.</summary>
    public long KeptOut { get; internal set; }

    public long Rejected { get; internal set; }

    /// <summary>Of the file, where its position can be told; for a progress bar.</summary>
    public long Bytes { get; internal set; }
}

/// <summary>What to import.</summary>
public sealed record ImportOrder
{
    /// <summary>The slug of a list there is.</summary>
    public required string List { get; init; }

    /// <summary>True: these readers have said yes elsewhere, and hold the list at once. False: a mail asks each of them.</summary>
    public required bool Confirmed { get; init; }

    /// <summary>What the file calls a column of ours, where that can't be told from its name: <c>email</c> → <c>Adresse électronique</c>.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Where these readers come from, such as the file's name: it stands in the record of each of them. At most 254 characters.</summary>
    public string? Source { get; init; }

    /// <summary>For rows that don't say.</summary>
    public Frequency Frequency { get; init; } = Frequency.Daily;
}

/// <summary>
/// Takes readers from CSV (RFC 4180; any usual encoding; comma, semicolon or tab) with the columns <c>email</c>, <c>name</c>, <c>frequency</c>, <c>zone</c>, <c>hour</c>,
/// <c>weekday</c>, <c>regions</c>, or as other systems name them: see <see cref="ImportColumns"/>. It streams: a thousand rows are one transaction and one revision. When it is cut off, running it again goes
/// on: who is there already is passed over.
/// </summary>
public sealed class SubscriberImport(SubscriptionsDb db, ConfirmationMail mail, IOptions<ReadingDefaults> defaults, TimeProvider clock)
{
    private const int BatchSize = 1_000;

    /// <summary>The longest record; a quote that is never closed would otherwise swallow the rest of the file.</summary>
    private const int MaxRecord = 64 * 1024;

    /// <param name="rejected">Told of each row that isn't taken, in the order of the file.</param>
    /// <param name="progress">Told after each batch. The same object each time.</param>
    /// <exception cref="ImportException">There is no such list, the file isn't CSV, or a record in it is broken.</exception>
    public async Task<ImportProgress> RunAsync(
        Stream csv, ImportOrder order, Action<ImportReject> rejected, Action<ImportProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(rejected);
        ArgumentNullException.ThrowIfNull(progress);

        if (!await db.Lists.AnyAsync(l => l.Slug == order.List, cancellationToken))
        {
            throw new ImportException($"There is no list '{order.List}'. Add it first: alerts lists add {order.List} --name NAME");
        }

        var done = new ImportProgress();
        var run = Guid.CreateVersion7(clock.GetUtcNow());
        var batch = new List<ImportRow>(BatchSize);
        long line = 1;
        try
        {
            using var text = await ImportText.OpenAsync(csv, MaxRecord, cancellationToken);
            await using var reader = await CsvDataReader.CreateAsync(text, new CsvDataReaderOptions { BufferSize = 2 * MaxRecord, MaxBufferSize = 2 * MaxRecord }, cancellationToken);
            var columns = ImportColumns.Of(reader, order.Columns);
            while (await reader.ReadAsync(cancellationToken))
            {
                line++;
                var began = line;
                line += LineBreaks(reader);
                done.Rows++;
                if (columns.Read(reader, began, order.Frequency, out var reason) is { } row)
                {
                    batch.Add(row);
                }
                else
                {
                    done.Rejected++;
                    rejected(new ImportReject(began, reason));
                }

                if (batch.Count == BatchSize)
                {
                    await TakeAsync(batch, order, run, done, cancellationToken);
                    Report(csv, done, progress);
                    batch.Clear();
                }
            }
        }
        catch (CsvMissingHeadersException exception)
        {
            throw new ImportException("The file is empty. Its first line names the columns, one of which is 'email'.", exception);
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException)
        {
            // What was read before it is good.
            await TakeAsync(batch, order, run, done, cancellationToken);
            Report(csv, done, progress);
            throw new ImportException($"The record after line {line} is broken (a quote that isn't closed?). Mend it and run the import again; it goes on from here.", exception);
        }

        await TakeAsync(batch, order, run, done, cancellationToken);
        await AnalyzeAsync(done, cancellationToken);
        Report(csv, done, progress);
        return done;
    }

    /// <summary>PostgreSQL looks at a table of its own accord within a minute or so; a mailing right after an import would be selected by a plan for what was there before.</summary>
    private async Task AnalyzeAsync(ImportProgress done, CancellationToken cancellationToken)
    {
        if (done.Added + done.Joined > BatchSize && db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"""ANALYZE subscriptions."Subscribers", subscriptions."Subscriptions" """, cancellationToken);
        }
    }

    private static void Report(Stream csv, ImportProgress done, Action<ImportProgress> progress)
    {
        done.Bytes = csv.CanSeek ? csv.Position : 0;
        progress(done);
    }

    /// <summary>One batch: one transaction, one revision.</summary>
    private async Task TakeAsync(List<ImportRow> batch, ImportOrder order, Guid run, ImportProgress done, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var rows = batch.DistinctBy(row => row.Address.Normalized).ToDictionary(row => row.Address.Normalized);
        done.Already += batch.Count - rows.Count;

        await using (var change = await AudienceChange.BeginAsync(db, clock, new ConsentSource(ConsentMeans.Import, order.Source), cancellationToken))
        {
            var asked = new List<Asked>();
            var joined = await JoinKnownAsync(rows, order, change, asked, done, cancellationToken);
            var added = await AddNewAsync(rows, order, change, asked, done, cancellationToken);
            foreach (var same in asked.GroupBy(a => a.Frequency))
            {
                // Bulk: a hundred thousand questions mustn't stand in the way of a post.
                await mail.QueueAsync(
                    $"confirm/import/{run}/{change.Revision}/{same.Key.Word()}", MailingPriority.Bulk, run, [new(order.List, same.Key)],
                    [.. same.Select(a => new Recipient { SubscriberId = a.Subscriber.Id, Name = a.Subscriber.Name })], change.Revision, change.At, cancellationToken);
            }

            if (joined || added)
            {
                await change.CommitAsync(cancellationToken);
            }
        }

        db.ChangeTracker.Clear();
    }

    /// <summary>Those whose address is known: removed from <paramref name="rows"/>, and given the list unless something speaks against it.</summary>
    private async Task<bool> JoinKnownAsync(
        Dictionary<string, ImportRow> rows, ImportOrder order, AudienceChange change, List<Asked> asked, ImportProgress done, CancellationToken cancellationToken)
    {
        var addresses = rows.Keys.ToList();
        var known = await db.Subscribers.Where(s => EF.Parameter(addresses).Contains(s.NormalizedAddress!)).ToListAsync(cancellationToken);
        if (known.Count == 0)
        {
            return false;
        }

        var ids = known.Select(s => s.Id).ToList();
        await db.Subscriptions.Where(s => EF.Parameter(ids).Contains(s.SubscriberId) && s.List == order.List).LoadAsync(cancellationToken);
        var changed = false;
        foreach (var subscriber in known)
        {
            rows.Remove(subscriber.NormalizedAddress!, out var row);
            if (subscriber.Holds.Any())
            {
                done.Already++;
            }
            else if (subscriber.SuppressedAt is not null || subscriber.Subscriptions.Count > 0)
            {
                done.KeptOut++;
            }
            else if (order.Confirmed)
            {
                subscriber.ConfirmOnly([new(order.List, row!.Frequency)], change);
                done.Joined++;
                changed = true;
            }
            else if (subscriber.Pending.Any(p => p.List == order.List))
            {
                done.Already++;
            }
            else
            {
                if (subscriber.Want([new(order.List, row!.Frequency)], change))
                {
                    asked.Add(new(row.Frequency, subscriber));
                }

                done.Joined++;
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>The rest: new readers, inserted in bulk.</summary>
    private async Task<bool> AddNewAsync(
        Dictionary<string, ImportRow> rows, ImportOrder order, AudienceChange change, List<Asked> asked, ImportProgress done, CancellationToken cancellationToken)
    {
        foreach (var erased in await db.ErasedAmongAsync(rows.Keys, cancellationToken))
        {
            rows.Remove(erased);
            done.KeptOut++;
        }

        if (rows.Count == 0)
        {
            return false;
        }

        var added = rows.Values.Select(row => Add(row)).ToList();
        var bulk = new BulkCopyOptions { BulkCopyType = BulkCopyType.ProviderSpecific };
        await db.BulkCopyAsync(bulk, added, cancellationToken);
        await db.BulkCopyAsync(bulk, added.SelectMany(s => s.Subscriptions), cancellationToken);
        done.Added += added.Count;
        return true;

        Subscriber Add(ImportRow row)
        {
            var subscriber = Subscriber.New(row.Address, row.Details, defaults.Value, change.At);
            if (order.Confirmed)
            {
                subscriber.ConfirmOnly([new(order.List, row.Frequency)], change);
            }
            else
            {
                subscriber.Want([new(order.List, row.Frequency)], change);
                asked.Add(new(row.Frequency, subscriber));
            }

            return subscriber;
        }
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

    /// <summary>Somebody to be asked whether she wants the list so often.</summary>
    private sealed record Asked(Frequency Frequency, Subscriber Subscriber);
}
