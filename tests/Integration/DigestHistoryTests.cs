using Alerts.Tests.Servers;
using Alerts.Tests.Unit.Digests.Histories;

namespace Alerts.Tests.Integration;

/// <summary>The histories of tests/Unit/Digests/Histories, through the service on PostgreSQL. In full by <c>infra/histories.sh postgres</c>.</summary>
public sealed class DigestHistoryTests
{
    [Fact]
    public async Task On_PostgreSQL_too_each_reader_gets_each_of_her_posts_exactly_once()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await ServiceHistories.RunAsync(
            ServiceHistories.From("HISTORIES_ON_POSTGRES", 2),
            ServiceHistories.From("HISTORIES_ON_POSTGRES_STEPS", 60),
            async _ => await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken));
    }
}
