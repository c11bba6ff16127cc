using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Web;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.SignUp;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

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
    /// <summary>Read so far. An import that goes on passes over as many.</summary>
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

/// <summary>
/// Told after each batch of rows, in the transaction that takes them (or alone, where none of them changed anything): how far the import is, and whom of them it didn't
/// take. Throws to stop; then these rows weren't taken.
/// </summary>
public delegate Task ImportRecord(ImportProgress progress, IReadOnlyList<ImportReject> rejected, CancellationToken cancellationToken);

/// <summary>What to import.</summary>
public sealed record ImportOrder
{
    /// <summary>The slug of a list there is.</summary>
    public required string List { get; init; }

    /// <summary>True: these readers have said yes elsewhere, and hold the list at once. False: a mail asks each of them.</summary>
    public required bool Confirmed { get; init; }

    /// <summary>What the file calls a column of ours, where that can't be told from its name: <c>email</c> → <c>Adresse électronique</c>. Empty: left out.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>Where these readers come from, such as the file's name: it stands in the record of each of them. At most 254 characters.</summary>
    public string? Source { get; init; }

    /// <summary>For rows that don't say. Null: as often as the list says.</summary>
    public Frequency? Frequency { get; init; }
}

/// <summary>
/// Takes readers from CSV (RFC 4180; any usual encoding; comma, semicolon or tab) with the columns <c>email</c>, <c>name</c>, <c>frequency</c>, <c>zone</c>, <c>hour</c>,
/// <c>weekday</c>, <c>regions</c>, or as other systems name them: see <see cref="ImportColumns"/>. It streams: a batch of rows is one transaction and one revision. When it
/// is cut off, running it again goes on: who is there already is passed over.
/// </summary>
public sealed class SubscriberImport(SubscriptionsDb db, ConfirmationMail mail, IOptions<ReadingDefaults> defaults, TimeProvider clock)
{
    /// <summary>Of new holders; up to here, the database's own look at its tables is soon enough.</summary>
    private const int Many = 10_000;

    /// <param name="done">Where it goes on; a new one at the beginning. Counts along.</param>
    /// <exception cref="ImportException">There is no such list, the file isn't CSV, or a record in it is broken.</exception>
    public async Task RunAsync(Stream csv, ImportOrder order, ImportProgress done, ImportRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(done);
        ArgumentNullException.ThrowIfNull(record);

        if (await db.Lists.AsNoTracking().FirstOrDefaultAsync(l => l.Slug == order.List, cancellationToken) is not { } list)
        {
            throw new ImportException($"There is no list '{order.List}'. Add it first: alerts lists add {order.List} --name NAME");
        }

        var run = new Run(order, Guid.CreateVersion7(clock.GetUtcNow()), done, record);
        await using var batches = await ImportBatches.OpenAsync(csv, order, done.Rows, order.Frequency ?? list.DefaultFrequency, await KnownRegions.LoadAsync(db, cancellationToken), cancellationToken);

        // The next batch is read while the database takes this one.
        var next = ReadOnAsync();
        long analyzeAt = Many;
        try
        {
            while (await next is { } batch)
            {
                next = ReadOnAsync();
                await TakeAsync(run, batch, cancellationToken);
                if (done.Added + done.Joined >= analyzeAt)
                {
                    await AnalyzeAsync(roughly: true, cancellationToken);
                    analyzeAt *= 4;
                }
            }
        }
        finally
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (done.Added + done.Joined >= Many)
        {
            await AnalyzeAsync(roughly: false, cancellationToken);
        }

        Task<ImportBatch?> ReadOnAsync() => Task.Run(() => batches.NextAsync(cancellationToken), cancellationToken);
    }

