using Alerts.Contracts;
using Alerts.Delivery;
using Alerts.Delivery.Ledger;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Subscribers;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Integration;

/// <summary>What is written by the thousand, on both databases.</summary>
public sealed class BulkInsertTests
{
    private const int Readers = 5_000;

    private static readonly DateTimeOffset Now = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_456);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_read_as_they_were_written(bool onPostgres)
    {
        await using var place = await Place.OpenAsync(onPostgres);
        var readers = Enumerable.Range(0, Readers).Select(Reader).ToList();
        var consents = readers.Select((reader, n) => Consent(reader.Id, n)).ToList();
        var ledger = readers.Select((reader, n) => Row(reader.Id, n)).ToList();
        await using (var db = place.Subscriptions())
        {
            await db.Database.MigrateAsync(Cancelled);
            await db.InsertManyAsync(readers, Cancelled);
            await db.InsertManyAsync(consents, Cancelled);
            await db.InsertManyAsync(Array.Empty<ConsentEntry>(), Cancelled);
        }

        await using (var db = place.Delivery())
        {
            await db.Database.MigrateAsync(Cancelled);
            await db.InsertManyAsync(ledger, Cancelled);
        }

        await SameAsync(place.Subscriptions, readers, reader => reader.Id);
        await SameAsync(place.Subscriptions, consents, consent => consent.SubscriberId);
        await SameAsync(place.Delivery, ledger, row => row.SubscriberId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_of_them_are_written_or_none(bool onPostgres)
    {
        await using var place = await Place.OpenAsync(onPostgres);
        await using var db = place.Subscriptions();
        await db.Database.MigrateAsync(Cancelled);
        var reader = Reader(0);

        // One twice, the last of many; a source that fails on the way; a stop; what is no text.
        await Assert.ThrowsAnyAsync<Exception>(() => db.InsertManyAsync(Enumerable.Range(0, Readers).Select(n => Consent(reader.Id, Math.Min(n, Readers - 2))), Cancelled));
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.InsertManyAsync(Enumerable.Range(0, Readers).Select(n => n < Readers - 1 ? Consent(reader.Id, n) : throw new InvalidOperationException()), Cancelled));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => db.InsertManyAsync(Enumerable.Range(0, Readers).Select(n => n < 3_000 || Stop(stop) ? Consent(reader.Id, n) : null!), stop.Token));
        if (onPostgres)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => db.InsertManyAsync(Enumerable.Range(0, Readers).Select(n => Consent(reader.Id, n, n < Readers - 1 ? "file" : "\uD800")), Cancelled));
            await Assert.ThrowsAnyAsync<Exception>(() => db.InsertManyAsync(Enumerable.Range(0, Readers).Select(n => Consent(reader.Id, n, n < Readers - 1 ? "file" : "\0")), Cancelled));
        }

        Assert.Equal(0, await db.Consents.CountAsync(Cancelled));

        // In a transaction, it decides.
        await using (var transaction = await db.Database.BeginTransactionAsync(Cancelled))
        {
            await db.InsertManyAsync([Consent(reader.Id, 1)], Cancelled);
            await transaction.RollbackAsync(Cancelled);
        }

        await db.InsertManyAsync([Consent(reader.Id, 2)], Cancelled);
        Assert.Equal(2, Assert.Single(await db.Consents.ToListAsync(Cancelled)).Number);
    }

    private static bool Stop(CancellationTokenSource source)
    {
        source.Cancel();
        return true;
    }

    private static Subscriber Reader(int number)
    {
        Assert.True(EmailAddress.TryRead($"reader{number}@example.org", out var address, out _));
        var details = new SubscriberDetails
        {
            Name = (number % 3) switch { 0 => null, 1 => "Ada \"L\\\t,\n'ovelace; 사용자 🕊", _ => new string('ß', SubscriberDetails.MaxName) },
            Zone = "Asia/Seoul",
            Hour = number % 24,
            Weekday = "monday",
            Regions = number % 2 == 0 ? ["seoul", "oslo"] : [],
            UrgentPosts = number % 5 != 0,
            EventNotices = number % 7 != 0,
            Language = "ko",
        };
        return Subscriber.New(address, details, new ReadingDefaults(), Now.AddSeconds(number));
    }

    private static ConsentEntry Consent(Guid reader, int number, string by = "a file, \"old\".csv") => new()
    {
        SubscriberId = reader,
        Revision = long.MaxValue - 1,
        Number = number,
        At = Now.AddYears(-30).AddMicroseconds(number),
        What = ConsentEvent.Joined,
        List = number % 2 == 0 ? "city" : null,
        Frequency = number % 2 == 0 ? Frequency.Weekly : null,
        Means = ConsentMeans.Import,
        By = by,
    };

    private static LedgerRow Row(Guid reader, int number) => new()
    {
        MailingId = reader,
        SubscriberId = reader,
        Batch = -number,
        State = (DeliveryState)(number % 5),
        Attempts = number,
        Uncertain = number % 2 == 0,
        NextAttemptAt = number % 3 == 0 ? Now : null,
        LastReply = number % 4 == 0 ? "" : "250 ok",
        Attends = number % 2 == 1,
        UpdatedAt = Now,
    };

    /// <summary>That all properties which are stored are what they were.</summary>
    private static async Task SameAsync<T>(Func<DbContext> open, List<T> written, Func<T, Guid> id) where T : class
    {
        await using var db = open();
        var there = (await db.Set<T>().ToListAsync(Cancelled)).ToDictionary(id);
        Assert.Equal(written.Count, there.Count);
        foreach (var row in written)
        {
            var same = there[id(row)];
            Assert.All(db.Entry(same).Properties, property => Assert.Equal(property.Metadata.PropertyInfo!.GetValue(row), property.CurrentValue));
        }
    }

    private sealed class Place(PostgresServer? server, string? connection) : IAsyncDisposable
    {
        private readonly TempFolder folder = new();

        public static async Task<Place> OpenAsync(bool onPostgres)
        {
            var server = onPostgres ? await PostgresServer.StartAsync() : null;
            return new Place(server, server is null ? null : await server.CreateDatabaseAsync(Cancelled));
        }

        public SubscriptionsDb Subscriptions() => connection is null
            ? new SqliteSubscriptionsDb(Sqlite<SqliteSubscriptionsDb>("subscriptions"))
            : new PostgresSubscriptionsDb(Postgres<PostgresSubscriptionsDb>("subscriptions"));

        public DeliveryDb Delivery() => connection is null
            ? new SqliteDeliveryDb(Sqlite<SqliteDeliveryDb>("delivery"))
            : new PostgresDeliveryDb(Postgres<PostgresDeliveryDb>("delivery"));

        public async ValueTask DisposeAsync()
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }

            folder.Dispose();
        }

        private DbContextOptions<T> Sqlite<T>(string name) where T : DbContext => new DbContextOptionsBuilder<T>().UseSqlite($"Data Source={folder[name]}.db").Options;

        private DbContextOptions<T> Postgres<T>(string schema) where T : DbContext
        {
            var options = new DbContextOptionsBuilder<T>();
            options.UseAlertsPostgres(connection!, schema);
            return options.Options;
        }
    }
}
