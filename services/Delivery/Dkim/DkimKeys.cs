using Alerts.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using MimeKit;

namespace Alerts.Delivery.Dkim;

/// <summary>
/// The keys this process signs with: those of <c>Mail:Dkim:Keys:{selector}</c> (paths of PEM files), or else those that <c>alerts dkim new</c> made in
/// <c>{Data}/dkim/{domain}/{selector}.pem</c>. At most one of each kind; with none, mails go out unsigned.
/// </summary>
internal sealed record DkimKeys(string Domain, IReadOnlyList<DkimKey> All)
{
    public const string Section = "Mail:Dkim";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="InvalidOperationException">A domain, a selector or a key isn't right; the message names it.</exception>
    public static DkimKeys Read(IConfiguration configuration)
    {
        var domain = DomainOf(configuration);
        var files = configuration.GetSection(Section + ":Keys").GetChildren().Where(key => key.Value is { Length: > 0 }).Select(key => (Selector: key.Key, Path: key.Value!)).ToList();
        if (files.Count == 0 && Directory.Exists(Folder(configuration, domain)))
        {
            files = [.. Directory.EnumerateFiles(Folder(configuration, domain), "*.pem").Select(path => (Path.GetFileNameWithoutExtension(path), path))];
        }

        var keys = files.Select(file => ReadKey(file.Selector, file.Path)).OrderByDescending(key => key.Algorithm, StringComparer.Ordinal).ToList();
        return keys.CountBy(key => key.Algorithm).FirstOrDefault(count => count.Value > 1) is { Key: { } twice }
            ? throw new InvalidOperationException($"There are several DKIM keys for {twice} ({string.Join(", ", keys.Where(k => k.Algorithm == twice).Select(k => k.Selector))}): keep the one to sign with.")
            : new DkimKeys(domain, keys);
    }

    /// <summary>Makes a key of each kind, readable by their owner alone. Nothing is overwritten.</summary>
    /// <exception cref="InvalidOperationException">There are keys already, or the domain isn't one.</exception>
    public static DkimKeys Create(IConfiguration configuration, string? domain, DateTimeOffset now)
    {
        var name = domain is null ? DomainOf(configuration) : Ascii(domain, "--domain");
        var folder = Folder(configuration, name);
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.pem").Any())
        {
            throw new InvalidOperationException($"There are keys for {name} in {folder} already; see them with: alerts dkim show");
        }

        CreateFolder(folder);
        var (rsa, ed25519) = ($"alerts-{now:yyyyMMdd}-rsa", $"alerts-{now:yyyyMMdd}-ed25519");
        Write(Path.Combine(folder, rsa + ".pem"), DkimKey.NewRsa());
        Write(Path.Combine(folder, ed25519 + ".pem"), DkimKey.NewEd25519());
        return new DkimKeys(name, [ReadKey(rsa, Path.Combine(folder, rsa + ".pem")), ReadKey(ed25519, Path.Combine(folder, ed25519 + ".pem"))]);
    }

    /// <summary>Where a key's record belongs in DNS (RFC 6376 §3.6.2.1).</summary>
    public string NameOf(DkimKey key) => $"{key.Selector}._domainkey.{Domain}";

    /// <summary>Where <see cref="Create"/> puts keys.</summary>
    public static string Folder(IConfiguration configuration, string domain) =>
        Path.Combine(configuration["Data"] is { Length: > 0 } data ? data : new AlertsOptions().Data, "dkim", domain);

    private static string DomainOf(IConfiguration configuration)
    {
        if (configuration[Section + ":Domain"] is { Length: > 0 } domain)
        {
            return Ascii(domain, Section + ":Domain");
        }

        return FromDomain(configuration);
    }

    /// <summary>The domain of <c>Mail:From</c>, in ASCII.</summary>
    /// <exception cref="InvalidOperationException">It isn't an address.</exception>
    public static string FromDomain(IConfiguration configuration)
    {
        var from = configuration[$"{MailOptions.Section}:From"] is { Length: > 0 } given ? given : new MailOptions().From;
        return MailboxAddress.TryParse(from, out var mailbox) && mailbox.Domain.Length > 0
            ? Ascii(mailbox.Domain, "Mail:From")
            : throw new InvalidOperationException("Mail:From isn't an address: write it like Alerts <alerts@example.org>.");
    }

    private static string Ascii(string domain, string name)
    {
        var address = "x@" + domain.TrimEnd('.');
        var ascii = MailboxAddress.EncodeAddrspec(address)[2..].ToLowerInvariant();
        return MailboxAddress.TryParse(address, out var mailbox) && mailbox.Address == address && IsName(ascii) ? ascii : throw new InvalidOperationException($"{name} isn't a domain: write it like example.org.");
    }

    private static DkimKey ReadKey(string selector, string path)
    {
        if (!IsName(selector))
        {
            throw new InvalidOperationException($"{Section}:Keys:{selector} isn't a selector: it is part of a domain name, like alerts-rsa.");
        }

        try
        {
            return DkimKey.Read(selector, File.ReadAllText(path));
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"The DKIM key {path} {exception.Message}.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The DKIM key {path} can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>Letters, digits and hyphens between dots (RFC 5890 §2.3.1).</summary>
    private static bool IsName(string text) =>
        text.Length <= 253 && text.Split('.').All(label => label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private static void Write(string path, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(pem);
    }
}
