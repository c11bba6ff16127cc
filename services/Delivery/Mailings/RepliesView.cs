using System.Text.RegularExpressions;
using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>What relays said about the mails of a mailing that they didn't take: the same words together, and where.</summary>
/// <param name="Counted">How many mails were looked at.</param>
/// <param name="All">False: there are more than were looked at.</param>
/// <param name="Items">The most frequent first, at most <see cref="MostItems"/>.</param>
internal sealed partial record RepliesView(int Counted, bool All, IReadOnlyList<ReplyGroup> Items)
{
    public const int MostCounted = 10_000;

    /// <summary>Of a mailing under way, whose page is loaded again and again.</summary>
    public const int FewCounted = 1_000;

    private const int MostItems = 50;
    private const int MostDomains = 10;
    private const int PageSize = 500;
    private static readonly DeliveryState[] States = [DeliveryState.Deferred, DeliveryState.Bounced, DeliveryState.Suppressed, DeliveryState.Expired];

    /// <summary>Looks through the first of them. Domains aren't in the ledger: the audience is asked for the addresses.</summary>
    public static async Task<RepliesView> FindAsync(DeliveryDb db, IAudience audience, Guid mailing, int most, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<(string State, string Text), Dictionary<string, int>>();
        var counted = 0;
        foreach (var state in States)
        {
            var after = Guid.Empty;
            while (counted < most)
            {
                var rows = await DeliveryView.Rows(db, mailing, state)
                    .Where(r => r.Row.LastReply != null && r.Row.SubscriberId > after)
                    .OrderBy(r => r.Row.SubscriberId)
                    .Select(r => new { r.Row.SubscriberId, r.Row.LastReply, r.Row.Address })
                    .Take(Math.Min(PageSize, most - counted))
                    .ToListAsync(cancellationToken);
                if (rows.Count == 0)
                {
                    break;
                }

                var reachable = await audience.StillWantedAsync([], [.. rows.Select(r => r.SubscriberId)], cancellationToken);
                foreach (var row in rows)
                {
                    var address = row.Address ?? reachable.GetValueOrDefault(row.SubscriberId)?.Address;
                    var domain = address is null ? "" : address[(address.LastIndexOf('@') + 1)..].ToLowerInvariant();
                    var key = (state.Word(), Gist(row.LastReply!));
                    var domains = counts.TryGetValue(key, out var known) ? known : counts[key] = [];
                    domains[domain] = domains.GetValueOrDefault(domain) + 1;
                }

                (counted, after) = (counted + rows.Count, rows[^1].SubscriberId);
            }
        }

        var groups = counts
            .Select(g => new ReplyGroup(
                g.Key.State,
                g.Key.Text,
                g.Value.Values.Sum(),
                [.. g.Value.Select(d => new ReplyDomain(d.Key, d.Value)).OrderByDescending(d => d.Count).ThenBy(d => d.Domain, StringComparer.Ordinal).Take(MostDomains)],
                Math.Max(0, g.Value.Count - MostDomains)))
            .OrderByDescending(g => g.Count).ThenBy(g => g.Text, StringComparer.Ordinal)
            .Take(MostItems);
        return new RepliesView(counted, counted < most, [.. groups]);
    }

    /// <summary>A reply without the addresses in it: for those who needn't know them.</summary>
    public static string WithoutAddresses(string reply) => AnAddress().Replace(reply, "…");

    /// <summary>A reply without what differs from mail to mail: addresses, queue ids, numbers of connections.</summary>
    public static string Gist(string reply) => AnId().Replace(WithoutAddresses(reply), "…");

    [GeneratedRegex(@"<?[^\s<>]+@[^\s<>]+>?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex AnAddress();

    // Letters mixed with digits, or a long number; not the enhanced status code (5.1.1), nor an IP address, which tells who refused.
    [GeneratedRegex(@"(?<![\w.])(?:(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,}|\d{5,})(?![\w.]*\.\w)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex AnId();
}

/// <param name="Text">The reply; what differs from mail to mail is an ellipsis.</param>
/// <param name="Domains">The ten where it was said most often.</param>
/// <param name="OtherDomains">How many more there are.</param>
internal sealed record ReplyGroup(string State, string Text, int Count, IReadOnlyList<ReplyDomain> Domains, int OtherDomains);

/// <param name="Domain">The part of the address after the @; empty for those who get no mail now.</param>
internal sealed record ReplyDomain(string Domain, int Count);
