using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Audience;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Integration;

/// <summary>How many readers a post would have, told by PostgreSQL of more of them than are all looked at.</summary>
public sealed class EstimateTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3_000)]
    [InlineData(60_000)]
    [InlineData(300_000)]
    public async Task Small_lists_are_counted_and_large_ones_and_what_they_share_are_estimated_closely(int readers)
    {
        await using var postgres = await PostgresServer.StartAsync();
        var connection = await postgres.CreateDatabaseAsync(Cancelled);
        await using (var db = Open(connection))
        {
            await db.Database.MigrateAsync(Cancelled);

            // Everybody has the news daily, a quarter of them the alarm, too, at once; nobody asks for the subscribers themselves.
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE subscriptions.\"Subscriptions\" DISABLE TRIGGER ALL", Cancelled);
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO subscriptions."Subscriptions" ("SubscriberId", "List", "FromRev", "ToRev", "Frequency")
                SELECT ids.id, lists.list, 1, {long.MaxValue}, lists.frequency
                FROM (SELECT n, md5('reader' || n)::uuid AS id FROM generate_series(1, {readers}) AS n) AS ids
                JOIN (VALUES ('news', 1, {(int)Frequency.Daily}), ('alarm', 4, {(int)Frequency.Immediate})) AS lists (list, every, frequency) ON ids.n % lists.every = 0
                """,
                Cancelled);
        }

        var estimate = await new RevisionedAudience(() => Open(connection), TimeProvider.System).EstimateAsync(["news", "alarm"], Cancelled);

        if (readers <= 60_000)
        {
            Assert.Equal((readers, readers / 4), (estimate.ByList["news"], estimate.ByList["alarm"]));
        }

        // The ids are hashes, the same each time.
        Assert.InRange(estimate.ByList["news"], readers * 0.9, readers * 1.1);
        Assert.InRange(estimate.ByList["alarm"], readers / 4 * 0.8, readers / 4 * 1.2);
        var (least, most) = estimate.IsExact ? (1.0, 1.0) : (0.8, 1.2);
        Assert.Equal(readers <= 4_000, estimate.IsExact);
        Assert.InRange(estimate.AtOnce, readers / 4 * least, readers / 4 * most);
        Assert.InRange(estimate.Daily, readers * 3 / 4 * least, readers * 3 / 4 * most);
        Assert.Equal(0, estimate.Weekly);
    }

    private static SubscriptionsDb Open(string connection) =>
        new PostgresSubscriptionsDb(((DbContextOptionsBuilder<PostgresSubscriptionsDb>)new DbContextOptionsBuilder<PostgresSubscriptionsDb>().UseAlertsPostgres(connection, "subscriptions")).Options);
}
