using System.Buffers;
using System.Text;
using Alerts.Delivery.Dkim;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;
using Alerts.Mailings;
using Alerts.ServiceDefaults.Links;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using DkimSigner = Alerts.Delivery.Dkim.DkimSigner;

namespace Alerts.Tests.Unit.Delivery;

/// <summary>Signatures, as MimeKit's verifier sees them. Another verifier sees them in the integration tests.</summary>
public sealed class DkimTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("alerts-dkim-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_mail_carries_two_good_signatures_of_the_sender_s_domain()
    {
        var settings = Settings();
        var keys = DkimKeys.Create(Configuration(), null, Messages.Then);
        await using var app = await DeliveryApp.CreateAsync(start: false, settings, folder);
        await app.Services.GetRequiredService<LinkTokens>().LoadAsync(TestContext.Current.CancellationToken);
        var renderer = app.Services.GetRequiredService<MailRenderer>();
        var prepared = Messages.Prepared("post/1");
        var mailing = new Mailing { Id = MailingId.Of(prepared.Cause), HeardAt = Messages.Then };
        mailing.Prepare(prepared);
        var content = new MailingContent { MailingId = mailing.Id, Html = prepared.Html, Text = prepared.Text };

        foreach (var name in new[] { null, "Ada <Lovelace>  & Co. 😀 ", new string('x', 300) })
        {
            var mail = new ArrayBufferWriter<byte>();
            renderer.Render(mail, renderer.Prepare(mailing, content), mailing.Id, Guid.CreateVersion7(), "ada@example.net", name, Messages.Then);

            Assert.Equal(["rsa-sha256", "ed25519-sha256"], Good(keys, mail.WrittenSpan.ToArray()));
            var signature = await Signatures(mail.WrittenSpan.ToArray());
            foreach (var signed in new[] { "from:from:", ":to:", ":subject:", ":date:", ":message-id:", ":mime-version:", ":content-type:", ":list-id:", ":list-unsubscribe:", ":list-unsubscribe-post" })
            {
                Assert.All(signature, s => Assert.Contains(signed, s, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Any_mail_verifies_and_no_longer_once_a_byte_of_it_is_another()
    {
        var keys = DkimKeys.Create(Configuration(), null, Messages.Then);
        using var signer = new DkimSigner(keys);
        var blank = OneOf(" ", "  ", "\t", " \t ", "");
        var word = Gen.OneOf(OneOf("", "a", ".", "=20", "Grüße", "\u00a0"), Gen.String[Gen.Char['!', '~'], 0, 90]);
        var line = Gen.Select(blank, word, blank, word, blank, (a, b, c, d, e) => a + b + c + d + e);
        var value = Gen.Select(word, blank, word, (a, b, c) => $"x{a}{b}\r\n \t{c}y");
        Gen.Select(value, line.Array[0, 30], Gen.Int[0, 3], Gen.Int[0, 1_000_000]).Sample(
            (subject, lines, empty, at) =>
            {
                var body = string.Concat(lines.Select(l => l + "\r\n")) + string.Concat(Enumerable.Repeat("\r\n", empty));
                var text = $"Auto-Submitted: auto-generated\r\nTo: ada@example.net\r\nFROM :  Alerts\t<alerts@example.org>\r\nSubject:{subject}\r\nX-Other: 1\r\n\r\n{body}";
                var mail = new ArrayBufferWriter<byte>();
                signer.Write(mail, Encoding.UTF8.GetBytes(text), Messages.Then);
                var bytes = mail.WrittenSpan.ToArray();
                Assert.Equal(["rsa-sha256", "ed25519-sha256"], Good(keys, bytes));

                // Any letter of the body or a signed field; white space and letter case of names may differ.
                var letters = Enumerable.Range(0, bytes.Length).Where(i => bytes[i] is (byte)'x' or (byte)'a' or (byte)'G' && Matters(bytes, i)).ToList();
                bytes[letters[at % letters.Count]] = (byte)'#';
                Assert.Empty(Good(keys, bytes));
            },
            seed: "0000Y8S3p0M1",
            iter: 200,
            threads: 1);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\r\n\r\n", "")]
    [InlineData(" \t\r\n", "")]
    [InlineData("a", "a\r\n")]
    [InlineData(" a\t \tb  \r\n\r\n\r\nc \t\r\n\r\n \r\n", " a b\r\n\r\n\r\nc\r\n")]
    [InlineData("a\nb\rc\r\n", "a\nb\rc\r\n")]
    public void A_body_is_relaxed_as_the_rfc_says(string body, string relaxed)
    {
        var room = new byte[body.Length + 2];

        Assert.Equal(relaxed, Encoding.ASCII.GetString(room, 0, RelaxedBody.Write(Encoding.ASCII.GetBytes(body), room)));
    }

    [Fact]
    public void New_keys_are_their_owner_s_alone_and_never_overwritten()
    {
        using var output = new StringWriter();
        DkimVerbs.Create(Configuration(), "BÜCHER.example", Messages.Then, output);

        var files = Directory.GetFiles(Path.Combine(folder, "dkim", "xn--bcher-kva.example"));
        Assert.Equal(2, files.Length);
        foreach (var file in files)
        {
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        Assert.Contains("-rsa._domainkey.xn--bcher-kva.example", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("v=DKIM1; k=ed25519; p=", output.ToString(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => DkimVerbs.Create(Configuration(), "bücher.example", Messages.Then, output));
        using var shown = new StringWriter();
        Assert.True(DkimVerbs.Show(Configuration(("Mail:From", "news@bücher.example")), shown));
        Assert.All(shown.ToString().Split('\n').Where(l => l.Contains("p=", StringComparison.Ordinal)), l => Assert.Contains(l, output.ToString(), StringComparison.Ordinal));
        Assert.False(DkimVerbs.Show(Configuration(), shown));
    }

    [Fact]
    public void Keys_may_lie_anywhere_under_any_selector()
    {
        var path = Path.Combine(folder, "some.key");
        File.WriteAllText(path, DkimKey.NewRsa());

        var keys = DkimKeys.Read(Configuration(("Mail:Dkim:Domain", "mail.example.org"), ("Mail:Dkim:Keys:s1", path)));

        Assert.Equal("s1._domainkey.mail.example.org", keys.NameOf(Assert.Single(keys.All)));
    }

    [Fact]
    public void A_wrong_key_is_refused_in_a_line_that_names_it()
    {
        var path = Path.Combine(folder, "key.pem");
        using var small = System.Security.Cryptography.RSA.Create(1024);
        using var elliptic = System.Security.Cryptography.ECDsa.Create();
        foreach (var pem in new[] { "", "no key", small.ExportPkcs8PrivateKeyPem(), elliptic.ExportPkcs8PrivateKeyPem(), small.ExportSubjectPublicKeyInfoPem() })
        {
            File.WriteAllText(path, pem);
            var refusal = Assert.Throws<InvalidOperationException>(() => DkimKeys.Read(Configuration(("Mail:Dkim:Keys:s1", path))));
            Assert.StartsWith($"The DKIM key {path} ", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
        }

        File.WriteAllText(path, DkimKey.NewEd25519());
        Assert.Throws<InvalidOperationException>(() => DkimKeys.Read(Configuration(("Mail:Dkim:Keys:s1", Path.Combine(folder, "nowhere.pem")))));
        Assert.Throws<InvalidOperationException>(() => DkimKeys.Read(Configuration(("Mail:Dkim:Keys:s_1", path))));
        Assert.Throws<InvalidOperationException>(() => DkimKeys.Read(Configuration(("Mail:Dkim:Keys:s1", path), ("Mail:Dkim:Keys:s2", path))));
        Assert.Throws<InvalidOperationException>(() => DkimKeys.Read(Configuration(("Mail:Dkim:Domain", "not a domain"))));
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static bool Matters(byte[] mail, int at)
    {
        var text = Encoding.Latin1.GetString(mail);
        var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var subject = text.IndexOf("Subject:", StringComparison.Ordinal) + "Subject:".Length;
        return at > body || (at >= subject && at < text.IndexOf("X-Other", StringComparison.Ordinal));
    }

    /// <summary>The algorithms of the signatures that verify.</summary>
    private static List<string> Good(DkimKeys keys, byte[] mail)
    {
        using var stream = new MemoryStream(mail);
        var message = MimeMessage.Load(stream, TestContext.Current.CancellationToken);
        var verifier = new DkimVerifier(new Published(keys));
        return [.. message.Headers.Where(h => h.Id == HeaderId.DkimSignature && verifier.Verify(message, h, TestContext.Current.CancellationToken))
            .Select(h => h.Value.Split("a=")[1].Split(';')[0])];
    }

    private static async Task<List<string>> Signatures(byte[] mail)
    {
        using var stream = new MemoryStream(mail);
        var message = await MimeMessage.LoadAsync(stream, TestContext.Current.CancellationToken);
        return [.. message.Headers.Where(h => h.Id == HeaderId.DkimSignature).Select(h => h.Value.Replace(" ", "", StringComparison.Ordinal))];
    }

    private Dictionary<string, string?> Settings(params (string Key, string Value)[] more) =>
        new Dictionary<string, string?> { ["Data"] = folder, ["Mail:From"] = "Alerts <alerts@example.org>" }
            .Concat(more.Select(m => KeyValuePair.Create(m.Key, (string?)m.Value))).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value);

    private IConfiguration Configuration(params (string Key, string Value)[] more) => new ConfigurationBuilder().AddInMemoryCollection(Settings(more)).Build();

    private sealed class Published(DkimKeys keys) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            GetPublicKey(keys.All.Single(k => k.Selector == selector && keys.Domain == domain).Record);

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }
}
