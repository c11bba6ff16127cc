using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Alerts.ServiceDefaults.Outbox;

/// <summary>Lets PostgreSQL tell every relay of a service about a commit made in another process (a verb of the command line, a second instance).</summary>
internal static class OutboxTrigger
{
    public static string Channel(string schema) => $"alerts_outbox_{schema}";

    public static Task CreateAsync(AlertsDbContext db, CancellationToken cancellationToken)
    {
        // The schema is one of five words of ours; identifiers can't be parameters.
        var schema = AlertsDbContext.Schema(db.Service);
        var sql = $"""
            CREATE OR REPLACE FUNCTION "{schema}".outbox_changed() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_notify('{Channel(schema)}', '');
                RETURN NULL;
            END $$;
            CREATE OR REPLACE TRIGGER outbox_changed AFTER INSERT ON "{schema}"."Outbox" FOR EACH STATEMENT EXECUTE FUNCTION "{schema}".outbox_changed();
            """;
        return db.Database.ExecuteSqlRawAsync(sql, cancellationToken);
    }
}

/// <summary>Listens for commits of other processes. Without it (the connection is lost, SQLite) the relay's timer finds them a second later.</summary>
internal sealed partial class OutboxListener<TDb>(IConfiguration configuration, CommitSignal<TDb> signal, ILogger<OutboxListener<TDb>> logger)
    : BackgroundService where TDb : AlertsDbContext
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly string schema = DatabaseExtensions.SchemaOf<TDb>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (configuration.PostgresConnection() is { } postgres && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(postgres, stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException)
            {
                LogLost(schema, exception.Message);
                await Task.Delay(Pause, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(string postgres, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false, KeepAlive = 30 }.ToString());
        connection.Notification += (_, _) => signal.Wake();
        await connection.OpenAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {OutboxTrigger.Channel(schema)}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not listening for commits to {Schema} just now ({Reason})")]
    private partial void LogLost(string schema, string reason);
}
