using System.CommandLine;
using System.Globalization;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Encryption;

namespace Alerts.App.Commands;

/// <summary><c>alerts addresses encrypt</c> and <c>alerts addresses decrypt</c>: how readers' addresses stand in the database.</summary>
internal static class AddressesVerb
{
    public static Command Build(string[] configuration)
    {
        var encrypt = new Command("encrypt", $"Encrypts them, with keys in the folder that {AddressKeys.Setting} names. Stop all processes first.");
        encrypt.SetAction((_, cancellationToken) => RunAsync(
            configuration,
            async (open, _, said) => $"The addresses of {await AddressEncryption.EncryptAsync(open, said, cancellationToken):N0} readers are encrypted. Keep a copy of the folder, apart from the database's.",
            cancellationToken));
        var decrypt = new Command("decrypt", "Writes them as they are. Stop all processes first.");
        decrypt.SetAction((_, cancellationToken) => RunAsync(
            configuration,
            async (open, plain, said) => $"The addresses of {await AddressEncryption.DecryptAsync(open, plain, said, cancellationToken):N0} readers stand as they are. Take {AddressKeys.Setting} out of the configuration.",
            cancellationToken));
        return new Command("addresses", "Encrypts readers' addresses in the database, or no longer.") { encrypt, decrypt };
    }

    private static Task<int> RunAsync(
        string[] configuration, Func<Func<SubscriptionsDb>, Func<SubscriptionsDb>, IProgress<long>, Task<FormattableString>> run, CancellationToken cancellationToken) =>
        Verbs.OnDatabasesAsync(
            configuration,
            async services =>
            {
                var settings = services.GetRequiredService<IConfiguration>();
                var loggers = services.GetRequiredService<ILoggerFactory>();
                if (AddressKeys.Of(settings) is not { } keys)
                {
                    throw new WrongUseException($"Name the folder of the keys: --{AddressKeys.Setting} FOLDER. It should lie apart from the database and its backups.");
                }

                var said = new Said();
                Console.WriteLine(FormattableString.Invariant(await run(SubscriptionsDb.Opener(settings, loggers, keys), SubscriptionsDb.Opener(settings, loggers, null), said)));
                return CommandLine.Done;
            },
            cancellationToken,
            checkAddresses: false);

    /// <summary>A line every hundred thousand readers.</summary>
    private sealed class Said : IProgress<long>
    {
        private const long Step = 100_000;

        private long next = Step;

        public void Report(long value)
        {
            for (; value >= next; next += Step)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{next:N0} readers …"));
            }
        }
    }
}
