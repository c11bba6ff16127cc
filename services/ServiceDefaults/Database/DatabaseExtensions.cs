using System.Data.Common;
using Alerts.ServiceDefaults.Outbox;
using Alerts.ServiceDefaults.Staff;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alerts.ServiceDefaults.Database;

public static class DatabaseExtensions
{
    /// <summary>
    /// Registers a service's database, its outbox and its migrations: a schema on PostgreSQL when <c>Database:Postgres</c> is set, else the file
    /// <c>{Data}/{service}.db</c>.
    /// </summary>
    public static void AddDatabase<TDb, TSqlite, TPostgres>(this IHostApplicationBuilder builder, Action<DbContextOptionsBuilder>? configure = null)
        where TDb : AlertsDbContext
        where TSqlite : TDb
        where TPostgres : TDb
    {
        builder.Services.AddSingleton<CommitSignal<TDb>>();
        builder.Services.AddSingleton<CommitWaker<TDb>>();
        builder.AddContext<TDb, TSqlite, TPostgres>(SchemaOf<TDb>(), (services, options) =>
        {
            options.AddInterceptors(services.GetRequiredService<CommitWaker<TDb>>());
            if (services.GetService<AuditTrail>() is { } trail)
            {
                options.AddInterceptors(trail);
            }

            configure?.Invoke(options);
        });
    }

    /// <summary>Registers a context that has no outbox (staff).</summary>
    internal static void AddContext<TDb, TSqlite, TPostgres>(
        this IHostApplicationBuilder builder, string schema, Action<IServiceProvider, DbContextOptionsBuilder>? configure = null)
        where TDb : DbContext
        where TSqlite : TDb
        where TPostgres : TDb
    {
        if (builder.Configuration.PostgresConnection() is { } postgres)
        {
            builder.Services.AddDbContext<TDb, TPostgres>((services, options) =>
            {
                options.UseAlertsPostgres(postgres, schema);
                configure?.Invoke(services, options);
            });
        }
        else
        {
            var file = builder.Configuration.SqliteConnection(schema);
            builder.Services.AddDbContext<TDb, TSqlite>((services, options) =>
            {
                options.UseSqlite(file).AddInterceptors(SqlitePragmas.Instance);
                configure?.Invoke(services, options);
            });
        }

        builder.Services.AddSingleton<IMigration, Migration<TDb>>();
    }

    /// <summary>The PostgreSQL connection string, or null when the product runs on SQLite.</summary>
    public static string? PostgresConnection(this IConfiguration configuration) =>
        configuration["Database:Postgres"] is { Length: > 0 } connection ? connection : null;

    /// <summary>The connection string of a service's SQLite file. The folder is made if need be.</summary>
    public static string SqliteConnection(this IConfiguration configuration, string schema)
    {
        var folder = configuration["Data"] is { Length: > 0 } data ? data : new AlertsOptions().Data;
        Directory.CreateDirectory(folder);
        return new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, schema + ".db"), DefaultTimeout = 30 }.ToString();
    }

    public static DbContextOptionsBuilder UseAlertsPostgres(this DbContextOptionsBuilder options, string connection, string schema) =>
        options.UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable("__EFMigrationsHistory", schema));

    /// <summary>For a read-only look into another service's tables (the audience): the same database, no migrations, no outbox.</summary>
    public static DbContextOptionsBuilder UseAlertsDatabase(this DbContextOptionsBuilder options, IConfiguration configuration, string schema) =>
        configuration.PostgresConnection() is { } postgres
            ? options.UseAlertsPostgres(postgres, schema)
            : options.UseSqlite(configuration.SqliteConnection(schema)).AddInterceptors(SqlitePragmas.Instance);

    /// <summary>The schema, file and queue name of the service whose context is <c>{Service}Db</c>.</summary>
    public static string SchemaOf<TDb>() => typeof(TDb).Name[..^"Db".Length].ToLowerInvariant();
}

/// <summary>
/// SQLite waits for a writer in short steps of its own (the driver's own loop sleeps 150 ms a step) and leaves the write-ahead log in place.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    public static readonly SqlitePragmas Instance = new();

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = Command(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = Command(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Command(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL;";
        return command;
    }
}

/// <summary>Lets <c>dotnet ef</c> make the SQLite context of a service.</summary>
public abstract class SqliteDesignTime<TDb>(Func<DbContextOptions<TDb>, TDb> create) : IDesignTimeDbContextFactory<TDb> where TDb : DbContext
{
    public TDb CreateDbContext(string[] args) => create(new DbContextOptionsBuilder<TDb>().UseSqlite("Data Source=:memory:").Options);
}

/// <summary>Lets <c>dotnet ef</c> make the PostgreSQL context of a service.</summary>
public abstract class PostgresDesignTime<TDb>(Func<DbContextOptions<TDb>, TDb> create) : IDesignTimeDbContextFactory<TDb> where TDb : DbContext
{
    public TDb CreateDbContext(string[] args) => create(new DbContextOptionsBuilder<TDb>().UseNpgsql("Host=localhost").Options);
}
