using Alerts.Contracts;
using Alerts.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Alerts.Mailings;

/// <summary>
/// Walks the audience of each unsealed mailing, a page of <see cref="OutgoingMailing.PageSize"/> at a time: one transaction a page, urgent mailings first.
/// Any number of processes may run it; the page number decides which of two saves.
/// </summary>
public sealed partial class FanOut<TDb>(
    IServiceScopeFactory scopes, IAudience audience, CommitSignal<TDb> signal, TimeProvider clock, ILogger<FanOut<TDb>> logger) : BackgroundService
    where TDb : MailingsDbContext
{
    /// <summary>Only the fallback: preparing a mailing wakes the fan-out.</summary>
    private static readonly TimeSpan Fallback = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var commits = signal.Subscribe();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await TakePageAsync(stoppingToken))
                {
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Another process saved that page; look again at once.
                continue;
            }
            catch (Exception exception)
            {
                LogFailed(exception, typeof(TDb).Name);
            }

            await commits.WaitAsync(Fallback, stoppingToken);
        }
    }

    /// <summary>Takes one page of the most pressing mailing. False when every mailing is sealed.</summary>
    private async Task<bool> TakePageAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        var mailing = await db.Mailings
            .Where(m => m.SealedAt == null && m.FansOut)
            .OrderBy(m => m.Priority == MailingPriority.Urgent ? 0 : m.Priority == MailingPriority.Normal ? 1 : 2)
            .ThenBy(m => m.PreparedAt)
            .FirstOrDefaultAsync(cancellationToken);
        if (mailing is null)
        {
            return false;
        }

        var page = mailing.CancelledAt is null
            ? await audience.PageAsync(mailing.Lists, mailing.Frequency, mailing.Revision, mailing.After, OutgoingMailing.PageSize, cancellationToken)
            : [];
        var now = clock.GetUtcNow();
        if (page.Count > 0)
        {
            mailing.AddPage(db, page, now);
        }

        if (page.Count < OutgoingMailing.PageSize)
        {
            await mailing.SealAsync(db, now, cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Could not fan out a mailing of {Database}; trying again")]
    private partial void LogFailed(Exception exception, string database);
}
