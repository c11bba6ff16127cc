using System.Text.Json;
using Alerts.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>What admins look for; null or empty: any.</summary>
/// <param name="Address">A whole address, or what one begins with.</param>
/// <param name="List">The slug of a list they hold.</param>
/// <param name="State">One of <see cref="SubscriberSearch.States"/>.</param>
/// <param name="Region">A region they named, as they wrote it.</param>
public sealed record SubscriberFilter(string? Address, string? List, string? State, string? Region)
{
    public bool IsEmpty => new[] { Address, List, State, Region }.All(string.IsNullOrWhiteSpace);

    /// <summary>As the query of an address here.</summary>
    internal QueryString Query()
    {
        var query = new QueryString();
        foreach (var (name, value) in new[] { ("address", Address), ("list", List), ("state", State), ("region", Region) })
        {
            query = string.IsNullOrWhiteSpace(value) ? query : query.Add(name, value);
        }

        return query;
    }
}

/// <summary>Finds readers for admins.</summary>
internal static class SubscriberSearch
{
    /// <summary>A suppressed or paused reader is found by that, and by how she stands else.</summary>
    public const string Suppressed = "suppressed";
    public const string Paused = "paused";

    public static IReadOnlyList<string> States { get; } = [.. Enum.GetValues<SubscriberState>().Select(s => s.Word()), Suppressed, Paused];

    /// <summary>Readers in the order they came, with what they hold.</summary>
    /// <param name="after">The last id of the page before.</param>
    public static Task<List<Subscriber>> FindAsync(this SubscriptionsDb db, SubscriberFilter filter, Guid after, int limit, CancellationToken cancellationToken)
    {
        var found = db.Matching(filter).Where(s => s.Id > after);
        if (!string.IsNullOrEmpty(filter.List) && (filter with { List = null }).IsEmpty)
        {
            // Nothing but a list: a walk along its index for each frequency, as a fan-out does it. Few among a million are found as fast as many.
            var holders = Enum.GetValues<Frequency>()
                .Select(frequency => db.Subscriptions
                    .Where(s => s.List == filter.List && s.Frequency == frequency && s.SubscriberId > after && s.ToRev == Subscription.Held)
                    .OrderBy(s => s.SubscriberId).Take(limit).Select(s => s.SubscriberId))
                .Aggregate((some, more) => some.Union(more))
                .OrderBy(id => id).Take(limit);
            found = db.Subscribers.Where(s => holders.Contains(s.Id));
        }

        return found.AsNoTracking().OrderBy(s => s.Id).Take(limit)
            .Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held))
            .ToListAsync(cancellationToken);
    }

    /// <summary>What can't be searched for in this database, in words; null when all of it can.</summary>
    public static string? WrongIn(this SubscriptionsDb db, SubscriberFilter filter) =>
        db.AddressKeys is not null && !string.IsNullOrWhiteSpace(filter.Address) && !EmailAddress.TryRead(filter.Address, out _, out _)
            ? "Addresses are encrypted here: give the whole one."
            : null;

    /// <summary>All that a filter finds.</summary>
    public static IQueryable<Subscriber> Matching(this SubscriptionsDb db, SubscriberFilter filter)
    {
        var found = InRegion(db, filter.Region);
        if (EmailAddress.TryRead(filter.Address, out var whole, out _))
        {
            found = found.Where(s => s.NormalizedAddress == whole.Normalized);
        }
        else if (db.WrongIn(filter) is not null)
        {
            found = found.Where(s => false);
        }
        else if (!string.IsNullOrWhiteSpace(filter.Address))
        {
            // Between it and what comes right after: an index serves that on both databases, whatever their collation makes of LIKE.
            var begins = filter.Address.Trim().ToLowerInvariant();
            var end = begins[..^1] + (char)(begins[^1] + 1);
            found = found.Where(s => s.NormalizedAddress!.CompareTo(begins) >= 0 && s.NormalizedAddress.CompareTo(end) < 0);
        }

        if (!string.IsNullOrEmpty(filter.List))
        {
            found = found.Where(s => s.Subscriptions.Any(held => held.List == filter.List && held.ToRev == Subscription.Held));
        }

        if (filter.State == Suppressed)
        {
            found = found.Where(s => s.SuppressedAt != null);
        }
        else if (filter.State == Paused)
        {
            found = found.Where(s => s.PausedUntil != null);
        }
        else if (Words.TryRead<SubscriberState>(filter.State, out var wanted))
        {
            // The first condition names the index of the few who aren't confirmed.
            found = wanted == SubscriberState.Confirmed ? found.Where(s => s.State == SubscriberState.Confirmed) : found.Where(s => s.State != SubscriberState.Confirmed && s.State == wanted);
        }

        return found;
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
            ? db.Subscribers.FromSql($"""SELECT * FROM subscriptions."Subscribers" WHERE "Regions" <> '[]' AND strpos("Regions", {quoted}) > 0""")
            : db.Subscribers.FromSql($"""SELECT * FROM "Subscribers" WHERE "Regions" <> '[]' AND instr("Regions", {quoted}) > 0""");
    }
}
