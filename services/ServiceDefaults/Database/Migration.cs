using Alerts.ServiceDefaults.Outbox;
using Hangfire.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Alerts.ServiceDefaults.Database;

/// <summary>Brings one service's tables up to date.</summary>
internal interface IMigration
{
    string Name { get; }

    Task RunAsync(CancellationToken cancellationToken);

    DatabaseFacade Database(IServiceProvider services);
}

internal sealed class Migration<TDb>(IServiceScopeFactory scopes) : IMigration where TDb : DbContext
{
    public string Name => typeof(TDb).Name;

    public DatabaseFacade Database(IServiceProvider services) => services.GetRequiredService<TDb>().Database;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        if (db.Database.IsSqlite() && await db.Database.CanConnectAsync(cancellationToken))
        {
            // EF's own lock on SQLite is a row, which a killed process leaves behind for ever. Ours is the operating system's, so nobody holds it now.
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        }

        await db.Database.MigrateAsync(cancellationToken);
        if (db is AlertsDbContext alerts && db.Database.IsNpgsql())
        {
            await OutboxTrigger.CreateAsync(alerts, cancellationToken);
        }
    }
}

/// <summary>Applies all migrations, one process at a time, waiting for a database that isn't there yet.</summary>
public static partial class Migrations
{
    private const long AdvisoryLock = 0x616C65727473; // "alerts"

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>Runs the migrations of every registered database. Returns once all are up to date.</summary>
    /// <param name="wait">False (verbs): a database that isn't there is an error; true (serve): it is waited for.</param>
    public static async Task MigrateAsync(this IServiceProvider services, bool wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(services);

        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Alerts.Database");
        var pause = TimeSpan.FromSeconds(1);
        while (true)
        {
            try
            {
                await using var turn = await TakeTurnAsync(services.GetRequiredService<IConfiguration>(), cancellationToken);
                foreach (var migration in services.GetServices<IMigration>())
                {
                    await migration.RunAsync(cancellationToken);
                }

                if (turn is NpgsqlConnection postgres)
                {
                    // Left to itself, Hangfire does this in every process that starts, and those that start at once end each other.
                    PostgreSqlObjectsInstaller.Install(postgres, Jobs.JobExtensions.HangfireSchema);
                }

                return;
            }
            catch (NpgsqlException exception) when (wait && (exception.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException || exception.IsTransient))
            {
                LogWaiting(logger, exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private static async Task<IAsyncDisposable> TakeTurnAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (configuration.PostgresConnection() is { } postgres)
        {
            // Held by the session; an ended process lets go of it.
            var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false }.ToString());
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = AdvisoryLock } }, CommandTimeout = 300 };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }

        var folder = configuration["Data"] is { Length: > 0 } data ? data : new AlertsOptions().Data;
        Directory.CreateDirectory(folder);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "migrate.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database isn't there ({Reason}); trying again in {Seconds} s")]
    private static partial void LogWaiting(ILogger logger, string reason, double seconds);
}
