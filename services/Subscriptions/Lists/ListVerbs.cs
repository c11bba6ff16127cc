using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Lists;

/// <summary>What the verbs <c>lists</c> and <c>lists add</c> of the command line do.</summary>
public static class ListVerbs
{
    /// <summary>Adds a list. Returns null when done, else one line that says what is wrong.</summary>
    public static async Task<string?> AddAsync(SubscriptionsDb db, TimeProvider clock, NewList list, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(clock);

        if (list.Problems() is { Count: > 0 } problems)
        {
            return string.Join(' ', problems.Values.SelectMany(p => p));
        }

        return await MailingList.AddAsync(db, list, clock.GetUtcNow(), cancellationToken) ? null : $"There is a list {list.Slug} already. Choose another slug.";
    }

    /// <summary>The lists, by slug; at most 1,000.</summary>
    public static async Task<IReadOnlyList<ListView>> AllAsync(SubscriptionsDb db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        var lists = await db.Lists.AsNoTracking().OrderBy(l => l.Slug).Take(1_000).ToListAsync(cancellationToken);
        return [.. lists.Select(ListView.Of)];
    }
}
