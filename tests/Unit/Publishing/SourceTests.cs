using Alerts.Contracts;
using Alerts.Publishing.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Alerts.Tests.Unit.Publishing;

/// <summary>Sources read from a real server on this machine.</summary>
public sealed class SourceTests : IAsyncLifetime
{
    private PublishingApp app = null!;
    private WebApplication site = null!;
    private string? entries = Item(1) + Item(2);
    private int asked;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.CreateAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        site = builder.Build();
        site.Urls.Add("http://127.0.0.1:0");
        site.MapGet("/feed", (HttpRequest request, HttpResponse response) =>
        {
            Interlocked.Increment(ref asked);
            var tag = $"\"{entries?.Length}\"";
            response.Headers.ETag = tag;
            return entries is null ? Results.StatusCode(503)
                : request.Headers.IfNoneMatch == tag ? Results.StatusCode(304)
                : Results.Content($"<rss version=\"2.0\"><channel><title>Harbour news</title><link>https://harbour.example</link>{entries}</channel></rss>", "application/rss+xml");
        });
        await site.StartAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task A_source_brings_its_backlog_and_then_what_is_new()
    {
        await AddAsync();
        await app.RunAsync<ReadSources>();
        Assert.Equal(2, Assert.Single(await app.Sent<BacklogPublished>()).Posts);

        entries = Item(3) + entries;
        await app.RunAsync<ReadSources>();
        Assert.Equal(2, (await app.Sent<PostPublished>()).Count);

        app.Clock.Advance(Source.DefaultInterval);
        await app.RunAsync<ReadSources>();

        Assert.Null((await app.Sent<PostPublished>())[^1].BacklogId);
        Assert.Equal(3, (await app.Sent<PostPublished>()).Count);
        Assert.Equal((app.Clock.GetUtcNow(), null, 0), await AskAsync(s => (s.LastReadAt!.Value, s.LastError, s.Failures)));
    }

    [Fact]
    public async Task A_feed_that_has_not_changed_is_not_sent_again()
    {
        await AddAsync();
        await app.RunAsync<ReadSources>();
        app.Clock.Advance(Source.DefaultInterval);

        await app.RunAsync<ReadSources>();

        Assert.Equal(2, asked);
        Assert.Equal((app.Clock.GetUtcNow(), null), await AskAsync(s => (s.LastReadAt!.Value, s.LastError)));
        Assert.NotNull(await AskAsync(s => s.FeedId));
    }

    [Fact]
    public async Task A_source_that_fails_says_why_and_is_asked_more_seldom_until_it_is_well_again()
    {
        await AddAsync();
        entries = null;
        await app.RunAsync<ReadSources>();
        Assert.Equal((1, app.Clock.GetUtcNow() + (2 * Source.DefaultInterval)), await AskAsync(s => (s.Failures, s.NextReadAt)));
        Assert.Contains("answered 503", await AskAsync(s => s.LastError), StringComparison.Ordinal);

        for (var n = 0; n < 12; n++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.RunAsync<ReadSources>();
        }

        Assert.Equal((13, app.Clock.GetUtcNow() + Source.LongestBackOff), await AskAsync(s => (s.Failures, s.NextReadAt)));

        entries = Item(1);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.RunAsync<ReadSources>();
        Assert.Equal((0, null, app.Clock.GetUtcNow() + Source.DefaultInterval), await AskAsync(s => (s.Failures, s.LastError, s.NextReadAt)));
    }

    [Fact]
    public async Task Two_processes_read_a_source_once()
    {
        await AddAsync();

        await Task.WhenAll(app.RunAsync<ReadSources>(), app.RunAsync<ReadSources>(), app.RunAsync<ReadSources>());

        Assert.Equal(1, asked);
        Assert.Single(await app.Sent<BacklogPublished>());
    }

    private Task<int> AddAsync() => app.InDb(db =>
    {
        var source = new Source { Id = Guid.NewGuid(), CreatedAt = app.Clock.GetUtcNow() };
        source.Set($"{site.Urls.First()}/feed", ["refugees"], publish: true, Source.DefaultInterval, app.Clock.GetUtcNow());
        db.Sources.Add(source);
        return db.SaveChangesAsync(Cancelled);
    });

    private Task<T> AskAsync<T>(Func<Source, T> ask) => app.InDb(async db => ask(await db.Sources.SingleAsync(Cancelled)));

    private static string Item(int number) => $"<item><title>Post {number}</title><link>https://harbour.example/{number}</link><description>Text {number}.</description></item>";
}
