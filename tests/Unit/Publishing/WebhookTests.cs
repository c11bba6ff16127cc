using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Publishing;

/// <summary>A site that calls when it publishes.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private PublishingApp app = null!;
    private HttpClient site = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.StartAsync();
        site = app.Client(isEditor: true, "wordpress");
    }

    public ValueTask DisposeAsync()
    {
        site.Dispose();
        return app.DisposeAsync();
    }

    public static TheoryData<string> Shapes =>
    [
        """{"id":17,"status":"publish","link":"https://blog.example/harbour","title":{"rendered":"Harbour &#8217;closed&#8217;"},"content":{"rendered":"<p>It is <b>closed</b>.</p>"},"excerpt":{"rendered":"<p>Short.</p>"}}""",
        """{"post_id":17,"post":{"ID":17,"post_title":"Harbour ’closed’","post_content":"<p>It is <b>closed</b>.</p>","post_excerpt":"Short.","post_status":"publish"},"post_permalink":"https://blog.example/harbour"}""",
        """{"id":"17","title":"Harbour ’closed’","content":"<p>It is <b>closed</b>.</p>","summary":"Short.","link":"https://blog.example/harbour"}""",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_post_in_any_of_the_usual_shapes_is_published_once(string body)
    {
        await CallAsync(body, "?list=refugees&publish=true");
        await CallAsync(body, "?list=refugees&publish=true");

        var post = await app.InDb(db => db.Posts.AsNoTracking().SingleAsync(Cancelled));
        Assert.Equal(("Harbour ’closed’", "<p>It is <b>closed</b>.</p>", "Short.", "https://blog.example/harbour", PostState.Published), (post.Title, post.Html, post.Summary, post.Link, post.State));
        Assert.Single(await app.Sent<PostPublished>());
        Assert.Empty(await app.Sent<PostCorrected>());
    }

    [Fact]
    public async Task The_same_entry_again_is_an_edit_and_the_trash_withdraws_it()
    {
        await CallAsync("""{"id":17,"title":"Harbour closed","content":"<p>Until noon.</p>"}""", "?list=refugees&publish=true");
        await CallAsync("""{"id":17,"title":"Harbour closed","content":"<p>Until evening.</p>"}""", "?list=refugees&publish=true");
        await CallAsync("""{"id":17,"status":"trash"}""", "?list=refugees&publish=true", HttpStatusCode.NoContent);

        Assert.Equal("<p>Until evening.</p>", Assert.Single(await app.Sent<PostCorrected>()).Html);
        Assert.Single(await app.Sent<PostWithdrawn>());
    }

    [Fact]
    public async Task Without_being_told_to_publish_it_is_a_draft()
    {
        await CallAsync("""{"id":17,"title":"Harbour closed","content":"<p>Until noon.</p>"}""", "?list=refugees");

        Assert.Equal(PostState.Draft, (await app.InDb(db => db.Posts.AsNoTracking().SingleAsync(Cancelled))).State);
    }

    [Theory]
    [InlineData("""{"title":"Harbour closed","content":"x"}""", "?list=refugees", "id")]
    [InlineData("""{"id":1,"content":"x"}""", "?list=refugees", "title")]
    [InlineData("""{"id":1,"title":"x","content":"x"}""", "", "lists")]
    [InlineData("""{"id":1,"title":"x","content":"x"}""", "?list=nowhere", "lists")]
    [InlineData("""[1]""", "?list=refugees", "id")]
    public async Task What_is_missing_is_named(string body, string query, string field)
    {
        var problem = await CallAsync(body, query, HttpStatusCode.BadRequest);

        Assert.NotNull(problem!["errors"]![field]);
    }

    private async Task<JsonNode?> CallAsync(string body, string query, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await site.PostAsync("/api/hooks/posts" + query, content, Cancelled);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Cancelled)}");
        return response.StatusCode == HttpStatusCode.NoContent ? null : await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled);
    }
}
