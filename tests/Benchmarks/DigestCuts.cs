using System.Globalization;
using Alerts.Contracts;
using Alerts.Digests;
using Alerts.Digests.Posts;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;

#pragma warning disable EF1002 // What is put into the SQL are this file's own constants.
namespace Alerts.Benchmarks;

/// <summary>
/// Readers of 20 lists who are all due at once, and 50 posts: how long the process of Digests takes from the start of the cut until all batches of all editions are in the
/// outbox and their books closed, and how much memory it needs. Nobody delivers meanwhile.
/// </summary>
internal static class DigestCuts
{
    private const int Posts = 50;
    private const int Lists = 20;

    /// <param name="manyEditions">Each of 10,000 kinds of readers holds other lists; otherwise everybody holds three of the twenty.</param>
    public static async Task<string> MeasureAsync(bool apart, int readers, bool manyEditions, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var servers = new List<IAsyncDisposable>();
        var settings = new AlertsSettings { Data = folder["data"], PublicUrl = "http://alerts.example", More = new Dictionary<string, string> { ["Mail:From"] = "Alerts <alerts@alerts.example>" } };
        if (apart)
        {
            var rabbit = await RabbitMqServer.StartAsync(cancellationToken);
            var postgres = await PostgresServer.StartAsync("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=4GB");
            servers.AddRange([rabbit, postgres]);
            settings = settings with { RabbitMq = rabbit.Uri, Postgres = await postgres.CreateDatabaseAsync(cancellationToken), Services = "digests" };
        }

        try
        {
            await using var alerts = new AlertsProcess(settings);
            foreach (var verb in new string[][] { ["migrate"], ["sending", "stop"] })
            {
                var result = await alerts.RunAsync(verb);
                if (result.ExitCode != 0)
                {
                    throw new InvalidOperationException($"alerts {string.Join(' ', verb)}: {result.Error}{result.Output}");
                }
            }

            await FillAsync(settings, readers, manyEditions, cancellationToken);
            await alerts.StartAsync(cancellationToken);
            await using var db = Digests(settings);
            var cut = await Eventually.Get<Alerts.Digests.Cuts.Cut?>(
                () => db.Cuts.AsNoTracking().FirstOrDefaultAsync(c => c.FinishedAt != null, cancellationToken), c => c is not null, TimeSpan.FromMinutes(20), cancellationToken);
            var batches = await db.MailingPages.SumAsync(p => (long)p.Recipients, cancellationToken);
            var peak = File.ReadLines($"/proc/{alerts.ProcessId}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
            var took = cut!.FinishedAt!.Value - cut.StartedAt;
            return batches == readers && cut.Readers == readers
                ? string.Create(CultureInfo.InvariantCulture, $"{readers:N0} readers, {cut.Editions:N0} editions: cut in {took.TotalSeconds:0.0} s ({readers / took.TotalSeconds:N0} readers a second), peak memory {double.Parse(peak, CultureInfo.InvariantCulture) / 1024:0} MB")
                : throw new InvalidOperationException($"{readers} readers were due, {cut.Readers} got a digest, {batches} are in batches.");
        }
        finally
        {
            servers.Reverse();
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static DigestsDb Digests(AlertsSettings settings) => settings.Postgres is { } postgres
        ? new PostgresDigestsDb(((DbContextOptionsBuilder<PostgresDigestsDb>)new DbContextOptionsBuilder<PostgresDigestsDb>().UseAlertsPostgres(postgres, "digests")).Options)
        : new SqliteDigestsDb(new DbContextOptionsBuilder<SqliteDigestsDb>().UseSqlite($"Data Source={settings.Data}/digests.db;Foreign Keys=False").Options);

    private static SubscriptionsDb Subscriptions(AlertsSettings settings) => settings.Postgres is { } postgres
        ? new PostgresSubscriptionsDb(((DbContextOptionsBuilder<PostgresSubscriptionsDb>)new DbContextOptionsBuilder<PostgresSubscriptionsDb>().UseAlertsPostgres(postgres, "subscriptions")).Options)
        : new SqliteSubscriptionsDb(new DbContextOptionsBuilder<SqliteSubscriptionsDb>().UseSqlite($"Data Source={settings.Data}/subscriptions.db;Foreign Keys=False").Options);

    private static async Task FillAsync(AlertsSettings settings, int readers, bool manyEditions, CancellationToken cancellationToken)
    {
        var apart = settings.Postgres is not null;
        var numbers = apart ? $"generate_series(1, {readers}) AS n(n)" : $"(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {readers}) SELECT n FROM n) AS n";
        var lists = apart ? $"generate_series(0, {Lists - 1}) AS l(l)" : $"(WITH RECURSIVE l(l) AS (SELECT 0 UNION ALL SELECT l + 1 FROM l WHERE l < {Lists - 1}) SELECT l FROM l) AS l";
        var id = apart ? "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid" : "printf('00000000-0000-7000-8000-%012X', n)";
        var due = apart ? "timestamptz '2026-01-01T00:00:00Z'" : "'2026-01-01 00:00:00'";

        // A kind of reader is a number below 10,000, and holds the lists that are its bits, and the last for certain.
        var holds = manyEditions ? "(l = 19 OR (l < 14 AND ((n % 10000) >> l) & 1 = 1))" : "(l = n % 20 OR l = (n + 7) % 20 OR l = (n + 13) % 20)";
        await using (var db = Subscriptions(settings))
        {
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(20));
            await db.Database.OpenConnectionAsync(cancellationToken);
            if (apart)
            {
                await db.Database.ExecuteSqlRawAsync("SET session_replication_role = replica", cancellationToken); // Nobody asks for the subscribers themselves.
            }

            await db.Database.ExecuteSqlRawAsync(
                $"""INSERT INTO {(apart ? "subscriptions." : "")}"Subscriptions" ("SubscriberId", "List", "FromRev", "ToRev", "Frequency") SELECT {id}, 'list' || l, 1, {long.MaxValue}, 1 FROM {numbers} CROSS JOIN {lists} WHERE {holds}""",
                cancellationToken);
            if (apart)
            {
                await db.Database.ExecuteSqlRawAsync("""ANALYZE subscriptions."Subscriptions" """, cancellationToken);
            }
        }

        await using (var db = Digests(settings))
        {
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(20));
            for (var number = 1; number <= Posts; number++)
            {
                var post = new FiledPost { PostId = new Guid(number, 0, 0, new byte[8]), FiledAt = DateTimeOffset.UnixEpoch };
                post.Publish(
                    new PostPublished
                    {
                        PostId = post.PostId,
                        Version = 1,
                        Title = $"Ten refugees arrested, day {number}",
                        Summary = "Ten people were arrested this morning at the embassy.",
                        Html = "<p>x</p>",
                        Text = string.Concat(Enumerable.Repeat("Ten people were arrested this morning at the embassy; a protest is announced for tomorrow. ", 5)),
                        Link = $"https://blog.example.org/{number}",
                        Lists = [$"list{number % Lists}"],
                        Tags = [],
                        Urgent = false,
                        ReleasedAt = DateTimeOffset.UnixEpoch,
                        AudienceRevision = 1,
                    },
                    number);
                db.Posts.Add(post);
            }

            (await db.FilingCounter.SingleAsync(cancellationToken)).Last = Posts;
            var place = await db.SweepPlace.SingleAsync(cancellationToken);
            (place.Revision, place.After, place.StragglersSeq) = (1, new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), Posts);
            await db.SaveChangesAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync(
                $"""INSERT INTO {(apart ? "digests." : "")}"Readers" ("SubscriberId", "Zone", "Hour", "Weekday", "Daily", "Weekly", "Revision", "DailyDueAt", "DueAt", "DailyCursor", "WeeklyCursor", "Regions") SELECT {id}, 'Europe/Oslo', 8, 1, true, false, 1, {due}, {due}, 0, 0, '' FROM {numbers}""",
                cancellationToken);
            if (apart)
            {
                await db.Database.ExecuteSqlRawAsync("""ANALYZE digests."Readers" """, cancellationToken);
            }
        }
    }
}