    /// <summary>
    /// While a table grows by a million rows its statistics are those of a small one, and PostgreSQL would read all of it for each batch. Everything asked in this
    /// transaction is asked by key.
    /// </summary>
    private async Task LookUpByIndexAsync(CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"SET LOCAL enable_seqscan = off", cancellationToken);
        }
    }

    /// <summary>
    /// PostgreSQL looks at a table of its own accord once in a minute or so. Until then a mailing would be selected, and digests would learn of the new readers, by a plan for
    /// the few that were there before: by reading the whole table for each page.
    /// </summary>
    /// <param name="roughly">From a tenth of the usual sample: enough while a table grows.</param>
    private async Task AnalyzeAsync(bool roughly, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql())
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (roughly)
        {
            await db.Database.ExecuteSqlAsync($"SET LOCAL default_statistics_target = 10", cancellationToken);
        }

        await db.Database.ExecuteSqlAsync($"""ANALYZE subscriptions."Subscribers", subscriptions."Subscriptions" """, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>One batch: one transaction, one revision.</summary>
    private async Task TakeAsync(Run run, ImportBatch batch, CancellationToken cancellationToken)
    {
        var (order, done) = (run.Order, run.Done);
        var rows = batch.Rows.DistinctBy(row => row.Address.Normalized).ToDictionary(row => row.Address.Normalized);
        done.Rows += batch.Rows.Count + batch.Rejects.Count;
        done.Rejected += batch.Rejects.Count;
        done.Already += batch.Rows.Count - rows.Count;
        done.Bytes = batch.Bytes;
        var changed = false;
        if (rows.Count > 0)
        {
            await using var change = await AudienceChange.BeginAsync(db, clock, new ConsentSource(ConsentMeans.Import, order.Source), cancellationToken);
            await LookUpByIndexAsync(cancellationToken);
            var asked = new List<Asked>();
            changed |= await JoinKnownAsync(rows, order, change, asked, done, cancellationToken);
            changed |= await AddNewAsync(rows, order, change, asked, done, cancellationToken);
            foreach (var same in asked.GroupBy(a => (a.Frequency, Language: Languages.Of(a.Subscriber.Language))))
            {
                // Bulk: a hundred thousand questions mustn't stand in the way of a post.
                await mail.QueueAsync(
                    $"confirm/import/{run.Id}/{change.Revision}/{same.Key.Frequency.Word()}/{same.Key.Language}", MailingPriority.Bulk, run.Id, same.Key.Language, [new(order.List, same.Key.Frequency)],
                    [.. same.Select(a => new Recipient { SubscriberId = a.Subscriber.Id, Name = a.Subscriber.Name })], change.Revision, change.At, cancellationToken);
            }

            if (changed)
            {
                await run.Record(done, batch.Rejects, cancellationToken);
                await change.CommitAsync(cancellationToken);
            }
        }

        if (!changed)
        {
            await run.Record(done, batch.Rejects, cancellationToken);
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
            rows.Remove(subscriber.ComparedAddress!, out var row);
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

        // Each is made while the database takes those before her.
        var ids = NewIds(rows.Count, change.At);
        var added = new List<Subscriber>(rows.Count);
        await db.InsertManyAsync(rows.Values.Select(Add), cancellationToken);
        await db.InsertManyAsync(added.SelectMany(s => s.Subscriptions), cancellationToken);
        done.Added += added.Count;
        return true;

        Subscriber Add(ImportRow row)
        {
            var subscriber = Subscriber.New(row.Address, row.Details, defaults.Value, change.At, ids[added.Count]);
            if (order.Confirmed)
            {
                subscriber.ConfirmOnly([new(order.List, row.Frequency)], change);
            }
            else
            {
                subscriber.Want([new(order.List, row.Frequency)], change);
                asked.Add(new(row.Frequency, subscriber));
            }

            added.Add(subscriber);
            return subscriber;
        }
    }

    /// <summary>Ids in ascending order (RFC 9562 §6.2 leaves that to us within a millisecond), so that the database appends to each index by id instead of putting them in between.</summary>
    private static Guid[] NewIds(int count, DateTimeOffset now)
    {
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = Guid.CreateVersion7(now);
        }

        Array.Sort(ids);
        return ids;
    }

    private sealed record Run(ImportOrder Order, Guid Id, ImportProgress Done, ImportRecord Record);

    /// <summary>Somebody to be asked whether she wants the list so often.</summary>
    private sealed record Asked(Frequency Frequency, Subscriber Subscriber);
}
