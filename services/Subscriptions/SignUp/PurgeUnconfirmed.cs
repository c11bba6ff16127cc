using Alerts.ServiceDefaults.Jobs;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.SignUp;

/// <summary>Forgets those who never said yes, a week after they were last asked: their addresses aren't ours to keep.</summary>
internal sealed class PurgeUnconfirmed(SubscriptionsDb db, TimeProvider clock) : IJob
{
    private const int AtOnce = 1_000;

    /// <summary>A thousand at a time keeps each transaction short.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - ConfirmationMail.Lapse;
        List<Guid> gone;
        do
        {
            gone = await db.Subscribers
                .Where(s => s.State == SubscriberState.Unconfirmed && s.AskedAt < before)
                .OrderBy(s => s.Id).Select(s => s.Id).Take(AtOnce).ToListAsync(cancellationToken);

            // Asked once more: she may have said yes since. Her record goes only if she does.
            await db.Subscribers.Where(s => gone.Contains(s.Id) && s.State == SubscriberState.Unconfirmed && s.AskedAt < before).ExecuteDeleteAsync(cancellationToken);
            await db.Consents.Where(c => gone.Contains(c.SubscriberId) && !db.Subscribers.Any(s => s.Id == c.SubscriberId)).ExecuteDeleteAsync(cancellationToken);
        }
        while (gone.Count == AtOnce);
    }
}
