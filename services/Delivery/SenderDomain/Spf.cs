using System.Net;

namespace Alerts.Delivery.SenderDomain;

/// <summary>Whether a domain lets an address send its mail: what a receiver works out from SPF (RFC 7208 §4), but for macros.</summary>
internal sealed class Spf(Dns dns)
{
    /// <summary>Mechanisms that ask DNS, in all (RFC 7208 §4.6.4). Receivers give up beyond.</summary>
    private const int MostLookups = 10;

    private int lookups;

    public static bool IsRecord(string text) => text.Equals("v=spf1", StringComparison.OrdinalIgnoreCase) || text.StartsWith("v=spf1 ", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="FormatException">The record is one that receivers refuse; the message says why.</exception>
    /// <exception cref="NoAnswerException">DNS couldn't be asked.</exception>
    public async Task<bool> AllowsAsync(string domain, IPAddress sender, CancellationToken cancellationToken)
    {
        lookups = 0;
        return await EvaluateAsync(domain, sender, cancellationToken) == '+';
    }

    /// <summary>The result as the qualifier that decides: <c>+ - ~ ?</c>.</summary>
    private async Task<char> EvaluateAsync(string domain, IPAddress sender, CancellationToken cancellationToken)
    {
        var records = (await dns.TextsAsync(domain, cancellationToken)).Where(IsRecord).ToList();
        if (records.Count != 1)
        {
            throw new FormatException(records.Count == 0 ? $"{domain} has no SPF record" : $"{domain} has {records.Count} SPF records, and may have one");
        }

        string? redirect = null;
        foreach (var term in records[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            if (term.StartsWith("redirect=", StringComparison.OrdinalIgnoreCase))
            {
                redirect = term["redirect=".Length..];
                continue;
            }

            // Other modifiers, such as exp=, decide nothing.
            var name = term.TrimStart('+', '-', '~', '?');
            if (name.AsSpan().IndexOfAny(":/") is var end && name[..(end < 0 ? name.Length : end)].Contains('=', StringComparison.Ordinal))
            {
                continue;
            }

            if (await MatchesAsync(name, domain, sender, cancellationToken))
            {
                return term[0] is '-' or '~' or '?' ? term[0] : '+';
            }
        }

        if (redirect is null)
        {
            return '?';
        }

        Count();
        return await EvaluateAsync(redirect, sender, cancellationToken);
    }

    private async Task<bool> MatchesAsync(string mechanism, string domain, IPAddress sender, CancellationToken cancellationToken)
    {
        var colon = mechanism.IndexOfAny([':', '/']);
        var name = (colon < 0 ? mechanism : mechanism[..colon]).ToLowerInvariant();
        var argument = colon < 0 ? "" : mechanism[colon..].TrimStart(':');
        if (argument.Contains('%', StringComparison.Ordinal))
        {
            // A macro asks about one mail; of mail in general nothing can be said.
            Count();
            return false;
        }

        switch (name)
        {
            case "all":
                return true;
            case "ip4" or "ip6":
                return InNetwork(argument, sender);
            case "include":
                Count();
                return await EvaluateAsync(argument, sender, cancellationToken) == '+';
            case "a":
                Count();
                return Near(await dns.AddressesAsync(Host(argument, domain), cancellationToken), argument, sender);
            case "mx":
                Count();
                foreach (var server in (await dns.MailServersAsync(Host(argument, domain), cancellationToken)).Take(MostLookups))
                {
                    if (server.Length > 0 && Near(await dns.AddressesAsync(server, cancellationToken), argument, sender))
                    {
                        return true;
                    }
                }

                return false;
            case "exists":
                Count();
                return (await dns.AddressesAsync(argument, cancellationToken)).Count > 0;
            case "ptr":
                Count();
                return false;
            default:
                throw new FormatException($"its SPF record has '{mechanism}', which isn't a mechanism");
        }
    }

    private void Count()
    {
        if (++lookups > MostLookups)
        {
            throw new FormatException($"its SPF record needs more than {MostLookups} look-ups, and receivers give up");
        }
    }

    private static string Host(string argument, string domain) => argument.Split('/')[0] is { Length: > 0 } host ? host : domain;

    private static bool Near(IReadOnlyList<IPAddress> addresses, string argument, IPAddress sender)
    {
        // a/24, a//64, a/24//64 (RFC 7208 §5.6).
        var lengths = argument.Split("//");
        var slash = lengths[0].IndexOf('/', StringComparison.Ordinal);
        var v4 = slash < 0 ? "32" : lengths[0][(slash + 1)..];
        var v6 = lengths.Length > 1 ? lengths[1] : "128";
        return addresses.Where(a => a.AddressFamily == sender.AddressFamily).Any(a => InNetwork($"{a}/{(a.GetAddressBytes().Length == 4 ? v4 : v6)}", sender));
    }

    private static bool InNetwork(string text, IPAddress sender)
    {
        var parts = text.Split('/');
        if (!IPAddress.TryParse(parts[0], out var address))
        {
            throw new FormatException($"its SPF record has '{text}', which isn't a network");
        }

        var (network, ours) = (address.GetAddressBytes(), sender.GetAddressBytes());
        var length = network.Length * 8;
        if (parts.Length > 1 && (!int.TryParse(parts[1], out length) || length < 0 || length > network.Length * 8))
        {
            throw new FormatException($"its SPF record has '{text}', which isn't a network");
        }

        return network.Length == ours.Length && Enumerable.Range(0, length).All(bit => ((network[bit / 8] ^ ours[bit / 8]) & (0x80 >> (bit % 8))) == 0);
    }
}
