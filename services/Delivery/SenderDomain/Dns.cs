using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.SenderDomain;

/// <summary>Asks DNS, without a cache: who has just put a record right wants to see it. The server of <c>Mail:Dns</c> (<c>address</c> or <c>address:port</c>), or the system's.</summary>
internal sealed class Dns
{
    public const string Key = "Mail:Dns";

    private readonly LookupClient client;

    /// <exception cref="InvalidOperationException"><c>Mail:Dns</c> isn't an address.</exception>
    public Dns(IConfiguration configuration)
    {
        var options = configuration[Key] is { Length: > 0 } address
            ? IPEndPoint.TryParse(address, out var server)
                ? new LookupClientOptions(new IPEndPoint(server.Address, server.Port == 0 ? 53 : server.Port))
                : throw new InvalidOperationException($"{Key} isn't the address of a DNS server: write it like 192.0.2.53 or 192.0.2.53:53.")
            : new LookupClientOptions();
        options.UseCache = false;
        options.Timeout = TimeSpan.FromSeconds(3);
        options.Retries = 1;
        options.ThrowDnsErrors = false;
        client = new LookupClient(options);
    }

    /// <summary>Each record's strings, put together (RFC 7208 §3.3, RFC 6376 §3.6.2.2).</summary>
    public async Task<IReadOnlyList<string>> TextsAsync(string name, CancellationToken cancellationToken) =>
        [.. (await AskAsync(name, QueryType.TXT, cancellationToken)).OfType<TxtRecord>().Select(txt => string.Concat(txt.Text))];

    public async Task<IReadOnlyList<IPAddress>> AddressesAsync(string name, CancellationToken cancellationToken) =>
        [.. (await AskAsync(name, QueryType.A, cancellationToken)).Concat(await AskAsync(name, QueryType.AAAA, cancellationToken)).OfType<AddressRecord>().Select(a => a.Address)];

    /// <summary>The names of a domain's mail servers; one empty name if it says that it takes no mail (RFC 7505).</summary>
    public async Task<IReadOnlyList<string>> MailServersAsync(string name, CancellationToken cancellationToken) =>
        [.. (await AskAsync(name, QueryType.MX, cancellationToken)).OfType<MxRecord>().OrderBy(mx => mx.Preference).Select(mx => Plain(mx.Exchange))];

    /// <summary>The names of an address.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) =>
        [.. (await AskAsync(address.GetArpaName(), QueryType.PTR, cancellationToken)).OfType<PtrRecord>().Select(ptr => Plain(ptr.PtrDomainName))];

    /// <summary>Where the names of an address are looked up.</summary>
    public static string ReverseName(IPAddress address) => address.GetArpaName().TrimEnd('.');

    private static string Plain(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    /// <exception cref="NoAnswerException">No server answered, or none could.</exception>
    private async Task<IReadOnlyList<DnsResourceRecord>> AskAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.QueryAsync(name, type, cancellationToken: cancellationToken);
            return answer.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain => answer.Answers,
                var code => throw new NoAnswerException($"DNS answered {code} when asked for {type} of {name}."),
            };
        }
        catch (Exception exception) when (exception is DnsResponseException or System.Net.Sockets.SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new NoAnswerException($"DNS didn't answer when asked for {type} of {name}.");
        }
    }
}

/// <summary>DNS couldn't be asked: nothing is known.</summary>
internal sealed class NoAnswerException(string message) : Exception(message);
