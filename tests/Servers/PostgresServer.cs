using System.Diagnostics;
using Npgsql;

namespace Alerts.Tests.Servers;

/// <summary>A PostgreSQL of its own, with the binaries Debian installs, run as user postgres when we are root.</summary>
/// <remarks>It runs with <c>fsync=off</c> unless told otherwise: killing it loses nothing all the same; only a power cut could.</remarks>
public sealed class PostgresServer : Server
{
    private const string User = "postgres";

    private readonly string[] settings;
    private int databases;

    private PostgresServer(string[] settings) => this.settings = settings;

    /// <summary>To the database <c>postgres</c>. Tests that write take one of their own: <see cref="CreateDatabaseAsync"/>.</summary>
    public string ConnectionString => To("postgres");

    // A "fast" shutdown: it rolls back what is under way. SIGTERM would wait for clients to leave.
    private protected override Signal StopSignal => Signal.SigInt;

    /// <param name="settings">Settings as in postgresql.conf, such as <c>fsync=on</c>.</param>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var server = new PostgresServer(settings);
        var result = await ChildProcess.RunAsync(
            Program("initdb", ["-D", server.Folder["data"], "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]),
            TimeSpan.FromMinutes(1),
            User);
        if (result.ExitCode != 0)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"initdb failed: {result.Error}");
        }

        return await StartNewAsync(server, CancellationToken.None);
    }

    /// <summary>Starts it after a stop or a kill: same port, same data.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => StartProcessAsync(cancellationToken);

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = $"alerts_{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return To(name);
    }

    private protected override Task<ChildProcess> LaunchAsync()
    {
        string[] all = ["listen_addresses=127.0.0.1", "max_connections=300", "fsync=off", "full_page_writes=off", .. settings];
        return ChildProcess.StartAsync(
            Program("postgres", ["-D", Folder["data"], "-p", $"{Port}", "-k", Folder.Path, .. all.SelectMany(setting => new[] { "-c", setting })]),
            User,
            StopSignal);
    }

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static ProcessStartInfo Program(string name, IEnumerable<string> arguments)
    {
        const string installed = "/usr/lib/postgresql";
        var newestFirst = Directory.Exists(installed)
            ? Directory.GetDirectories(installed).OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            : Enumerable.Empty<string>();
        return new ProcessStartInfo(InstalledProgram.Find(name, "postgresql", newestFirst.Select(version => Path.Combine(version, "bin"))), arguments)
        {
            WorkingDirectory = "/",
        };
    }

    private string To(string database) => $"Host=127.0.0.1;Port={Port};Username={User};Database={database}";
}
