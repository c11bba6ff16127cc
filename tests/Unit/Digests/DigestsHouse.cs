using System.Data.Common;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Digests;
using Alerts.Digests.Backlogs;
using Alerts.Digests.Cuts;
using Alerts.Digests.Editions;
using Alerts.Digests.Posts;
using Alerts.Digests.Readers;
using Alerts.Tests.Unit.Mailings;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Digests;

/// <summary>Digests on a SQLite file of its own, with an audience in memory and a clock that stands until it is moved. Nothing is relayed: what was sent lies in the outbox.</summary>
internal sealed class DigestsHouse : IAsyncDisposable
{
    private readonly string file = Path.Combine(Path.GetTempPath(), $"digests-{Guid.NewGuid():N}.db");
    private readonly ServiceProvider services;

    private DigestsHouse()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<TimeProvider>(Clock);
        collection.AddSingleton<IAudience>(Audience);
        collection.AddSingleton(Given.Templates);
        collection.AddSingleton(Given.Options);
        collection.AddSingleton<EditionMail>();
        collection.AddSingleton<BacklogDigest>();
        collection.AddSingleton<FollowAudience>();
        // So small that a few readers take several stretches of several pages.
        collection.AddSingleton(provider => new CutStretch(Audience, provider.GetRequiredService<EditionMail>()) { PageSize = 2, Length = 4 });
        collection.AddScoped<DigestsDb>(_ => Open());
        collection.AddTransient<CutDueDigests>();
        collection.AddTransient<PurgeFiledPosts>();
        services = collection.BuildServiceProvider();
    }

    public AudienceModel Audience { get; } = new();

    public FakeTimeProvider Clock { get; } = new(Given.Now);

    public Crash Crash { get; } = new();

    public static async Task<DigestsHouse> BuildAsync()
    {
        var house = new DigestsHouse();
        await using var db = house.Open();
        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);
        return house;
    }

    public SqliteDigestsDb Open() => new(new DbContextOptionsBuilder<SqliteDigestsDb>().UseSqlite($"Data Source={file}").AddInterceptors(Crash).Options);

    public async Task TakeAsync(PostPublished message) =>
        await WithAsync(db => new PostPublishedConsumer(db, services.GetRequiredService<BacklogDigest>(), Clock).Consume(Given.Context(message)));

    public async Task TakeAsync(PostCorrected message) => await WithAsync(db => new PostCorrectedConsumer(db, Clock).Consume(Given.Context(message)));

    public async Task TakeAsync(PostWithdrawn message) => await WithAsync(db => new PostWithdrawnConsumer(db, Clock).Consume(Given.Context(message)));

    public async Task TakeAsync(BacklogPublished message) =>
        await WithAsync(db => new BacklogPublishedConsumer(db, services.GetRequiredService<BacklogDigest>(), Clock).Consume(Given.Context(message)));

    public Task SweepAsync() => services.GetRequiredService<CutDueDigests>().RunAsync(TestContext.Current.CancellationToken);

    public Task PurgeAsync() => services.GetRequiredService<PurgeFiledPosts>().RunAsync(TestContext.Current.CancellationToken);

    public async Task<Guid> AskForCutAsync(params Guid[] afterMessages)
    {
        await using var db = Open();
        return await CutRequests.AskAsync(db, afterMessages, Clock.GetUtcNow(), TestContext.Current.CancellationToken);
    }

    public async Task CutNowAsync()
    {
        await AskForCutAsync();
        await SweepAsync();
    }

    public async Task<List<T>> SentAsync<T>()
    {
        await using var db = Open();
        var bodies = await db.Outbox.Where(m => m.Type == typeof(T).Name).OrderBy(m => m.Id).Select(m => m.Body).ToListAsync(TestContext.Current.CancellationToken);
        return [.. bodies.Select(body => JsonSerializer.Deserialize<T>(body)!)];
    }

    /// <summary>The numbers of the posts each mail told of, by reader, in the order of the mails; an edition's posts are told by their links.</summary>
    public async Task<ILookup<Guid, int[]>> MailsAsync(IReadOnlyCollection<PostPublished> posts)
    {
        var numbers = (await SentAsync<MailingPrepared>()).ToDictionary(
            m => m.MailingId, m => posts.Where(p => m.Text.Contains(p.Link, StringComparison.Ordinal)).Select(p => int.Parse(p.Title[6..], System.Globalization.CultureInfo.InvariantCulture)).ToArray());
        return (await SentAsync<RecipientsAdded>())
            .SelectMany(batch => batch.Recipients.Select(r => (r.SubscriberId, batch.MailingId)))
            .ToLookup(r => r.SubscriberId, r => numbers[r.MailingId]);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(file);
    }

    private async Task WithAsync(Func<DigestsDb, Task> consume)
    {
        await using var db = Open();
        await consume(db);
    }
}

/// <summary>Ends the process at a commit, as far as one can without ending it: right before (nothing is saved) or right after (all is, and nobody learns of it).</summary>
internal sealed class Crash : DbTransactionInterceptor
{
    private int commits = int.MaxValue;

    /// <param name="atCommit">From 1; every second one is a crash after the commit.</param>
    public void At(int atCommit) => commits = atCommit;

    public void Never() => commits = int.MaxValue;

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (--commits == 0)
        {
            throw new CrashException();
        }

        return new(result);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        --commits == 0 ? throw new CrashException() : Task.CompletedTask;
}

internal sealed class CrashException : Exception
{
    public CrashException() : base("The process ended here.")
    {
    }
}
