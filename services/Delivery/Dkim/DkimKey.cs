using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Alerts.Delivery.Dkim;

/// <summary>A key that mails are signed with, and the selector under which its public half is published. RSA (RFC 6376) or Ed25519 (RFC 8463).</summary>
internal sealed class DkimKey
{
    /// <summary>RFC 8301 §3.2: signers use at least 2048 bits, and verifiers need not know more than 4096.</summary>
    private const int LeastBits = 2048;

    private const int MostBits = 4096;

    /// <summary>In bytes.</summary>
    public const int LongestSignature = MostBits / 8;

    private readonly RSAParameters rsa;
    private readonly Key? ed25519;

    private DkimKey(string selector, RSAParameters rsa, Key? ed25519, string record) => (Selector, this.rsa, this.ed25519, Record) = (selector, rsa, ed25519, record);

    public string Selector { get; }

    /// <summary>The TXT record to publish at <c>{selector}._domainkey.{domain}</c>.</summary>
    public string Record { get; }

    /// <summary>The <c>a=</c> of its signatures.</summary>
    public string Algorithm => ed25519 is null ? "rsa-sha256" : "ed25519-sha256";

    /// <param name="pem">A private key: PKCS#8 (either kind) or PKCS#1 (RSA).</param>
    /// <exception cref="InvalidOperationException">It isn't one we can sign with; the message says why.</exception>
    public static DkimKey Read(string selector, string pem)
    {
        var parameters = new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving };
        if (Key.TryImport(SignatureAlgorithm.Ed25519, Encoding.ASCII.GetBytes(pem.ReplaceLineEndings("\n").Trim() + "\n"), KeyBlobFormat.PkixPrivateKeyText, out var key, in parameters) && key is not null)
        {
            return new DkimKey(selector, default, key, $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(key.PublicKey.Export(KeyBlobFormat.RawPublicKey))}");
        }

        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa.KeySize is >= LeastBits and <= MostBits
                ? new DkimKey(selector, rsa.ExportParameters(includePrivateParameters: true), null, $"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}")
                : throw new InvalidOperationException($"is an RSA key of {rsa.KeySize} bits, and {LeastBits} to {MostBits} are needed");
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw new InvalidOperationException("isn't a private RSA or Ed25519 key in PEM without a password", exception);
        }
    }

    /// <summary>A new RSA key of 2048 bits, which every verifier knows, as PEM.</summary>
    public static string NewRsa()
    {
        using var rsa = RSA.Create(LeastBits);
        return rsa.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>A new Ed25519 key, as PEM.</summary>
    public static string NewEd25519()
    {
        using var key = new Key(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
        return Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText));
    }

    /// <summary>The key ready to sign, for one thread at a time.</summary>
    public DkimPen OpenPen()
    {
        if (ed25519 is { } edwards)
        {
            return new DkimPen(this, (hash, to) =>
            {
                // RFC 8463 §3: what is signed is the hash, with PureEdDSA.
                SignatureAlgorithm.Ed25519.Sign(edwards, hash, to[..SignatureAlgorithm.Ed25519.SignatureSize]);
                return SignatureAlgorithm.Ed25519.SignatureSize;
            });
        }

        var own = RSA.Create(rsa);
        return new DkimPen(this, (hash, to) => own.SignHash(hash, to, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}

/// <summary>One thread's use of a key.</summary>
/// <param name="Sign">Signs a SHA-256 hash; returns the length of the signature.</param>
internal sealed record DkimPen(DkimKey Key, SignHash Sign);

internal delegate int SignHash(ReadOnlySpan<byte> hash, Span<byte> to);
