using Alerts.Publishing.Feeds;
using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Alerts.Publishing.Sources;

/// <summary>Reads the sources that are due, the longest due first.</summary>
internal sealed partial class ReadSources(PublishingDb db, FeedFetch fetch, FeedImport import, TimeProvider clock, ILogger<ReadSources> logger) : IJob
{
    /// <summary>In one run; the next one goes on.</summary>
    private const int AtOnce = 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.Sources.Where(s => s.NextReadAt <= now).OrderBy(s => s.NextReadAt).Select(s => s.Id).Take(AtOnce).ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            if (await BeginAsync(id, cancellationToken) is { } source)
            {
                await ReadAsync(source, cancellationToken);
            }
        }
    }

    /// <summary>Null when somebody else has begun to read it, or changed or deleted it.</summary>
    private async Task<Source?> BeginAsync(Guid id, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        if (await db.Sources.FindAsync([id], cancellationToken) is not { } source || source.NextReadAt > now)
        {
            return null;
        }

        source.Begin(now);
        return await SaveAsync(cancellationToken) ? source : null;
    }

    private async Task ReadAsync(Source source, CancellationToken cancellationToken)
    {
        try
        {
            var address = new Uri(source.Url);
            var fetched = await fetch.FetchAsync(address, new FeedValidators(source.ETag, source.LastModified), cancellationToken);
            FeedImported? imported = null;
            if (fetched.Feed is { } feed)
            {
                imported = await import.ImportAsync(
                    feed, new FeedOrigin { Address = address, Lists = source.Lists, Publish = source.Publish, FeedId = source.FeedId }, cancellationToken);
            }

            await NoteAsync(source, s => s.Succeeded(imported?.FeedId, fetched.Validators, clock.GetUtcNow()), cancellationToken);
            if (imported is { } changes && changes.Imported + changes.Updated > 0)
            {
                LogRead(changes);
            }
        }
        catch (FeedException exception)
        {
            await NoteAsync(source, s => s.Failed(exception.Message, clock.GetUtcNow()), cancellationToken);
        }
        catch (DbUpdateException exception)
        {
            LogFailed(exception, source.Id);
            await NoteAsync(source, s => s.Failed("Its posts could not be saved: the log says why.", clock.GetUtcNow()), cancellationToken);
        }
    }

    /// <summary>Unless an editor has changed the source meanwhile: then it is due again anyway.</summary>
    private async Task NoteAsync(Source read, Action<Source> note, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        if (await db.Sources.FindAsync([read.Id], cancellationToken) is { } source && source.Change == read.Change)
        {
            note(source);
            await SaveAsync(cancellationToken);
        }
    }

    private async Task<bool> SaveAsync(CancellationToken cancellationToken)
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

    [LoggerMessage(LogLevel.Information, "Read {Feed}")]
    private partial void LogRead(FeedImported feed);

    [LoggerMessage(LogLevel.Error, "Could not save what was read from the source {SourceId}")]
    private partial void LogFailed(Exception exception, Guid sourceId);
}
