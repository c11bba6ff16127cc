using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Alerts.Subscriptions.Subscribers;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Subscriptions.Encryption;

/// <summary>
/// The keys that readers' addresses are encrypted with, in a folder apart from the database: who has only the database, or a copy of it, has no addresses. Data Protection
/// encrypts (and makes a new key every 90 days; old ones go on opening); an address is found again by its keyed hash (HMAC-SHA-256, RFC 2104).
/// </summary>
public sealed class AddressKeys
{
    /// <summary>The key of the configuration that names the folder. Not set: addresses stand in the database as they are.</summary>
    public const string Setting = "Subscribers:AddressKeys";

    /// <summary>What an address of <see cref="EmailAddress.MaxLength"/> bytes becomes is shorter.</summary>
    internal const int MaxSealed = 600;

    private const string LookupKey = "lookup.key";

    private readonly IDataProtector protector;
    private readonly byte[] lookup;

    private AddressKeys(string folder)
    {
        var directory = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        protector = DataProtectionProvider.Create(directory, protection => protection.SetApplicationName("Alerts")).CreateProtector("Alerts.Subscribers.Address");
        lookup = ReadOrMakeLookupKey(folder);
    }

    /// <summary>Null when addresses aren't encrypted.</summary>
    /// <exception cref="InvalidOperationException">The folder holds a key that isn't one.</exception>
    public static AddressKeys? Of(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration[Setting] is { Length: > 0 } folder ? new AddressKeys(folder) : null;
    }

    /// <summary>The keys of a folder, which is made if need be.</summary>
    public static AddressKeys In(string folder) => new(folder);

    /// <summary>Tells these keys from others, and nothing about them.</summary>
    internal byte[] Check => HMACSHA256.HashData(lookup, "alerts"u8);

    internal string Seal(string address) => protector.Protect(address);

    /// <summary>What was sealed; an address that stands as it is, or JSON, is left so.</summary>
    /// <exception cref="CryptographicException">It was sealed with other keys.</exception>
    internal string Open(string stored) => IsPlain(stored) ? stored : protector.Unprotect(stored);

    /// <summary>What a normalized address is found by. A hash is left as it is.</summary>
    internal string Hash(string normalized) =>
        IsPlain(normalized) ? Convert.ToBase64String(HMACSHA256.HashData(lookup, Encoding.UTF8.GetBytes(normalized))) : normalized;

    /// <summary>Every address holds this, and nothing sealed or hashed does.</summary>
    internal static bool IsPlain(string stored) => stored.Contains('@', StringComparison.Ordinal);

    private static byte[] ReadOrMakeLookupKey(string folder)
    {
        var file = Path.Combine(folder, LookupKey);
        if (!File.Exists(file))
        {
            // Whole or not at all, and the first of two processes wins.
            var mine = Path.Combine(folder, Path.GetRandomFileName());
            var only = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                only.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(mine, only))
            {
                stream.Write(RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes));
            }

            try
            {
                File.Move(mine, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(mine);
            }
        }

        var key = File.ReadAllBytes(file);
        return key.Length == HMACSHA256.HashSizeInBytes ? key : throw new InvalidOperationException($"{file} isn't a key of {HMACSHA256.HashSizeInBytes} bytes. Bring it back from a backup: addresses can't be found without it.");
    }
}

/// <summary>Gives a context its keys. A model holds them, so contexts with other keys have another one.</summary>
internal sealed class AddressKeysExtension(AddressKeys keys) : IDbContextOptionsExtension
{
    public AddressKeys Keys => keys;

    public DbContextOptionsExtensionInfo Info => new ExtensionInfo(this);

    public void ApplyServices(IServiceCollection services)
    {
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private sealed class ExtensionInfo(AddressKeysExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "";

        private AddressKeys Keys => ((AddressKeysExtension)Extension).Keys;

        public override int GetServiceProviderHashCode() => Keys.GetHashCode();

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo same && same.Keys == Keys;

        public override void PopulateDebugInfo([NotNull] IDictionary<string, string> debugInfo) => debugInfo["Alerts:AddressKeys"] = "set";
    }
}

public static class AddressKeysExtensions
{
    /// <summary>Contexts of Subscriptions made with these options encrypt addresses; without keys nothing changes.</summary>
    public static DbContextOptionsBuilder UseAddressKeys(this DbContextOptionsBuilder options, AddressKeys? keys)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (keys is not null)
        {
            ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(new AddressKeysExtension(keys));
        }

        return options;
    }
}
