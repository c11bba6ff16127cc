using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Publishing.Webhooks;

/// <summary>Makes the calls that are due, to several webhooks at once: one that is slow doesn't hold up the others for longer than <see cref="Longest"/>.</summary>
internal sealed class SendWebhooks(PublishingDb db, IServiceScopeFactory scopes, SendWebhooks.Turn turn, TimeProvider clock) : IJob
{
    private const int AtOnce = 8;

    /// <summary>A run begins no call after this.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!turn.TryTake())
        {
            return;
        }

        try
        {
            var now = clock.GetUtcNow();
            var hooks = await db.Webhooks.AsNoTracking().Where(h => h.IsOn && (h.RestsUntil == null || h.RestsUntil <= now))
                .Where(h => db.WebhookCalls.Any(c => c.WebhookId == h.Id && c.DueAt <= now)).ToListAsync(cancellationToken);
            await Parallel.ForEachAsync(hooks, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (hook, cancelled) =>
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<WebhookSending>().SendDueAsync(hook, now + Longest, cancelled);
            });
        }
        finally
        {
            turn.Give();
        }
    }

    /// <summary>One run at a time in a process: runs that wait for slow takers would have the workers of all other jobs.</summary>
    internal sealed class Turn
    {
        private int taken;

        public bool TryTake() => Interlocked.Exchange(ref taken, 1) == 0;

        public void Give() => Interlocked.Exchange(ref taken, 0);
    }
}
