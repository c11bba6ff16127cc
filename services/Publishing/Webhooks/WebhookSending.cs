using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Alerts.Publishing.Webhooks;

/// <summary>Makes calls that are due, and keeps what came of them. Any number of processes may: each takes a call before it makes it.</summary>
internal sealed partial class WebhookSending(PublishingDb db, WebhookClient client, TimeProvider clock, ILogger<WebhookSending> logger)
{
    /// <summary>Makes the calls to one webhook that are due, one after another, until none is, one fails (its taker has trouble, and is left alone for a while), or time is up.</summary>
    /// <param name="until">None is begun after this.</param>
    public async Task SendDueAsync(Webhook hook, DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (clock.GetUtcNow() < until && await TakeAsync(hook.Id, cancellationToken) is { } call)
        {
            if (!(await SendAsync(hook, call, cancellationToken)).IsTaken)
            {
                return;
            }
        }
    }

    /// <summary>Makes a call that this process has taken.</summary>
    public async Task<WebhookAnswer> SendAsync(Webhook hook, WebhookCall call, CancellationToken cancellationToken)
    {
        var answer = await client.CallAsync(hook, call, cancellationToken);

        // It is done, so it is kept, whoever asked may be gone.
        await KeepAsync(hook, call, answer, CancellationToken.None);
        return answer;
    }

    /// <summary>The call that is due longest, taken for <see cref="WebhookCall.Lease"/>. Null when there is none.</summary>
    private async Task<WebhookCall?> TakeAsync(Guid hookId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var next = await db.WebhookCalls.AsNoTracking().Where(c => c.WebhookId == hookId && c.DueAt <= now).OrderBy(c => c.DueAt).ThenBy(c => c.Id).FirstOrDefaultAsync(cancellationToken);
            if (next is null)
            {
                return null;
            }

            // Nought when another has taken it meanwhile.
            var taken = await db.WebhookCalls.Where(c => c.Id == next.Id && c.Attempts == next.Attempts && c.DueAt <= now).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Attempts, next.Attempts + 1).SetProperty(c => c.TriedAt, now).SetProperty(c => c.DueAt, now + WebhookCall.Lease), cancellationToken);
            if (taken == 1)
            {
                next.Attempts++;
                return next;
            }
        }
    }

    private async Task KeepAsync(Webhook hook, WebhookCall call, WebhookAnswer answer, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var again = answer.IsTaken || answer.IsGone ? null : call.NextTry(now);
        await db.WebhookCalls.Where(c => c.Id == call.Id && c.Attempts == call.Attempts).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(c => c.LastAnswer, answer.Says).SetProperty(c => c.DueAt, again);
                if (answer.IsTaken)
                {
                    set.SetProperty(c => c.DeliveredAt, now);
                }

                if (again is null)
                {
                    set.SetProperty(c => c.Body, (string?)null);
                }
            },
            cancellationToken);

        var itself = db.Webhooks.Where(h => h.Id == hook.Id);
        if (answer.IsTaken)
        {
            await itself.Where(h => h.Failures > 0).ExecuteUpdateAsync(
                set => set.SetProperty(h => h.Failures, 0).SetProperty(h => h.FailingSince, (DateTimeOffset?)null).SetProperty(h => h.RestsUntil, (DateTimeOffset?)null), cancellationToken);
        }
        else if (answer.IsGone)
        {
            await StopAsync(hook, itself, "It answered 410 (gone): it wants no more calls.", cancellationToken);
        }
        else if (!call.IsTest)
        {
            await itself.ExecuteUpdateAsync(
                set => set.SetProperty(h => h.Failures, h => h.Failures + 1).SetProperty(h => h.FailingSince, h => h.FailingSince ?? now).SetProperty(h => h.RestsUntil, now + hook.Rest), cancellationToken);
            var longAgo = now - Webhook.LongestFailing;
            await StopAsync(
                hook,
                itself.Where(h => h.Failures >= Webhook.MostFailures && h.FailingSince <= longAgo),
                $"Every call has failed for {Webhook.LongestFailing.TotalDays:0} days; the last time it {answer.Says}.",
                cancellationToken);
        }
    }

    private async Task StopAsync(Webhook hook, IQueryable<Webhook> which, string because, CancellationToken cancellationToken)
    {
        if (await which.Where(h => h.IsOn).ExecuteUpdateAsync(set => set.SetProperty(h => h.IsOn, false).SetProperty(h => h.StoppedBecause, because), cancellationToken) > 0)
        {
            LogStopped(hook.Id, new Uri(hook.Url).Host, because);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The webhook {Id} to {Host} is stopped: {Because}")]
    private partial void LogStopped(Guid id, string host, string because);
}
