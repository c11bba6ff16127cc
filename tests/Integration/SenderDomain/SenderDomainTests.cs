using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using static Alerts.Tests.Servers.DnsServer;

namespace Alerts.Tests.Integration.SenderDomain;

/// <summary>What the operator is told about the domain mails are from, against a real DNS server.</summary>
public sealed class SenderDomainTests
{
    private const string Arpa = "25.100.51.198.in-addr.arpa";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_nothing_published_to_all_right_by_doing_as_one_is_told()
    {
        await using var dns = await DnsServer.StartAsync();
        await using var sink = await SmtpSink.StartAsync();
        await using var alerts = Alerts(dns, sink);
        Assert.Equal(0, (await alerts.RunAsync("dkim", "new")).ExitCode);

        var empty = await alerts.RunAsync("domain", "check");

        Assert.Equal(1, empty.ExitCode);
        Assert.Equal(["MISSING", "MISSING", "MISSING", "MISSING", "MISSING", "MISSING"], Verdicts(empty));
        var told = Told(empty);
        Assert.Contains(told, r => r is ["alerts-mail.net", "TXT", "v=spf1 ip4:198.51.100.25 ~all"]);
        Assert.Contains(told, r => r is ["_dmarc.alerts-mail.net", "TXT", "v=DMARC1; p=none"]);
        Assert.Contains(told, r => r is [Arpa, "PTR", "mail.alerts-mail.net."]);
        Assert.Contains(told, r => r is ["alerts-mail.net", "MX", "10 mail.alerts-mail.net."]);
        Assert.Equal(2, told.Count(r => r[0].EndsWith("._domainkey.alerts-mail.net", StringComparison.Ordinal)));

        var published = told.Select(r => r switch
        {
            [var name, "TXT", var value] => Txt(name, value),
            [var name, "MX", var value] => Mx(name, value.Split(' ')[1].TrimEnd('.')),
            [var name, _, var value] => ReverseName(name, value.TrimEnd('.')),
            _ => throw new InvalidOperationException(),
        });
        await dns.StartAgainAsync([.. published, Address4("mail.alerts-mail.net", "198.51.100.25")]);
        var full = await alerts.RunAsync("domain", "check");

        Assert.Equal("", full.Error);
        Assert.Equal(["RIGHT", "RIGHT", "RIGHT", "RIGHT", "RIGHT", "RIGHT"], Verdicts(full));
        Assert.Equal(0, full.ExitCode);
    }

