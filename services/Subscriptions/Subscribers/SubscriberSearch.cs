using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>Finds readers for admins.</summary>
internal static class SubscriberSearch
{
    /// <summary>A suppressed or paused reader is found by that, and by how she stands else.</summary>
    public const string Suppressed = "suppressed";
    public const string Paused = "paused";

    public static IReadOnlyList<string> States { get; } = [.. Enum.GetValues<SubscriberState>().Select(s => s.Word()), Suppressed, Paused];

    /// <summary>Readers in the order they came, with what they hold.</summary>
    /// <param name="address">A whole address, or what one begins with. Null: any.</param>
    /// <param name="list">The slug of a list they hold. Null: any.</param>
    /// <param name="state">One of <see cref="States"/>. Null: any.</param>
    /// <param name="region">A region she named, as she wrote it. Null: any.</param>
    /// <param name="after">The last id of the page before.</param>
    public static Task<List<Subscriber>> FindAsync(this SubscriptionsDb db, string? address, string? list, string? state, string? region, Guid after, int limit, CancellationToken cancellationToken)
    {
        var found = InRegion(db, region).AsNoTracking().Where(s => s.Id > after);
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

        if (state == Suppressed)
        {
            found = found.Where(s => s.SuppressedAt != null);
        }
        else if (state == Paused)
        {
            found = found.Where(s => s.PausedUntil != null);
        }
        else if (Words.TryRead<SubscriberState>(state, out var wanted))
        {
            found = found.Where(s => s.State == wanted);
        }

        return found.OrderBy(s => s.Id).Take(limit)
            .Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Regions are one JSON text, the same on both databases; within it a name stands in quotes.</summary>
    private static IQueryable<Subscriber> InRegion(SubscriptionsDb db, string? region)
    {
        if (string.IsNullOrWhiteSpace(region))
        {
            return db.Subscribers;
        }

        var quoted = JsonSerializer.Serialize(region.Trim());
        return db.Database.IsNpgsql()
            ? db.Subscribers.FromSql($"""SELECT * FROM subscriptions."Subscribers" WHERE strpos("Regions", {quoted}) > 0""")
            : db.Subscribers.FromSql($"""SELECT * FROM "Subscribers" WHERE instr("Regions", {quoted}) > 0""");
    }
}
