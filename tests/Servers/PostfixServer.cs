using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Alerts.Tests.Servers;

/// <summary>Postfix as a relay: it takes mail by STARTTLS alone, queues it, and passes it on to a <see cref="SmtpSink"/>. Its <c>master</c> must be started by root.</summary>
public sealed class PostfixServer : Server
{
    private const string Owner = "postfix";
    private const string Drop = "postdrop";

    private static readonly string[] Queues = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"];

    private readonly SmtpSink next;
    private readonly IReadOnlyDictionary<string, string> refusals;

    private PostfixServer(SmtpSink next, IReadOnlyDictionary<string, string> refusals) => (this.next, this.refusals) = (next, refusals);

    /// <summary>For <c>Smtp:Relays</c>.</summary>
    public string Relay => $"smtp://localhost:{Port}?tls=starttls";

    /// <summary>Its certificate, for <c>SSL_CERT_FILE</c>: who knows it trusts this server.</summary>
    public string Certificate => Folder["certificate.pem"];

    /// <summary>Skips the test where it can't be run.</summary>
    public static bool CanRun => Environment.IsPrivilegedProcess;

    /// <param name="next">Where mail goes that it took.</param>
    /// <param name="refusals">Recipients that it refuses, each with what it says: <c>550 5.1.1 no such user</c>.</param>
    public static Task<PostfixServer> StartAsync(SmtpSink next, IReadOnlyDictionary<string, string> refusals, CancellationToken cancellationToken) =>
        StartNewAsync(new PostfixServer(next, refusals), cancellationToken);

    private protected override async Task<ChildProcess> LaunchAsync()
    {
        var master = InstalledProgram.Find("master", "postfix", "/usr/lib/postfix/sbin");
        await WriteCertificateAsync();
        await InstallFolderAsync(Owner, "root", "0700", "data");
        await InstallFolderAsync("root", "root", "0755", "queue", "queue/pid");
        await InstallFolderAsync(
            Owner, "root", "0700", [.. Queues.Select(name => "queue/" + name)]);
        await InstallFolderAsync(Owner, Drop, "0730", "queue/maildrop");
        await InstallFolderAsync(Owner, Drop, "0710", "queue/public");
        await File.WriteAllTextAsync(
            Folder["main.cf"],
            $$"""
            compatibility_level = 3.6
            queue_directory = {{Folder["queue"]}}
            data_directory = {{Folder["data"]}}
            command_directory = /usr/sbin
            daemon_directory = {{Path.GetDirectoryName(master)}}
            mail_owner = {{Owner}}
            setgid_group = {{Drop}}
            maillog_file_prefixes = {{Folder.Path}}
            maillog_file = {{Folder["postfix.log"]}}
            myhostname = relay.example
            mydestination =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            disable_dns_lookups = yes
            smtp_host_lookup = native
            alias_maps =
            relayhost = [127.0.0.1]:{{next.Port}}
            smtpd_tls_security_level = encrypt
            smtpd_tls_cert_file = {{Certificate}}
            smtpd_tls_key_file = {{Folder["key.pem"]}}
            smtpd_recipient_restrictions = check_recipient_access inline:{ {{string.Join(' ', refusals.Select(r => $"{{ {r.Key} = {r.Value} }}"))}} }, permit_mynetworks, reject

            """);
        string[] daemons = ["cleanup", "tlsmgr", "rewrite", "bounce", "defer", "trace", "proxymap", "anvil", "scache", "smtp", "error", "retry"];
        await File.WriteAllLinesAsync(
            Folder["master.cf"],
            [
                $"127.0.0.1:{Port} inet n - n - - smtpd",
                "postlog unix-dgram n - n - 1 postlogd",
                "qmgr unix n - n 300 1 qmgr",
                "cleanup unix n - n - 0 cleanup",
                .. daemons.Skip(1).Select(name => $"{name} unix - - n - {(name is "tlsmgr" or "anvil" or "scache" ? 1 : 0)} {name switch { "rewrite" => "trivial-rewrite", "defer" or "trace" => "bounce", "retry" => "error", _ => name }}"),
            ]);
        return await ChildProcess.StartAsync(new ProcessStartInfo(master, ["-c", Folder.Path, "-d"]));
    }

    private protected override Task<bool> IsReadyAsync(CancellationToken cancellationToken) => FreePort.AnswersAsync(Port, cancellationToken);

    private async Task WriteCertificateAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Folder["key.pem"], key.ExportPkcs8PrivateKeyPem());
    }

    private async Task InstallFolderAsync(string owner, string group, string mode, params string[] names)
    {
        var made = await ChildProcess.RunAsync(
            new ProcessStartInfo(InstalledProgram.Find("install", "coreutils"), ["-d", "-o", owner, "-g", group, "-m", mode, .. names.Select(name => Folder[name])]), TimeSpan.FromSeconds(30));
        if (made.ExitCode != 0)
        {
            throw new InvalidOperationException($"install failed: {made.Error}");
        }
    }
}
