using Alerts.Tests.Servers;
using Npgsql;

namespace Alerts.Tests.Integration;

public sealed class JobsTests
{
    /// <summary>Hangfire's lock is a row. A process killed while it held one leaves it behind.</summary>
    [Fact]
    public async Task A_process_starts_and_its_jobs_run_though_a_killed_one_left_a_lock_behind()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await using var alerts = new AlertsProcess(new AlertsSettings { Postgres = database });
        Assert.Equal(0, (await alerts.RunAsync("migrate")).ExitCode);
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync("INSERT INTO hangfire.lock (resource, acquired) VALUES ('hangfire:lock:recurring-job:publish-due-posts', now() AT TIME ZONE 'UTC')");

        await alerts.StartAsync(TestContext.Current.CancellationToken);

        // The lock ends after ten seconds, and the trigger comes every five.
        const string Runs = "SELECT count(*) FROM hangfire.hash WHERE key = 'recurring-job:publish-due-posts' AND field = 'LastJobId'";
        await Eventually.Get(() => ExecuteAsync(Runs), runs => runs is 1L, House.Patience, TestContext.Current.CancellationToken);

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        }
    }
}
