using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alerts.Contracts;

namespace Alerts.Tests.Unit.Publishing.Editor;

/// <summary>What the composer does can be done by the API, too.</summary>
public sealed class EditorApiTests : EditorTests
{
    [Fact]
    public async Task A_post_is_scheduled_moved_and_kept_back()
    {
        var id = await WriteAsync();

        var scheduled = await CallAsync(HttpMethod.Post, $"/api/posts/{id}/schedule", new { at = "2026-11-21T13:00", zone = "America/New_York" });
        Assert.Equal(("scheduled", "2026-11-21T18:00:00+00:00", "America/New_York"), (scheduled["state"]!.GetValue<string>(), scheduled["publishAt"]!.GetValue<string>(), scheduled["zone"]!.GetValue<string>()));
        var skipped = await CallAsync(HttpMethod.Post, $"/api/posts/{id}/schedule", new { at = "2027-03-14T02:30", zone = "America/New_York" }, HttpStatusCode.BadRequest);
        Assert.Contains("the clocks go forward", skipped["errors"]!["at"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        await CallAsync(HttpMethod.Post, $"/api/posts/{id}/schedule", new { at = "2026-11-21T13:00", zone = "Nowhere" }, HttpStatusCode.BadRequest);
        await CallAsync(HttpMethod.Post, $"/api/posts/{id}/schedule", new { at = "2020-01-01T13:00", zone = "UTC" }, HttpStatusCode.BadRequest);

        var back = await CallAsync(HttpMethod.Delete, $"/api/posts/{id}/schedule", null);
        Assert.Equal("draft", back["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_API_publishes_at_once_unless_it_asks_for_time_to_undo()
    {
        var (first, second) = (await WriteAsync(), await WriteAsync());

        await CallAsync(HttpMethod.Post, $"/api/posts/{first}/publish?undo=PT30S", null);
        Assert.Equal(0, await PublishedAsync());
        await CallAsync(HttpMethod.Post, $"/api/posts/{second}/publish", null);
        Assert.Equal(1, await PublishedAsync());
        App.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, await PublishedAsync());
        await CallAsync(HttpMethod.Post, $"/api/posts/{first}/publish?undo=P3D", null, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_key_can_ask_for_a_second_pair_of_eyes_but_never_be_it()
    {
        var id = await WriteAsync("alarm", urgent: true);

        var asked = await CallAsync(HttpMethod.Post, $"/api/posts/{id}/publish", null);

        Assert.Equal(("draft", "ada"), (asked["state"]!.GetValue<string>(), asked["asked"]!["by"]!.GetValue<string>()));
        using var approved = await Bob.PostAsync($"/api/posts/{id}/approve", null, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, approved.StatusCode);
        Assert.Equal(0, await PublishedAsync());
    }

    [Fact]
    public async Task Versions_preview_and_reach_are_there()
    {
        App.Audience.Estimate = new AudienceEstimate(5, 2, 1, 7, 3, new Dictionary<string, long> { ["refugees"] = 11 }, [new("KR", "Korea", 4)], true);
        var id = await WriteAsync();
        App.Clock.Advance(TimeSpan.FromMinutes(1));
        await CallAsync(HttpMethod.Put, $"/api/posts/{id}", new { title = "Harbour open", markdown = "Open.", lists = new[] { "refugees" } });

        var versions = await CallAsync(HttpMethod.Get, $"/api/posts/{id}/versions", null);
        Assert.Equal(["Harbour open", "Harbour closed"], versions["items"]!.AsArray().Select(v => v!["text"]!["title"]!.GetValue<string>()));
        var mail = await CallAsync(HttpMethod.Get, $"/api/posts/{id}/preview", null);
        Assert.Contains("Harbour open", mail["html"]!.GetValue<string>(), StringComparison.Ordinal);
        var reach = await CallAsync(HttpMethod.Get, "/api/posts/reach?list=refugees&urgent=true", null);
        Assert.Equal(7, reach["atOnce"]!.GetValue<int>());
        await CallAsync(HttpMethod.Get, "/api/posts/reach?list=nowhere", null, HttpStatusCode.BadRequest);
    }

    private async Task<Guid> WriteAsync(string list = "refugees", bool urgent = false) =>
        (await CallAsync(HttpMethod.Post, "/api/posts", new { title = "Harbour closed", markdown = "It is **closed**.", lists = new[] { list }, urgent }, HttpStatusCode.Created))["id"]!.GetValue<Guid>();

    private async Task<JsonNode> CallAsync(HttpMethod method, string path, object? body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Ada.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == expected, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
