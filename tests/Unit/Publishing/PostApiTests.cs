using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing;

public sealed class PostApiTests : IAsyncLifetime
{
    private static readonly string[] Refugees = ["refugees"];
    private static readonly string[] Releases = ["releases"];
    private static readonly string[] Nowhere = ["nowhere"];
    private static readonly string[] RefugeesAndNowhere = ["refugees", "nowhere"];
    private static readonly string[] Port = ["port"];

    private PublishingApp app = null!;
    private HttpClient editor = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.StartAsync();
        editor = app.Client(isEditor: true);
    }

    public ValueTask DisposeAsync()
    {
        editor.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task A_post_without_a_time_is_a_draft_until_it_is_published_and_publishing_twice_announces_once()
    {
        var draft = await WriteAsync(new { title = "Harbour closed", markdown = "It is **closed**.", lists = Refugees, tags = Port });
        Assert.Equal("draft", draft.Text("state"));
        Assert.Equal(0, await app.CountSent());

        var published = await SendAsync(HttpMethod.Post, $"/api/posts/{draft.Text("id")}/publish");
        var again = await SendAsync(HttpMethod.Post, $"/api/posts/{draft.Text("id")}/publish");

        Assert.Equal(("published", "published"), (published.Text("state"), again.Text("state")));
        var sent = Assert.Single(await app.Sent<PostPublished>());
        Assert.Equal(("Harbour closed", "<p>It is <strong>closed</strong>.</p>", "It is closed.", "It is closed.", 1), (sent.Title, sent.Html, sent.Text, sent.Summary, sent.Version));
        Assert.Equal(($"https://alerts.example/posts/{sent.PostId}", 7L, app.Clock.GetUtcNow()), (sent.Link, sent.AudienceRevision, sent.ReleasedAt));
        Assert.Equal(Refugees, sent.Lists);
        Assert.Equal(Port, sent.Tags);
    }

    [Fact]
    public async Task A_post_with_a_past_time_is_published_at_once()
    {
        var post = await WriteAsync(Post(publishAt: app.Clock.GetUtcNow().AddYears(-1)));

        Assert.Equal("published", post.Text("state"));
        Assert.Equal(app.Clock.GetUtcNow(), Assert.Single(await app.Sent<PostPublished>()).ReleasedAt);
    }

    [Fact]
    public async Task A_scheduled_post_is_published_when_its_time_has_come_and_once_by_two_processes()
    {
        var post = await WriteAsync(Post(publishAt: app.Clock.GetUtcNow().AddMinutes(10)));
        Assert.Equal("scheduled", post.Text("state"));
        await app.RunAsync<PublishDuePosts>();
        Assert.Equal(0, await app.CountSent());

        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await Task.WhenAll(app.RunAsync<PublishDuePosts>(), app.RunAsync<PublishDuePosts>(), app.RunAsync<PublishDuePosts>());

        Assert.Equal(app.Clock.GetUtcNow(), Assert.Single(await app.Sent<PostPublished>()).ReleasedAt);
    }

    [Fact]
    public async Task An_undo_time_leaves_time_to_think_again()
    {
        var post = await WriteAsync(new { title = "Oops", markdown = "Text", lists = Refugees, publishAt = app.Clock.GetUtcNow(), undo = "PT30S" });

        Assert.Equal("scheduled", post.Text("state"));
        Assert.Equal(app.Clock.GetUtcNow().AddSeconds(30), post.GetProperty("publishAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_draft_may_be_changed_scheduled_and_made_a_draft_again()
    {
        var id = (await WriteAsync(Post())).Text("id");

        var scheduled = await SendAsync(HttpMethod.Put, $"/api/posts/{id}", Post("New title", publishAt: app.Clock.GetUtcNow().AddDays(1)));
        var draft = await SendAsync(HttpMethod.Put, $"/api/posts/{id}", Post("New title"));

        Assert.Equal(("scheduled", "draft"), (scheduled.Text("state"), draft.Text("state")));
        Assert.Equal(2, draft.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Changing_a_published_post_corrects_it_and_the_same_text_again_changes_nothing()
    {
        var id = (await WriteAsync(Post(publishAt: app.Clock.GetUtcNow()))).Text("id");

        await SendAsync(HttpMethod.Put, $"/api/posts/{id}", Post());
        Assert.Empty(await app.Sent<PostCorrected>());

        await SendAsync(HttpMethod.Put, $"/api/posts/{id}", Post("Harbour open"));
        await SendAsync(HttpMethod.Put, $"/api/posts/{id}", Post("Harbour open"));

        var corrected = Assert.Single(await app.Sent<PostCorrected>());
        Assert.Equal((2, "Harbour open"), (corrected.Version, corrected.Title));
        Assert.Single(await app.Sent<PostPublished>());
    }

    [Fact]
    public async Task A_published_post_keeps_its_readers()
    {
        var id = (await WriteAsync(Post(publishAt: app.Clock.GetUtcNow()))).Text("id");

        var refused = await SendAsync(HttpMethod.Put, $"/api/posts/{id}", new { title = "t", markdown = "Text", lists = Releases, urgent = true }, HttpStatusCode.BadRequest);

        Assert.Equal(["lists", "urgent"], Fields(refused));
    }

    [Fact]
    public async Task Deleting_a_published_post_withdraws_it_for_good()
    {
        var id = (await WriteAsync(Post(publishAt: app.Clock.GetUtcNow()))).Text("id");

        await SendAsync(HttpMethod.Delete, $"/api/posts/{id}", expected: HttpStatusCode.NoContent);
        await SendAsync(HttpMethod.Delete, $"/api/posts/{id}", expected: HttpStatusCode.NoContent);

        Assert.Equal(1, Assert.Single(await app.Sent<PostWithdrawn>()).Version);
        Assert.Equal("withdrawn", (await SendAsync(HttpMethod.Get, $"/api/posts/{id}")).Text("state"));
        await SendAsync(HttpMethod.Post, $"/api/posts/{id}/publish", expected: HttpStatusCode.Conflict);
        await SendAsync(HttpMethod.Put, $"/api/posts/{id}", Post(), HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Deleting_a_draft_removes_it()
    {
        var id = (await WriteAsync(Post())).Text("id");

        await SendAsync(HttpMethod.Delete, $"/api/posts/{id}", expected: HttpStatusCode.NoContent);

        await SendAsync(HttpMethod.Get, $"/api/posts/{id}", expected: HttpStatusCode.NotFound);
        Assert.Equal(0, await app.CountSent());
    }

    [Fact]
    public async Task A_change_of_what_somebody_else_changed_is_refused()
    {
        var post = await WriteAsync(Post());
        var (id, change) = (post.Text("id"), post.GetProperty("change").GetInt32());
        await SendAsync(HttpMethod.Put, $"/api/posts/{id}", new { title = "Mine", markdown = "Text", lists = Refugees, change });

        var refused = await SendAsync(HttpMethod.Put, $"/api/posts/{id}", new { title = "Theirs", markdown = "Text", lists = Refugees, change }, HttpStatusCode.Conflict);

        Assert.StartsWith("Somebody else has changed the post", refused.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_changes_at_once_are_told_apart_by_the_database()
    {
        var id = Guid.Parse((await WriteAsync(Post())).Text("id"));

        await app.InScope(one => app.InScope(async other =>
        {
            var first = await one.GetRequiredService<Alerts.Publishing.PublishingDb>().Posts.SingleAsync(p => p.Id == id, Cancelled);
            var second = await other.GetRequiredService<Alerts.Publishing.PublishingDb>().Posts.SingleAsync(p => p.Id == id, Cancelled);
            var request = new PostRequest { Title = "Changed", Markdown = "Text", Lists = ["refugees"] };
            Assert.NotNull((await one.GetRequiredService<PostEditing>().ChangeAsync(first, request, Cancelled)).Post);
            Assert.NotNull((await other.GetRequiredService<PostEditing>().ChangeAsync(second, request with { Title = "Changed too" }, Cancelled)).Conflict);
            return true;
        }));
    }

    [Fact]
    public async Task Publishing_at_the_same_moment_in_two_places_is_as_good_as_twice()
    {
        var id = (await WriteAsync(Post())).Text("id");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(HttpMethod.Post, $"/api/posts/{id}/publish")));

        Assert.Single(await app.Sent<PostPublished>());
    }

    [Fact]
    public async Task The_same_request_twice_is_one_post()
    {
        using var first = new HttpRequestMessage(HttpMethod.Post, "/api/posts") { Content = JsonContent.Create(Post()), Headers = { { "Idempotency-Key", "k1" } } };
        using var second = new HttpRequestMessage(HttpMethod.Post, "/api/posts") { Content = JsonContent.Create(Post()), Headers = { { "Idempotency-Key", "k1" } } };

        using var one = await editor.SendAsync(first, Cancelled);
        using var two = await editor.SendAsync(second, Cancelled);

        Assert.Equal(one.Headers.Location, two.Headers.Location);
        Assert.Equal(1, await app.InDb(db => db.Posts.CountAsync(Cancelled)));
    }

    [Fact]
    public async Task What_is_wrong_is_said_by_field()
    {
        var refused = await SendAsync(
            HttpMethod.Post, "/api/posts", new { title = " ", markdown = "a", html = "b", link = "/here", lists = RefugeesAndNowhere, undo = "soon" }, HttpStatusCode.BadRequest);

        Assert.Equal(["html", "link", "lists", "title", "undo"], Fields(refused));
        Assert.StartsWith("There is no list “nowhere”", refused.GetProperty("errors").GetProperty("lists")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_over_a_megabyte_is_refused_with_its_length()
    {
        var refused = await SendAsync(HttpMethod.Post, "/api/posts", new { title = "t", html = new string('a', 1_000_001), lists = Refugees }, HttpStatusCode.BadRequest);
        Assert.Contains("1,000,001 characters", refused.GetProperty("errors").GetProperty("html")[0].GetString(), StringComparison.Ordinal);

        await SendAsync(HttpMethod.Post, "/api/posts", new { title = "t", html = new string('a', 2_200_000), lists = Refugees }, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Posts_are_listed_by_state_and_list_page_by_page()
    {
        for (var n = 1; n <= 5; n++)
        {
            await WriteAsync(Post($"Post {n}", publishAt: n % 2 == 0 ? app.Clock.GetUtcNow() : null));
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await SendAsync(HttpMethod.Get, "/api/posts?limit=3&list=refugees");
        var second = await SendAsync(HttpMethod.Get, $"/api/posts?limit=3&list=refugees&after={first.Text("next")}");
        var published = await SendAsync(HttpMethod.Get, "/api/posts?state=published");

        Assert.Equal(["Post 5", "Post 4", "Post 3"], Titles(first));
        Assert.Equal(["Post 2", "Post 1"], Titles(second));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(["Post 4", "Post 2"], Titles(published));
        Assert.Empty(Titles(await SendAsync(HttpMethod.Get, "/api/posts?list=releases")));
        Assert.Equal(["limit", "state"], Fields(await SendAsync(HttpMethod.Get, "/api/posts?state=lost&limit=1000", expected: HttpStatusCode.BadRequest)));
    }

    [Fact]
    public async Task Only_editors_are_let_in()
    {
        using var anybody = app.Client(isEditor: false);

        using var posts = await anybody.GetAsync("/api/posts", Cancelled);
        using var sources = await anybody.GetAsync("/api/sources", Cancelled);
        using var page = await anybody.GetAsync("/editor", Cancelled);

        Assert.All([posts, sources, page], response => Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode));
    }

    [Fact]
    public async Task A_source_is_added_changed_and_removed()
    {
        var source = await SendAsync(HttpMethod.Post, "/api/sources", new { url = "https://harbour.example/feed", lists = Refugees }, HttpStatusCode.Created);
        Assert.Equal(("PT15M", true), (source.Text("interval"), source.GetProperty("publish").GetBoolean()));

        var path = $"/api/sources/{source.Text("id")}";
        var changed = await SendAsync(HttpMethod.Put, path, new { url = "https://harbour.example/feed", lists = Releases, interval = "PT1H", publish = false });
        Assert.Equal(("PT1H", false, "releases"), (changed.Text("interval"), changed.GetProperty("publish").GetBoolean(), changed.GetProperty("lists")[0].GetString()));
        Assert.Single((await SendAsync(HttpMethod.Get, "/api/sources")).GetProperty("items").EnumerateArray());

        var refused = await SendAsync(HttpMethod.Put, path, new { url = "feed", lists = Nowhere, interval = "PT1S" }, HttpStatusCode.BadRequest);
        Assert.Equal(["interval", "lists", "url"], Fields(refused));

        await SendAsync(HttpMethod.Delete, path, expected: HttpStatusCode.NoContent);
        await SendAsync(HttpMethod.Get, path, expected: HttpStatusCode.NotFound);
    }

    private static object Post(string title = "Harbour closed", DateTimeOffset? publishAt = null) =>
        new { title, markdown = "It is **closed**.", lists = Refugees, publishAt };

    private Task<JsonElement> WriteAsync(object post) => SendAsync(HttpMethod.Post, "/api/posts", post, HttpStatusCode.Created);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await editor.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == expected, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
    }

    private static IEnumerable<string> Fields(JsonElement problem) => problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Titles(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(post => post.Text("title"));
}

internal static class JsonText
{
    public static string Text(this JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
