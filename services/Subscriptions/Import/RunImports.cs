using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Import;

/// <summary>
/// Runs imports that were started, one after the other, in the order they came. Whoever has the file open runs it: a process that is killed lets go of it, and the next
/// sweep, here or in another process on this disk, goes on at the row where it stood.
/// </summary>
public sealed class RunImports(SubscriptionsDb db, SubscriberImport import, ImportFiles files, TimeProvider clock) : IJob
{
    private const int AtOnce = 100;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var due = await db.Imports.AsNoTracking()
            .Where(i => i.State == ImportState.Waiting || i.State == ImportState.Running).OrderBy(i => i.Id).Take(AtOnce).Select(i => i.Id).ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            await RunAsync(id, cancellationToken);
        }
    }

    private async Task RunAsync(Guid id, CancellationToken cancellationToken)
    {
        await using (var file = files.TryOpen(id))
        {
            if (file is null
                || await db.Imports.Where(i => i.Id == id && (i.State == ImportState.Waiting || i.State == ImportState.Running))
                    .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, ImportState.Running), cancellationToken) == 0)
            {
                return;
            }

            // Read only now: whoever had the file before may have gone on.
            var running = await db.Imports.AsNoTracking().SingleAsync(i => i.Id == id, cancellationToken);
            try
            {
                await import.RunAsync(file, running.Order(), running.Progress(), (progress, rejected, cancelled) => RecordAsync(id, progress, rejected, cancelled), cancellationToken);
                await EndAsync(id, ImportState.Done, null, cancellationToken);
            }
            catch (ImportException exception)
            {
                await EndAsync(id, ImportState.Failed, exception.Message, cancellationToken);
            }
            catch (ImportStoppedException)
            {
                db.ChangeTracker.Clear();
                return;
            }
        }

        files.Delete(id);
    }

    private async Task RecordAsync(Guid id, ImportProgress progress, IReadOnlyList<ImportReject> rejected, CancellationToken cancellationToken)
    {
        var known = await db.Imports.Where(i => i.Id == id && i.State == ImportState.Running).ExecuteUpdateAsync(
            set => set
                .SetProperty(i => i.Rows, progress.Rows)
                .SetProperty(i => i.Added, progress.Added)
                .SetProperty(i => i.Joined, progress.Joined)
                .SetProperty(i => i.Already, progress.Already)
                .SetProperty(i => i.KeptOut, progress.KeptOut)
                .SetProperty(i => i.Rejected, progress.Rejected)
                .SetProperty(i => i.Bytes, progress.Bytes),
            cancellationToken);
        if (known == 0)
        {
            throw new ImportStoppedException();
        }

        var room = ImportRun.MostRejects - (progress.Rejected - rejected.Count);
        if (rejected.Count > 0 && room > 0)
        {
            var named = rejected.Take((int)Math.Min(room, rejected.Count)).Select(r => new ImportedReject { ImportId = id, Line = r.Line, Reason = r.Reason });
            await db.InsertManyAsync(named, cancellationToken);
        }
    }

    /// <summary>All of it is taken, or all that could be: one that was called off at the last moment has ended all the same.</summary>
    private async Task EndAsync(Guid id, ImportState state, string? problem, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        var now = clock.GetUtcNow();
        await db.Imports.Where(i => i.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.State, state).SetProperty(i => i.Problem, problem).SetProperty(i => i.FinishedAt, now), cancellationToken);
    }

    /// <summary>An admin called it off; the batch at hand isn't taken.</summary>
    private sealed class ImportStoppedException : Exception;
}

/// <summary>Forgets old imports, and the files of those that nobody started or went on with.</summary>
internal sealed class PurgeImports(SubscriptionsDb db, ImportFiles files, TimeProvider clock) : IJob
{
    private static readonly TimeSpan Forsaken = TimeSpan.FromDays(1);

    private const int AtOnce = 1_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var fileBefore = now - ImportRun.FileKept;
        var abandoned = await db.Imports
            .Where(i => i.CreatedAt < fileBefore && (i.State == ImportState.Uploaded || i.State == ImportState.Cancelled)).OrderBy(i => i.Id).Select(i => i.Id).Take(AtOnce).ToListAsync(cancellationToken);
        abandoned.ForEach(files.Delete);
        await db.Imports.Where(i => i.State == ImportState.Uploaded && i.CreatedAt < fileBefore).ExecuteDeleteAsync(cancellationToken);

        // What a killed process left: a file that was still coming, or whose import had ended.
        foreach (var id in files.UntouchedSince(now - Forsaken))
        {
            if (!await db.Imports.AnyAsync(i => i.Id == id && i.State != ImportState.Done && i.State != ImportState.Failed, cancellationToken))
            {
                files.Delete(id);
            }
        }

        var before = now - ImportRun.Kept;
        await db.Imports.Where(i => i.CreatedAt < before && i.State != ImportState.Waiting && i.State != ImportState.Running).ExecuteDeleteAsync(cancellationToken);
    }
}
