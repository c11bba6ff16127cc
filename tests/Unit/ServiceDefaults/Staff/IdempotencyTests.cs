using System.Net;
using Alerts.ServiceDefaults.Staff;

namespace Alerts.Tests.Unit.ServiceDefaults.Staff;

public sealed class IdempotencyTests
{
    [Fact]
    public async Task The_same_request_under_the_same_key_is_done_once_and_answered_the_same()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        using var first = await Post(editor, "/api/count", "k1", "a body");
        using var again = await Post(editor, "/api/count", "k1", "a body");

        Assert.Equal(1, app.Counted);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(await Text(first), await Text(again));
        Assert.Equal("{\"text\":\"a body\"}", await Text(first));
        Assert.True(again.Headers.Contains(Idempotency.ReplayedHeader));
        Assert.False(first.Headers.Contains(Idempotency.ReplayedHeader));
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_refused()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        using var first = await Post(editor, "/api/count", "k1", "a body");
        using var other = await Post(editor, "/api/count", "k1", "another body");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal("application/problem+json", other.Content.Headers.ContentType?.MediaType);
        Assert.Equal(1, app.Counted);
    }

    [Fact]
    public async Task Requests_that_come_together_are_done_once()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Post(editor, "/api/count", "k1", "a body")));

        Assert.Equal(1, app.Counted);
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.Conflict]));
    }

    [Fact]
    public async Task What_was_refused_may_be_sent_again_under_the_same_key()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        using var refused = await Post(editor, "/api/refuse", "k1", "a body");
        using var righted = await Post(editor, "/api/count", "k1", "a better body");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Created, righted.StatusCode);
    }

    [Fact]
    public async Task Two_senders_may_use_the_same_key()
    {
        await using var app = await StaffApp.StartAsync();
        using var one = await app.WithKey(Policies.Editor);
        using var other = await app.WithKey(Policies.Editor);

        using var first = await Post(one, "/api/count", "k1", "a body");
        using var second = await Post(other, "/api/count", "k1", "another body");

        Assert.Equal(2, app.Counted);
    }

    [Fact]
    public async Task After_a_day_the_key_is_free_again()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        using var first = await Post(editor, "/api/count", "k1", "a body");
        app.Clock.Advance(IdempotentRequest.Life + TimeSpan.FromSeconds(1));
        using var later = await Post(editor, "/api/count", "k1", "a body");

        Assert.Equal(2, app.Counted);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        using var refused = await Post(editor, "/api/count", new string('k', IdempotentRequest.MaxKey + 1), "a body");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(0, app.Counted);
    }

    private static async Task<HttpResponseMessage> Post(HttpClient client, string path, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body), Headers = { { Idempotency.Header, key } } };
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<string> Text(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