    [Fact]
    public async Task What_is_wrong_is_named_with_what_to_put_instead()
    {
        await using var dns = await DnsServer.StartAsync(
            Txt("alerts-mail.net", "v=spf1 include:_spf.alerts-mail.net -all"),
            Txt("_spf.alerts-mail.net", "v=spf1 ip4:203.0.113.0/24 a:elsewhere.alerts-mail.net -all"),
            Txt("rsa._domainkey.alerts-mail.net", "v=DKIM1; p=AAAA"),
            Txt("_dmarc.alerts-mail.net", "v=DMARC1; p=maybe"),
            Mx("alerts-mail.net", "nowhere.alerts-mail.net"),
            ReverseName(Arpa, "other.alerts-mail.net"),
            Address4("other.alerts-mail.net", "203.0.113.1"));
        await using var sink = await SmtpSink.StartAsync();
        using var keys = new TempFolder();
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        await File.WriteAllTextAsync(keys["key.pem"], rsa.ExportPkcs8PrivateKeyPem(), Cancellation);
        await using var alerts = Alerts(dns, sink, ("Mail:Dkim:Keys:rsa", keys["key.pem"]));

        var answer = await alerts.RunAsync("domain", "check");

        Assert.Equal(1, answer.ExitCode);
        Assert.Equal(["WRONG", "WRONG", "WRONG", "WRONG", "WRONG"], Verdicts(answer));
        var told = Told(answer);
        Assert.Contains(told, r => r is ["alerts-mail.net", "TXT", "v=spf1 ip4:198.51.100.25 include:_spf.alerts-mail.net -all"]);
        Assert.Contains(told, r => r is ["rsa._domainkey.alerts-mail.net", "TXT", var key] && key.EndsWith(Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()), StringComparison.Ordinal));
        Assert.Contains(told, r => r is ["other.alerts-mail.net", "A", "198.51.100.25"]);
    }

    [Fact]
    public async Task The_api_says_that_the_domain_was_never_checked_and_then_what_was_found()
    {
        await using var dns = await DnsServer.StartAsync();
        await using var sink = await SmtpSink.StartAsync();
        await using var alerts = Alerts(dns, sink);
        await alerts.StartAsync(Cancellation);
        var key = await alerts.RunAsync("keys", "add", "tests", "--role", "admin");
        alerts.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Output.Trim());
        Assert.Null((await alerts.Http.GetFromJsonAsync<JsonNode>("/api/sender-domain", Cancellation))!["checkedAt"]);

        using var asked = await alerts.Http.PostAsync(new Uri("/api/sender-domain/check", UriKind.Relative), null, Cancellation);

        var found = (await asked.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
        Assert.NotNull(found["checkedAt"]);
        Assert.Contains(found["findings"]!.AsArray(), f => f!["name"]!.GetValue<string>() == "SPF" && f["verdict"]!.GetValue<string>() == "missing");
        Assert.Equal(found.ToJsonString(), (await alerts.Http.GetFromJsonAsync<JsonNode>("/api/sender-domain", Cancellation))!.ToJsonString());
    }

    [Fact]
    public async Task The_mailings_page_warns_until_the_domain_was_checked_by_a_button()
    {
        await using var dns = await DnsServer.StartAsync();
        await using var sink = await SmtpSink.StartAsync();
        await using var alerts = Alerts(dns, sink);
        await alerts.StartAsync(Cancellation);
        var key = await alerts.RunAsync("keys", "add", "tests", "--role", "admin");
        alerts.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Output.Trim());
        Assert.Contains("was never checked", await PageAsync(alerts, "/admin/mailings"), StringComparison.Ordinal);
        var before = await PageAsync(alerts, "/admin/sender-domain");
        Assert.Contains("It was never checked.", before, StringComparison.Ordinal);

        // As a browser does: the hidden fields of the form go back.
        var hidden = Regex.Matches(before[before.IndexOf("<form method=\"post\"", before.IndexOf("<h1", StringComparison.Ordinal), StringComparison.Ordinal)..], "name=\"(_[^\"]+)\" value=\"([^\"]*)\"")
            .Select(m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value)));
        using var form = new FormUrlEncodedContent(hidden.DistinctBy(h => h.Key));
        using var answer = await alerts.Http.PostAsync(new Uri("/admin/sender-domain", UriKind.Relative), form, Cancellation);

        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}");
        var after = await PageAsync(alerts, "/admin/sender-domain");
        Assert.Contains("v=spf1 ip4:198.51.100.25 ~all", after, StringComparison.Ordinal);
        Assert.Contains("Check again", after, StringComparison.Ordinal);
        Assert.Contains("Receivers may refuse mail from alerts-mail.net: SPF, DMARC", await PageAsync(alerts, "/admin/mailings"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dns_server_that_is_away_is_said_to_be_and_nothing_else()
    {
        await using var dns = await DnsServer.StartAsync();
        await using var sink = await SmtpSink.StartAsync();
        await using var alerts = Alerts(dns, sink);
        Assert.Equal(0, (await alerts.RunAsync("dkim", "new")).ExitCode);
        await dns.StopAsync();

        var answer = await alerts.RunAsync("domain", "check");

        Assert.Equal(1, answer.ExitCode);
        Assert.All(Verdicts(answer), verdict => Assert.Equal("NOT ASKED", verdict));
        Assert.Empty(Told(answer));
    }

    [Theory]
    [InlineData("news@localhost", true)]
    [InlineData("news@lists.example", true)]
    [InlineData("news@alerts-mail.net", false)]
    public async Task Where_nobody_looks_no_check_is_needed(string from, bool relay)
    {
        var more = new Dictionary<string, string> { ["Mail:From"] = from };
        await using var alerts = new AlertsProcess(new AlertsSettings { Relays = relay ? ["smtp://127.0.0.1:9"] : [], More = more });

        var answer = await alerts.RunAsync("domain", "check");

        Assert.Equal(0, answer.ExitCode);
        Assert.StartsWith("No check is needed.", answer.Output, StringComparison.Ordinal);
    }

    private static AlertsProcess Alerts(DnsServer dns, SmtpSink sink, params IEnumerable<(string Key, string Value)> more) => new(new AlertsSettings
    {
        Relays = [sink.Relay],
        More = new Dictionary<string, string>(more.Select(m => KeyValuePair.Create(m.Key, m.Value)))
        {
            ["Mail:From"] = "News <news@alerts-mail.net>",
            ["Mail:Dns"] = dns.Address,
            ["Mail:SendingAddresses"] = "198.51.100.25",
        },
    });

    private static Task<string> PageAsync(AlertsProcess alerts, string path) => alerts.Http.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation);

    private static List<string> Verdicts(CommandResult answer) =>
        [.. answer.Output.Split('\n').Skip(1).Where(l => l.Length > 11 && l[0] != ' ').Select(l => l[..9].Trim())];

    /// <summary>What it says to put into DNS: name, type, value.</summary>
    private static List<string[]> Told(CommandResult answer) =>
        [.. answer.Output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("Put into DNS: ", StringComparison.Ordinal)).Select(l => l["Put into DNS: ".Length..].Split(' ', 3))];
}
