using Alerts.ServiceDefaults.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Webhooks;

/// <summary>Forgets calls older than <see cref="WebhookCall.Kept"/>, waiting ones included, and those that are over beyond <see cref="WebhookCall.MostKept"/> of a webhook.</summary>
internal sealed class PurgeWebhookCalls(PublishingDb db, TimeProvider clock) : IJob
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - WebhookCall.Kept;
        await db.WebhookCalls.Where(c => c.CreatedAt < before).ExecuteDeleteAsync(cancellationToken);
        foreach (var id in await db.Webhooks.Select(h => h.Id).ToListAsync(cancellationToken))
        {
            var over = db.WebhookCalls.Where(c => c.WebhookId == id && c.DueAt == null);
            var oldest = await over.OrderByDescending(c => c.CreatedAt).Select(c => (DateTimeOffset?)c.CreatedAt).Skip(WebhookCall.MostKept).FirstOrDefaultAsync(cancellationToken);
            if (oldest is { } beyond)
            {
                await over.Where(c => c.CreatedAt <= beyond).ExecuteDeleteAsync(cancellationToken);
            }
        }
    }
}
