using System.Net;
using System.Net.Sockets;
using Alerts.Delivery.Dkim;
using Alerts.Delivery.Rendering;
using Alerts.Delivery.Sending;
using Alerts.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.SenderDomain;

/// <summary>Looks at our sender's domain as those who receive our mail do: SPF, DKIM, DMARC, reverse DNS, and where bounces go.</summary>
internal sealed class Inspection
{
    public const string AddressesKey = "Mail:SendingAddresses";

    private readonly DkimKeys keys;
    private readonly Dns dns;
    private readonly string bounceDomain;
    private readonly IReadOnlyList<RelayAddress> relays;
    private readonly IReadOnlyList<IPAddress> configured;

    /// <exception cref="InvalidOperationException">An address of <c>Mail:SendingAddresses</c> isn't one.</exception>
    public Inspection(IConfiguration configuration, IReadOnlyList<RelayAddress> relays, DkimKeys keys)
    {
        (this.relays, this.keys) = (relays, keys);
        dns = new Dns(configuration);
        Domain = DkimKeys.FromDomain(configuration);
        bounceDomain = MailRenderer.BounceDomain(configuration[$"{MailOptions.Section}:BounceDomain"], Domain).ToLowerInvariant();
        configured = [.. (configuration[AddressesKey] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => IPAddress.TryParse(text, out var address) ? address : throw new InvalidOperationException($"{AddressesKey} has '{text}', which isn't an IP address."))];
    }

    /// <summary>The domain of <c>Mail:From</c>.</summary>
    public string Domain { get; }

    /// <summary>Why there is nothing to look at; null when there is.</summary>
    public string? NotNeeded =>
        relays.Count == 0 ? "No relay is configured (Smtp:Relays): mail stays on this machine, and nobody looks at the sender's domain."
        : IsReserved(Domain) ? $"{Domain} isn't a domain of the internet: nobody looks it up. Set Mail:From to an address of your own domain."
        : null;

