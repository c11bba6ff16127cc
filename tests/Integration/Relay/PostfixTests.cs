using Alerts.Tests.Servers;

namespace Alerts.Tests.Integration.Relay;

/// <summary>Through a real Postfix, as an operator would have it: STARTTLS, a certificate that is checked, pipelining, a recipient it refuses.</summary>
public sealed class PostfixTests
{
    private const int Readers = 300;

    [Fact]
    public async Task Each_mail_passes_Postfix_once_by_TLS_and_what_it_refuses_is_told()
    {
        Assert.SkipUnless(PostfixServer.CanRun, "Postfix must be started by root.");
        using var folder = new TempFolder();
        await using var sink = await SmtpSink.StartAsync();
        await using var postfix = await PostfixServer.StartAsync(
            sink,
            new Dictionary<string, string> { ["r7@gone.example"] = "550 5.1.1 no such user", ["r107@gone.example"] = "550 5.1.1 no such user" },
            TestContext.Current.CancellationToken);
        await using var house = await House.StartAsync(
            Setup.Embedded,
            adjust: (_, settings) => settings with { Relays = [postfix.Relay], More = new Dictionary<string, string> { ["SSL_CERT_FILE"] = postfix.Certificate } });
        await house.AddListAsync("city");
        var file = folder["readers.csv"];
        await File.WriteAllLinesAsync(
            file,
            ["email,frequency", .. Enumerable.Range(0, Readers).Select(number => $"r{number}@{(number % 100 == 7 && number < 200 ? "gone" : "here")}.example,immediate")],
            TestContext.Current.CancellationToken);
        await house.RunAsync("import-subscribers", file, "--list", "city", "--confirmed");

        await house.PublishAsync("city", "Through Postfix");
        var mails = await Eventually.Get(
            () => sink.MailsAsync(TestContext.Current.CancellationToken), found => found.Count >= Readers - 2, House.Patience, TestContext.Current.CancellationToken);
        await house.SettleAsync();

        Assert.Equal(Readers - 2, mails.Select(m => m.To.Single()).Distinct().Count());
        Assert.Equal(Readers - 2, (await sink.MailsAsync(TestContext.Current.CancellationToken)).Count);
        Assert.All(mails, mail => Assert.Contains("with ESMTPS", mail.Message.Headers["Received"], StringComparison.Ordinal));
        await house.RunAsync("verify");

        var mailing = (await house.GetAsync("delivery", "/api/mailings"))["items"]!.AsArray().Single(m => m!["subject"]!.GetValue<string>() == "Through Postfix")!;
        Assert.Equal((Readers - 2L, 2L), (mailing["counts"]!["accepted"]!.GetValue<long>(), mailing["counts"]!["bounced"]!.GetValue<long>()));
        var bounced = (await house.GetAsync("delivery", $"/api/mailings/{mailing["id"]}/deliveries?state=bounced"))["items"]!.AsArray();
        Assert.All(bounced, delivery => Assert.Contains("5.1.1", delivery!["lastReply"]!.GetValue<string>(), StringComparison.Ordinal));

        // The two replies differ in the address alone: they are one, at one domain.
        var reply = Assert.Single((await house.GetAsync("delivery", $"/api/mailings/{mailing["id"]}/replies"))["items"]!.AsArray())!;
        Assert.Equal(("bounced", 2), (reply["state"]!.GetValue<string>(), reply["count"]!.GetValue<int>()));
        Assert.DoesNotContain("@", reply["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("no such user", reply["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("gone.example", Assert.Single(reply["domains"]!.AsArray())!["domain"]!.GetValue<string>());

        var history = (await house.GetAsync("delivery", $"/api/mailings/of/{bounced[0]!["subscriberId"]}"))["items"]!.AsArray();
        Assert.Equal(("Through Postfix", "bounced"), (Assert.Single(history)!["subject"]!.GetValue<string>(), history[0]!["state"]!.GetValue<string>()));
    }
}
