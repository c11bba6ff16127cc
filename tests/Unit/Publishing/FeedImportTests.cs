using System.Globalization;
using Alerts.Contracts;
using Alerts.Publishing;
using Alerts.Publishing.Archive;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Posts;
using Alerts.Publishing.Sources;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing;

public sealed class FeedImportOnSqliteTests : FeedImportTests
{
    protected override Task<string?> DatabaseAsync() => Task.FromResult<string?>(null);
}

public sealed class FeedImportOnPostgresTests(FeedImportOnPostgresTests.Postgres postgres) : FeedImportTests, IClassFixture<FeedImportOnPostgresTests.Postgres>
{
    protected override async Task<string?> DatabaseAsync() => await postgres.Server!.CreateDatabaseAsync(TestContext.Current.CancellationToken);

    public sealed class Postgres : IAsyncLifetime
    {
        internal PostgresServer? Server { get; private set; }

        public async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync();

        public ValueTask DisposeAsync() => Server!.DisposeAsync();
    }
}

/// <summary>The rules of reading feeds, kept on both databases.</summary>
public abstract class FeedImportTests : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private PublishingApp app = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected abstract Task<string?> DatabaseAsync();

    public async ValueTask InitializeAsync() => app = await PublishingApp.CreateAsync(await DatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_first_reading_is_one_backlog_in_the_feeds_order()
    {
        var imported = await ImportAsync(Feed(17));

        Assert.Equal((17, 0, 0, 0), Counts(imported));
        var published = await app.Sent<PostPublished>();
        Assert.Equal(Enumerable.Range(1, 17).Select(n => $"Post {n}"), published.OrderBy(p => p.Ordinal).Select(p => p.Title));
        Assert.All(published, p => Assert.Equal((imported.BacklogId, 7L, false), (p.BacklogId, p.AudienceRevision, p.Urgent)));
        Assert.All(published, p => Assert.Equal(["refugees"], p.Lists));
        Assert.Single(published.Select(p => p.ReleasedAt).Distinct());
        var backlog = Assert.Single(await app.Sent<BacklogPublished>());
        Assert.Equal((imported.BacklogId, 17, "Harbour news", 7L), ((Guid?)backlog.BacklogId, backlog.Posts, backlog.Title, backlog.AudienceRevision));
        var byId = await app.InDb(db => db.Posts.OrderBy(p => p.Id).Select(p => p.Title).ToListAsync(Cancelled));
        Assert.Equal(Enumerable.Range(1, 17).Select(n => $"Post {n}"), byId);
    }

    [Fact]
    public async Task Read_again_it_changes_nothing_from_whatever_path()
    {
        await ImportAsync(Feed(17), "one.xml");
        var sent = await app.CountSent();

        var again = await ImportAsync(Feed(17), "two.xml");

        Assert.Equal((0, 0, 17, 0), Counts(again));
        Assert.Equal(sent, await app.CountSent());
        Assert.Equal(17, await app.InDb(db => db.Posts.CountAsync(Cancelled)));
    }

    [Fact]
    public async Task An_edited_entry_corrects_its_post_and_sends_no_second_mail()
    {
        await ImportAsync(Feed(17));

        var edited = await ImportAsync(Feed(17).Replace("Text 3.", "Text 3, corrected.", StringComparison.Ordinal));

        Assert.Equal((0, 1, 16, 0), Counts(edited));
        var corrected = Assert.Single(await app.Sent<PostCorrected>());
        Assert.Equal((2, "Text 3, corrected."), (corrected.Version, corrected.Text));
        Assert.Equal(17, (await app.Sent<PostPublished>()).Count);
        Assert.Equal((0, 0, 17, 0), Counts(await ImportAsync(Feed(17).Replace("Text 3.", "Text 3, corrected.", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_new_entry_is_published_as_any_post()
    {
        await ImportAsync(Feed(17));
        app.Audience.Revision = 8;

        var more = await ImportAsync(Feed(18));

        Assert.Equal((1, 0, 17, 0), Counts(more));
        var published = (await app.Sent<PostPublished>())[^1];
        Assert.Equal(("Post 18", (Guid?)null, 8L), (published.Title, published.BacklogId, published.AudienceRevision));
        Assert.Single(await app.Sent<BacklogPublished>());
    }

    [Fact]
    public async Task A_feed_with_dates_goes_by_them()
    {
        var imported = await ImportAsync(Rss(Item(1, "2026-03-01"), Item(2, "2026-05-01"), Item(3, "2026-04-01")));

        Assert.Equal(3, imported.Imported);
        var published = (await app.Sent<PostPublished>()).OrderBy(p => p.Ordinal).ToList();
        Assert.Equal(["Post 1", "Post 3", "Post 2"], published.Select(p => p.Title));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), published[0].DatedAt);
    }

    [Fact]
    public async Task One_date_missing_leaves_the_feeds_order()
    {
        await ImportAsync(Rss(Item(3, "2026-03-01"), Item(2), Item(1, "2026-04-01")));

        Assert.Equal(["Post 1", "Post 2", "Post 3"], (await app.Sent<PostPublished>()).OrderBy(p => p.Ordinal).Select(p => p.Title));
    }

    [Fact]
    public async Task An_entry_repeated_within_the_feed_is_one_post()
    {
        var imported = await ImportAsync(Rss(Item(2), Item(1), Item(2)));

        Assert.Equal(2, imported.Imported);
        Assert.NotEmpty(imported.Notes);
    }

    [Fact]
    public async Task A_backlog_of_one_is_just_a_post()
    {
        var imported = await ImportAsync(Feed(1));

        Assert.Null(imported.BacklogId);
        Assert.Null(Assert.Single(await app.Sent<PostPublished>()).BacklogId);
        Assert.Empty(await app.Sent<BacklogPublished>());
    }

    [Fact]
    public async Task A_feed_that_was_empty_at_first_has_its_backlog_when_it_has_entries()
    {
        Assert.Equal((0, 0, 0, 0), Counts(await ImportAsync(Feed(0))));

        Assert.NotNull((await ImportAsync(Feed(3))).BacklogId);
    }

    [Fact]
    public async Task A_list_that_does_not_exist_is_refused_in_one_line_and_nothing_is_done()
    {
        var refused = await Assert.ThrowsAsync<FeedException>(() => ImportAsync(Feed(2), list: "nowhere"));

        Assert.Equal("There is no list “nowhere”: make it first, at /admin/lists or with POST /api/lists.", refused.Message);
        Assert.Equal(0, await app.InDb(db => db.Posts.CountAsync(Cancelled)));
    }

    [Fact]
    public async Task The_same_feed_for_another_list_is_another_backlog()
    {
        await ImportAsync(Feed(2));

        var other = await ImportAsync(Feed(2), list: "releases");

        Assert.Equal(2, other.Imported);
        Assert.Equal(2, (await app.Sent<BacklogPublished>()).Count);
    }

    [Fact]
    public async Task Two_first_readings_at_once_make_one_backlog()
    {
        var both = await Task.WhenAll(ImportAsync(Feed(17), "one.xml"), ImportAsync(Feed(17), "two.xml"), ImportAsync(Feed(17), "three.xml"));

        Assert.Equal([0, 0, 17], both.Select(i => i.Imported).Order());
        Assert.Equal([0, 17, 17], both.Select(i => i.Unchanged).Order());
        Assert.Equal(17, (await app.Sent<PostPublished>()).Count);
        Assert.Single(await app.Sent<BacklogPublished>());
    }

    [Fact]
    public async Task Two_readings_of_an_edit_at_once_correct_once()
    {
        await ImportAsync(Feed(5));
        var edited = Feed(6).Replace("Text 3.", "Text 3, corrected.", StringComparison.Ordinal);

        await Task.WhenAll(ImportAsync(edited, "one.xml"), ImportAsync(edited, "two.xml"));

        Assert.Single(await app.Sent<PostCorrected>());
        Assert.Equal(6, (await app.Sent<PostPublished>()).Count);
    }

    [Fact]
    public async Task The_unique_index_alone_keeps_an_entry_from_becoming_two_posts()
    {
        var feed = Guid.NewGuid();

        await Assert.ThrowsAsync<DbUpdateException>(() => app.InDb(db =>
        {
            db.Posts.Add(new Post { Id = Guid.NewGuid(), CreatedAt = app.Clock.GetUtcNow(), FeedId = feed, EntryKey = "a" });
            db.Posts.Add(new Post { Id = Guid.NewGuid(), CreatedAt = app.Clock.GetUtcNow(), FeedId = feed, EntryKey = "a" });
            return db.SaveChangesAsync(Cancelled);
        }));
    }

    [Fact]
    public async Task A_withdrawn_post_stays_so_when_its_entry_is_edited()
    {
        await ImportAsync(Feed(3));
        await app.InScope(async services =>
        {
            var db = services.GetRequiredService<PublishingDb>();
            var post = await db.Posts.SingleAsync(p => p.Title == "Post 2", Cancelled);
            return await services.GetRequiredService<PostEditing>().DeleteAsync(post, Cancelled);
        });

        var edited = await ImportAsync(Feed(3).Replace("Text 2.", "Text 2, corrected.", StringComparison.Ordinal));

        Assert.Equal((0, 0, 2, 1), Counts(edited));
        Assert.Empty(await app.Sent<PostCorrected>());
        Assert.Single(await app.Sent<PostWithdrawn>());
    }

    [Fact]
    public async Task A_file_and_its_address_are_one_feed_even_when_its_title_changes_there()
    {
        var lists = new[] { "refugees" };
        var address = new Uri("https://harbour.example/news/feed/");
        await ImportAsync(Feed(3));

        var byAddress = await ImportAsync(Feed(3), new FeedOrigin { Address = address, Lists = lists });
        var renamed = await ImportAsync(Feed(3).Replace("Harbour news", "Harbour & Quay", StringComparison.Ordinal).Replace("&", "&amp;", StringComparison.Ordinal), new FeedOrigin { Address = address, Lists = lists });

        Assert.Equal((0, 0, 3, 0), Counts(byAddress));
        Assert.Equal((0, 0, 3, 0), Counts(renamed));
    }

    [Fact]
    public async Task Entries_of_a_source_that_wants_drafts_become_drafts()
    {
        var imported = await ImportAsync(Feed(3), new FeedOrigin { FileName = "x", Lists = ["refugees"], Publish = false });

        Assert.Equal((3, null), (imported.Imported, imported.BacklogId));
        Assert.Equal(0, await app.CountSent());
        Assert.All(await app.InDb(db => db.Posts.ToListAsync(Cancelled)), post => Assert.Equal(PostState.Draft, post.State));
    }

    [Fact]
    public async Task What_was_imported_is_listed_page_by_page_for_everybody_and_for_editors()
    {
        await ImportAsync(Feed(5));
        await ImportAsync(Feed(1).Replace("Harbour news", "Inside", StringComparison.Ordinal), list: "staff");

        var (everybody, editors, counts) = await app.InScope(async services =>
        {
            var posts = services.GetRequiredService<PublicPosts>();
            var first = await posts.PageAsync("refugees", null, 3, Cancelled);
            var second = await posts.PageAsync(null, first.Next, 3, Cancelled);
            var lines = services.GetRequiredService<PostLines>();
            var newest = await lines.PageAsync(PostState.Published, "refugees", null, 2, Cancelled);
            var older = await lines.PageAsync(PostState.Published, "refugees", newest.Next, 9, Cancelled);
            return (first.Items.Concat(second.Items).Select(p => p.Title), newest.Items.Concat(older.Items).Select(p => p.Title), await lines.CountsAsync(Cancelled));
        });

        string[] newestFirst = ["Post 5", "Post 4", "Post 3", "Post 2", "Post 1"];
        Assert.Equal(newestFirst, everybody);
        Assert.Equal(newestFirst, editors);
        Assert.Equal(6, counts[PostState.Published]);
    }

    [Fact]
    public async Task The_result_is_one_line()
    {
        Assert.Equal("Harbour news: 2 imported, 0 updated, 0 unchanged, 0 skipped", (await ImportAsync(Feed(2))).ToString());
    }

    private async Task<FeedImported> ImportAsync(string feed, string name = "feed.xml", string list = "refugees")
    {
        await File.WriteAllTextAsync(folder[name], feed, Cancelled);
        return await app.InScope(services => services.GetRequiredService<FeedImport>().ImportAsync(folder[name], [list], Cancelled));
    }

    private Task<FeedImported> ImportAsync(string feed, FeedOrigin origin) => app.InScope(services =>
        services.GetRequiredService<FeedImport>().ImportAsync(
            services.GetRequiredService<FeedParser>().Read(System.Text.Encoding.UTF8.GetBytes(feed), origin.Address, cancellationToken: Cancelled), origin, Cancelled));

    private static (int Imported, int Updated, int Unchanged, int Skipped) Counts(FeedImported imported) =>
        (imported.Imported, imported.Updated, imported.Unchanged, imported.Skipped);

    /// <summary>Undated, the newest first, as the archive of a blog's category has it.</summary>
    private static string Feed(int count) => Rss([.. Enumerable.Range(1, count).Reverse().Select(n => Item(n))]);

    private static string Rss(params string[] items) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <rss version="2.0"><channel><title>Harbour news</title><link>https://harbour.example/news/</link>{string.Concat(items)}</channel></rss>
        """;

    private static string Item(int number, string? date = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"<item><title>Post {number}</title><link>https://harbour.example/news/{number}/</link><description>Text {number}.</description>{(date is null ? "" : $"<pubDate>{DateTime.Parse(date, CultureInfo.InvariantCulture):R}</pubDate>")}</item>");
}
