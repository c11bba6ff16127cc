using System.Diagnostics;

namespace Alerts.Tests.Servers;

/// <summary>dnsmasq: a DNS server that knows the records it is told, and says of all other names that there are none.</summary>
public sealed class DnsServer : Server
{
    /// <summary>As many characters as a string of a TXT record may have.</summary>
    private const int LongestString = 255;

    private string[] records = [];

    private DnsServer()
    {
    }

    /// <summary>For <c>Mail:Dns</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <param name="records">As <see cref="Txt"/> and its like make them.</param>
    public static Task<DnsServer> StartAsync(params IEnumerable<string> records) => StartNewAsync(new DnsServer { records = [.. records] }, CancellationToken.None);

    /// <summary>Starts it again, on the same port, with other records.</summary>
    public async Task StartAgainAsync(params IEnumerable<string> others)
    {
        await StopAsync();
        records = [.. others];
        await StartProcessAsync(CancellationToken.None);
    }

    public static string Txt(string name, string value) => $"txt-record={name},{string.Join(',', value.Chunk(LongestString).Select(part => $"\"{new string(part)}\""))}";

    public static string Mx(string name, string server) => $"mx-host={name},{server},10";

    /// <summary>A name's address. The address has no name by that: see <see cref="ReverseName"/>.</summary>
    public static string Address4(string name, string address) => $"address=/{name}/{address}";

    /// <param name="name">Such as 25.2.0.192.in-addr.arpa.</param>
    public static string ReverseName(string name, string host) => $"ptr-record={name},{host}";

    private protected override async Task<ChildProcess> LaunchAsync()
    {
        string[] settings =
        [
            $"port={Port}", "listen-address=127.0.0.1", "bind-interfaces", "no-resolv", "no-hosts", "no-poll", "local=/#/", "pid-file=",
            .. Environment.IsPrivilegedProcess ? new[] { "user=root" } : [],
            .. records,
        ];
        await File.WriteAllLinesAsync(Folder["dnsmasq.conf"], settings);
        return await ChildProcess.StartAsync(new ProcessStartInfo(InstalledProgram.Find("dnsmasq", "dnsmasq-base"), ["--keep-in-foreground", $"--conf-file={Folder["dnsmasq.conf"]}"]));
    }

    private protected override Task<bool> IsReadyAsync(CancellationToken cancellationToken) => FreePort.AnswersAsync(Port, cancellationToken);
}
