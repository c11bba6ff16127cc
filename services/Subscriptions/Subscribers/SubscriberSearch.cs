using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>Finds readers for admins.</summary>
internal static class SubscriberSearch
{
    /// <summary>Readers in the order they came, with what they hold.</summary>
    /// <param name="address">A whole address, or what one begins with. Null: any.</param>
    /// <param name="list">The slug of a list they hold. Null: any.</param>
    /// <param name="after">The last id of the page before.</param>
    public static Task<List<Subscriber>> FindAsync(this SubscriptionsDb db, string? address, string? list, Guid after, int limit, CancellationToken cancellationToken)
    {
        var found = db.Subscribers.AsNoTracking().Where(s => s.Id > after);
        if (EmailAddress.TryRead(address, out var whole, out _))
        {
            found = found.Where(s => s.NormalizedAddress == whole.Normalized);
        }
        else if (!string.IsNullOrWhiteSpace(address))
        {
            var begins = address.Trim().ToLowerInvariant();
            found = found.Where(s => s.NormalizedAddress!.StartsWith(begins));
        }

        if (!string.IsNullOrEmpty(list))
        {
            found = found.Where(s => s.Subscriptions.Any(held => held.List == list && held.ToRev == Subscription.Held));
        }

        return found.OrderBy(s => s.Id).Take(limit)
            .Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held))
            .ToListAsync(cancellationToken);
    }
}
