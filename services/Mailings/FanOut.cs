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

    /// <summary>For so long an urgent mailing keeps the fan-out of others waiting, at most: a relay that is away mustn't keep them for good.</summary>
    private static readonly TimeSpan RightOfWay = TimeSpan.FromSeconds(10);

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

    /// <summary>Takes one page of the most pressing mailing. False when every mailing is sealed, or the rest has to wait.</summary>
    private async Task<bool> TakePageAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        var mailing = await db.Mailings
            .Where(m => m.SealedAt == null && m.FansOut)
            .OrderBy(m => m.Priority == MailingPriority.Urgent ? 0 : m.Priority == MailingPriority.Normal ? 1 : 2)
            .ThenBy(m => m.PreparedAt)
            .FirstOrDefaultAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (mailing is null || (mailing.Priority != MailingPriority.Urgent && await IsUrgentUnderWayAsync(db, now, cancellationToken)))
        {
            return false;
        }

        var page = mailing.CancelledAt is null ? await NextAsync(db, mailing, cancellationToken) : [];
        if (page.Count > 0)
        {
            var attends = mailing.EventId is { } id ? await db.AttendingAsync(id, [.. page.Select(c => c.SubscriberId)], cancellationToken) : null;
            mailing.AddPage(db, page, now, attends);
        }

        if (page.Count < OutgoingMailing.PageSize)
        {
            if (mailing is { Attending: true, Regions: not null, CancelledAt: null })
            {
                mailing.EndAttending();
            }
            else
            {
                await mailing.SealAsync(db, now, cancellationToken);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>The next page of candidates: a notice's are those who come to its event, then the audience in its regions.</summary>
    private async Task<IReadOnlyList<Candidate>> NextAsync(TDb db, OutgoingMailing mailing, CancellationToken cancellationToken) => mailing switch
    {
        { EventId: null } => await audience.PageAsync(mailing.Lists, mailing.Frequency, mailing.Revision, mailing.After, OutgoingMailing.PageSize, cancellationToken),
        { Attending: true } =>
            [.. (await db.AttendingAsync(mailing.EventId.Value, mailing.After, OutgoingMailing.PageSize, cancellationToken)).Select(id => new Candidate(id, null, null))],
        { Regions: { } regions } => await audience.NoticePageAsync(mailing.Lists, regions, mailing.Revision, mailing.After, OutgoingMailing.PageSize, cancellationToken),
        _ => [],
    };

    /// <summary>While urgent mail goes out, selecting further readers for other mail would only take the machine away from it.</summary>
    private static Task<bool> IsUrgentUnderWayAsync(TDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - RightOfWay;
        return db.Mailings.AnyAsync(m => m.Priority == MailingPriority.Urgent && m.PreparedAt > since && m.CompletedAt == null && m.CancelledAt == null, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Could not fan out a mailing of {Database}; trying again")]
    private partial void LogFailed(Exception exception, string database);
}
