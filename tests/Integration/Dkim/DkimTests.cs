using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Alerts.Tests.Servers;

namespace Alerts.Tests.Integration.Dkim;

/// <summary>What readers receive, as a verifier sees it that isn't ours.</summary>
public sealed class DkimTests
{
    private static readonly string[] News = ["news"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_mail_arrives_with_two_good_signatures_and_no_byte_of_it_can_be_changed()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var alerts = new AlertsProcess(new AlertsSettings
        {
            Relays = [sink.Relay],
            More = new Dictionary<string, string> { ["Mail:From"] = "Grüße & News <news@example.org>", ["Mail:ReplyTo"] = "answers@example.org" },
        });
        var made = await alerts.RunAsync("dkim", "new");
        Assert.Equal(0, made.ExitCode);
        var records = Records(made.Output);
        Assert.Equal(records, Records((await alerts.RunAsync("dkim", "show")).Output));
        await alerts.StartAsync(Cancellation);
        await SignInAsync(alerts);
        await PostAsync(alerts, "/api/lists", new { slug = "news", name = "News", description = "", visibility = "public" });
        string?[] names = [null, "", "Ada", "Zoë  Ñandú <b>&amp; 国境 😀", new string('é', 100), "a  .  b"];
        foreach (var (number, name) in names.Index())
        {
            await SubscribeAsync(alerts, $"reader{number}@example.net", name, confirmed: true);
        }

        var text = new StringBuilder("Dear readers,   \n\n.dots at the start\n..and two\n\n    code  with\tblanks   \n\n");
        for (var line = 0; line < 2_000; line++)
        {
            text.Append("Line ").Append(line).Append(" of a long post: ").Append('=', line % 120).Append(" über  alles.").Append(' ', line % 4).Append('\n');
        }

        string[] titles = ["Plain", "Überfahrt: 국경 다시 열림 — " + new string('ß', 90), "  blanks   and = signs?  "];
        foreach (var title in titles)
        {
            await PostAsync(alerts, "/api/posts", new { title, markdown = title == "Plain" ? "Short." : text.ToString(), lists = News, publishAt = DateTimeOffset.UnixEpoch });
        }

        // Asked by mail whether she wants to: no list mail.
        await SubscribeAsync(alerts, "new@example.net", "New", confirmed: false);

        var mails = await Eventually.Get(() => sink.MailsAsync(Cancellation), all => all.Count >= (names.Length * titles.Length) + 1, House.Patience, Cancellation);
        var verdicts = await MailauthVerifier.VerifyAsync(records, mails.Select(m => m.Content));
        Assert.Equal(mails.Count, verdicts.Count);
        foreach (var (mail, signatures) in mails.Zip(verdicts))
        {
            Assert.Equal(["rsa-sha256 pass", "ed25519-sha256 pass"], signatures.Select(s => $"{s.Algorithm} {s.Result}"));
            var signed = signatures[0].Signed.Split(':', StringSplitOptions.TrimEntries);
            Assert.Superset(new HashSet<string> { "from", "reply-to", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted" }, signed.ToHashSet());
            Assert.All(mail.Message.Headers.Where(h => h.Field == "DKIM-Signature"), h => Assert.Contains("h=from:from:", h.Value, StringComparison.Ordinal));
            var isList = mail.To.Single() != "new@example.net";
            Assert.Equal(isList, signed.Contains("list-unsubscribe") && signed.Contains("list-unsubscribe-post") && signed.Contains("list-id"));
            Assert.Equal(isList, mail.Message.Headers.Contains("List-Unsubscribe"));
        }

        var changed = mails.Where(m => m.Message.Subject == "Plain").SelectMany(m => Changes(m.Content, new Random(20261124))).ToList();
        Assert.All(await MailauthVerifier.VerifyAsync(records, changed), signatures => Assert.DoesNotContain(signatures, s => s.Result == "pass"));
    }

    /// <summary>The mail with another letter in each signed field and at some places of its body, and with a second From.</summary>
    private static IEnumerable<byte[]> Changes(byte[] mail, Random random)
    {
        var text = Encoding.Latin1.GetString(mail);
        var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        foreach (var field in new[] { "To", "From", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted" })
        {
            var at = $"\r\n{text}".IndexOf($"\r\n{field}: ", StringComparison.OrdinalIgnoreCase) + field.Length + 2;
            yield return With(mail, at);
        }

        for (var i = 0; i < 20; i++)
        {
            var at = random.Next(body, mail.Length);
            yield return With(mail, char.IsWhiteSpace((char)mail[at]) ? mail.Length - 5 : at);
        }

        yield return Encoding.Latin1.GetBytes("From: Somebody else <else@example.com>\r\n" + text);
    }

    private static byte[] With(byte[] mail, int at)
    {
        var changed = mail.ToArray();
        changed[at] = changed[at] == (byte)'#' ? (byte)'+' : (byte)'#';
        return changed;
    }

    /// <summary>The records that the command line says to publish: a name, and its value on the next line.</summary>
    private static Dictionary<string, string> Records(string output)
    {
        var lines = output.Split('\n').Select(l => l.Trim()).ToList();
        return lines.Index().Where(l => l.Item.Contains("._domainkey.", StringComparison.Ordinal)).ToDictionary(l => l.Item, l => lines[l.Index + 1]);
    }

    private static async Task SignInAsync(AlertsProcess alerts)
    {
        var key = await alerts.RunAsync("keys", "add", "tests", "--role", "admin");
        Assert.Equal(0, key.ExitCode);
        alerts.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Output.Trim());
    }

    private static Task SubscribeAsync(AlertsProcess alerts, string address, string? name, bool confirmed) =>
        PostAsync(alerts, "/api/subscribers", new { address, name, confirmed, subscriptions = new[] { new { list = "news", frequency = "immediate" } } });

    private static async Task PostAsync(AlertsProcess alerts, string path, object body)
    {
        using var answer = await alerts.Http.PostAsJsonAsync(path, body, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancellation)}");
    }
}
