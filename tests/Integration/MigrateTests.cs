using Alerts.Tests.Servers;
using Npgsql;

namespace Alerts.Tests.Integration;

public sealed class MigrateTests
{
    /// <summary>What processes that start at once would otherwise create against each other.</summary>
    [Fact]
    public async Task Migrate_makes_the_tables_of_the_jobs_too()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await using var alerts = new AlertsProcess(new AlertsSettings { Postgres = database });

        var migrated = await alerts.RunAsync("migrate");

        Assert.Equal(0, migrated.ExitCode);
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'hangfire' AND tablename = 'job'", connection);
        Assert.Equal(1L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