    /// <summary>Asks DNS all that receivers ask. What it doesn't answer is said to be unknown.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var addresses = await SendingAddressesAsync(cancellationToken);
        var findings = await Task.WhenAll(
        [
            Ask("SPF", () => SpfAsync(addresses, cancellationToken)),
            .. keys.All.Select(key => Ask($"DKIM ({key.Algorithm})", () => DkimAsync(key, cancellationToken))),
            Ask("DMARC", () => DmarcAsync(cancellationToken)),
            .. addresses.Select(address => Ask($"Reverse DNS of {address}", () => ReverseAsync(address, cancellationToken), required: configured.Count > 0)),
            Ask("Where bounces go", () => BouncesAsync(cancellationToken)),
        ]);
        return
        [
            .. findings,
            .. keys.All.Count > 0 ? Array.Empty<Finding>() :
            [
                new Finding("DKIM", Verdict.Missing, Required: true, "There is no key, so mails go out unsigned. Make keys with: alerts dkim new. (If your relay signs what it sends, it is well without.)", null),
            ],
            .. addresses.Count > 0 ? Array.Empty<Finding>() :
            [
                new Finding(
                    "Reverse DNS", Verdict.Unknown, Required: false,
                    $"The relay stands in a network of your own, so it can't be known from which address mail leaves: set {AddressesKey}, such as 192.0.2.25, and check again.", null),
            ],
        ];
    }

    private async Task<Finding> SpfAsync(IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        const string name = "SPF";
        var records = (await dns.TextsAsync(bounceDomain, cancellationToken)).Where(Spf.IsRecord).ToList();
        var ours = addresses.Count > 0 ? string.Join(' ', addresses.Select(Mechanism)) : "ip4:ADDRESS-OF-YOUR-RELAY";
        if (records.Count == 0)
        {
            return new Finding(
                name, Verdict.Missing, Required: true, $"{bounceDomain} doesn't say who may send its mail. A relay of a provider has an include: of its own to be named instead.",
                new DnsRecord(bounceDomain, "TXT", $"v=spf1 {ours} ~all"));
        }

        var refused = new List<IPAddress>();
        try
        {
            // With no address known, any shows whether receivers can read the record.
            foreach (var address in addresses.DefaultIfEmpty(IPAddress.Parse("192.0.2.1")))
            {
                if (!await new Spf(dns).AllowsAsync(bounceDomain, address, cancellationToken))
                {
                    refused.Add(address);
                }
            }
        }
        catch (FormatException exception)
        {
            return new Finding(name, Verdict.Wrong, Required: true, $"{bounceDomain}: {exception.Message}.", null);
        }

        if (addresses.Count == 0)
        {
            return new Finding(
                name, Verdict.Unknown, Required: false, $"{bounceDomain} has an SPF record. Whether it allows your relay can't be known from here: set {AddressesKey}, and check again.", null);
        }

        return refused.Count == 0
            ? new Finding(name, Verdict.Right, Required: true, $"{bounceDomain} allows {string.Join(", ", addresses)}.", null)
            : new Finding(
                name,
                Verdict.Wrong,
                Required: configured.Count > 0,
                $"{bounceDomain} doesn't allow {string.Join(", ", refused)}." + (configured.Count > 0 ? "" : $" If mail leaves your relay from another address, set {AddressesKey}."),
                new DnsRecord(bounceDomain, "TXT", $"v=spf1 {string.Join(' ', refused.Select(Mechanism))}{records[0]["v=spf1".Length..]}"));
    }

    private async Task<Finding> DkimAsync(DkimKey key, CancellationToken cancellationToken)
    {
        var name = $"DKIM ({key.Algorithm})";
        var put = new DnsRecord(keys.NameOf(key), "TXT", key.Record);
        var published = (await dns.TextsAsync(put.Name, cancellationToken)).Select(Tags).Where(tags => tags.ContainsKey("p")).ToList();
        var ours = Tags(key.Record);
        return published.Count == 0 ? new Finding(name, Verdict.Missing, Required: true, "The key isn't published.", put)
            : published is [var one] && one["p"] == ours["p"] && one.GetValueOrDefault("k", "rsa") == ours["k"] ? new Finding(name, Verdict.Right, Required: true, $"{put.Name} is the key we sign with.", null)
            : new Finding(name, Verdict.Wrong, Required: true, published.Count > 1 ? "Several keys are published under one selector." : "The key that is published isn't the one we sign with.", put);
    }

    private async Task<Finding> DmarcAsync(CancellationToken cancellationToken)
    {
        const string name = "DMARC";
        var put = new DnsRecord("_dmarc." + Domain, "TXT", "v=DMARC1; p=none");

        // That of the domain, or of the nearest above it that has one.
        for (var at = Domain; at.Contains('.', StringComparison.Ordinal); at = at[(at.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            var records = (await dns.TextsAsync("_dmarc." + at, cancellationToken)).Where(text => text.StartsWith("v=DMARC1", StringComparison.OrdinalIgnoreCase)).Select(Tags).ToList();
            if (records.Count == 0)
            {
                continue;
            }

            if (records is not [var policy] || policy.GetValueOrDefault("p", "").ToLowerInvariant() is not ("none" or "quarantine" or "reject"))
            {
                return new Finding(name, Verdict.Wrong, Required: true, records.Count > 1 ? $"_dmarc.{at} has several records." : $"The record of _dmarc.{at} has no p=none, quarantine or reject.", put with { Name = "_dmarc." + at });
            }

            var signed = keys.All.Count > 0 && Aligned(keys.Domain, policy.GetValueOrDefault("adkim"));
            return signed || Aligned(bounceDomain, policy.GetValueOrDefault("aspf"))
                ? new Finding(name, Verdict.Right, Required: true, $"_dmarc.{at} says p={policy["p"]}.", null)
                : new Finding(name, Verdict.Wrong, Required: true, $"Neither the domain we sign for ({keys.Domain}) nor that of bounces ({bounceDomain}) is that of Mail:From ({Domain}), so DMARC fails for every mail.", null);
        }

        return new Finding(name, Verdict.Missing, Required: true, "The large mailbox providers want a policy from everybody who sends much, if only that there is none.", put);
    }

    private async Task<Finding> ReverseAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var name = $"Reverse DNS of {address}";
        var required = configured.Count > 0;
        var host = relays.Select(r => r.Host).FirstOrDefault(h => h.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(h, out _)) ?? "mail." + Domain;
        var put = new DnsRecord(Dns.ReverseName(address), "PTR", host + ".");
        var names = await dns.NamesAsync(address, cancellationToken);
        if (names.Count == 0)
        {
            return new Finding(name, Verdict.Missing, required, "The address has no name. Whoever gave you the address sets it, on request or in their panel.", put);
        }

        foreach (var one in names)
        {
            if ((await dns.AddressesAsync(one, cancellationToken)).Contains(address))
            {
                return new Finding(name, Verdict.Right, required, $"It is {one}, and {one} is {address}.", null);
            }
        }

        return new Finding(name, Verdict.Wrong, required, $"It is {names[0]}, but {names[0]} isn't {address}.", new DnsRecord(names[0], address.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA", $"{address}"));
    }

    private async Task<Finding> BouncesAsync(CancellationToken cancellationToken)
    {
        const string name = "Where bounces go";
        var servers = await dns.MailServersAsync(bounceDomain, cancellationToken);
        if (servers is [""])
        {
            return new Finding(name, Verdict.Wrong, Required: true, $"{bounceDomain} says that it takes no mail (RFC 7505). Receivers refuse mail whose bounces can go nowhere.", Server());
        }

        foreach (var server in servers)
        {
            if ((await dns.AddressesAsync(server, cancellationToken)).Count > 0)
            {
                return new Finding(name, Verdict.Right, Required: true, $"{server} takes mail for {bounceDomain}.", null);
            }
        }

        return servers.Count > 0 ? new Finding(name, Verdict.Wrong, Required: true, $"{servers[0]} is to take mail for {bounceDomain}, but has no address.", Server())
            : (await dns.AddressesAsync(bounceDomain, cancellationToken)).Count > 0 ? new Finding(name, Verdict.Right, Required: true, $"{bounceDomain} has an address, and takes its mail itself.", null)
            : new Finding(name, Verdict.Missing, Required: true, $"{bounceDomain} has no mail server. Receivers refuse mail whose bounces can go nowhere.", Server());

        DnsRecord Server() => new(bounceDomain, "MX", $"10 mail.{bounceDomain}.");
    }

    /// <summary>From where mail leaves: as configured, or else where the relays take it, if that is on the internet.</summary>
    private async Task<IReadOnlyList<IPAddress>> SendingAddressesAsync(CancellationToken cancellationToken)
    {
        if (configured.Count > 0)
        {
            return configured;
        }

        var found = new List<IPAddress>();
        foreach (var host in relays.Select(r => r.Host).Distinct())
        {
            try
            {
                found.AddRange(IPAddress.TryParse(host, out var address) ? [address] : await dns.AddressesAsync(host, cancellationToken));
            }
            catch (NoAnswerException)
            {
                // Each finding says so for itself.
            }
        }

        return [.. found.Where(IsPublic).Distinct()];
    }

    private static async Task<Finding> Ask(string name, Func<Task<Finding>> find, bool required = true)
    {
        try
        {
            return await find();
        }
        catch (NoAnswerException exception)
        {
            return new Finding(name, Verdict.NotAsked, required, exception.Message, null);
        }
    }

    private static string Mechanism(IPAddress address) => $"{(address.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6")}:{address}";

    /// <summary>As DMARC sees it: the same domain, or (unless strict) one under the other.</summary>
    private bool Aligned(string domain, string? mode) =>
        domain == Domain || (mode != "s" && (domain.EndsWith("." + Domain, StringComparison.Ordinal) || Domain.EndsWith("." + domain, StringComparison.Ordinal)));

    /// <summary><c>name=value</c>, with semicolons between (RFC 6376 §3.2), values without their white space.</summary>
    private static Dictionary<string, string> Tags(string record) =>
        record.Split(';').Select(tag => tag.Split('=', 2)).Where(tag => tag.Length == 2).DistinctBy(tag => tag[0].Trim()).ToDictionary(tag => tag[0].Trim(), tag => string.Concat(tag[1].Where(c => !char.IsWhiteSpace(c))));

    /// <summary>Names kept for tests, papers and single networks (RFC 2606, RFC 6761, RFC 6762).</summary>
    private static bool IsReserved(string domain) =>
        domain.Split('.') is not [.., var second, var top] || top is "test" or "example" or "invalid" or "localhost" or "local" or "internal" || (second == "example" && top is "com" or "net" or "org");

    private static bool IsPublic(IPAddress address) => !(IPAddress.IsLoopback(address) || address.GetAddressBytes() is
        [10, ..] or [172, >= 16 and < 32, _, _] or [192, 168, _, _] or [169, 254, _, _] or [100, >= 64 and < 128, _, _] or [0, _, _, _]
        or [0xFC or 0xFD, _, _, _, _, ..] or [0xFE, >= 0x80 and < 0xC0, _, _, _, ..]);
}
