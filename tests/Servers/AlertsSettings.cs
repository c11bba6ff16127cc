using System.Globalization;

namespace Alerts.Tests.Servers;

/// <summary>What an <c>alerts</c> process is told. Those that make one system share it, each with its own <see cref="Services"/>: <c>shared with { Services = "delivery" }</c>.</summary>
public sealed record AlertsSettings
{
    /// <summary>Comma-separated. Null for all, in one process.</summary>
    public string? Services { get; init; }

    /// <summary>The data folder, which outlives the process. Null for one of its own.</summary>
    public string? Data { get; init; }

    /// <summary><see cref="RabbitMqServer.Uri"/>. Null for the in-memory bus.</summary>
    public string? RabbitMq { get; init; }

    /// <summary>Of <see cref="PostgresServer.CreateDatabaseAsync"/>. Null for SQLite in the data folder.</summary>
    public string? Postgres { get; init; }

    /// <summary><see cref="SmtpSink.Relay"/>. None for the local mailbox.</summary>
    public IReadOnlyList<string> Relays { get; init; } = [];

    /// <summary>What links in mails begin with. Null for the process's own address.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Links say <c>localhost</c> rather than <c>127.0.0.1</c>: passkeys are given to names only.</summary>
    public bool AsLocalhost { get; init; }

    /// <summary>An instant from which the clock runs on. Null for now.</summary>
    public DateTimeOffset? ClockStart { get; init; }

    /// <summary>The name of the environment. Development, since what is run was built and not published: only then are static files of libraries found.</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>Anything else by its configuration key, such as <c>Mail:From</c>.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    internal IEnumerable<(string Key, string Value)> ByKey(string ownData, string ownUrl)
    {
        (string Key, string? Value)[] named =
        [
            ("Services", Services),
            ("Data", Data ?? ownData),
            ("Bus:RabbitMq", RabbitMq),
            ("Database:Postgres", Postgres),
            ("PublicUrl", PublicUrl ?? (AsLocalhost ? ownUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) : ownUrl)),
            ("Clock:Start", ClockStart?.ToString("O", CultureInfo.InvariantCulture)),
            .. Relays.Select((relay, number) => ($"Smtp:Relays:{number}", (string?)relay)),
            .. More.Select(setting => (setting.Key, (string?)setting.Value)),
        ];
        return named.Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value!));
    }
}
