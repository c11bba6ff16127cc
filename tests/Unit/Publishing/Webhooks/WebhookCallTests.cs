using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alerts.Contracts;
using Alerts.Publishing.Webhooks;
using Alerts.Tests.Unit.Mailings;
using Alerts.Tests.Unit.ServiceDefaults;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing.Webhooks;

/// <summary>Programs outside are called about what was published, until they have taken it.</summary>
public sealed class WebhookCallTests : IAsyncLifetime
{
    private static readonly string[] Posts = ["post.published.v1", "post.corrected.v1", "post.withdrawn.v1"];

    private PublishingApp app = null!;
    private HttpClient admin = null!;
    private Receiver receiver = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.StartAsync();
        admin = app.Client(isEditor: true);
        receiver = await Receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await app.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_fact_is_told_once_signed_and_under_its_own_id()
    {
        var (_, secret) = await AddAsync();
        var id = Guid.CreateVersion7();

        await app.PublishAsync(Given.Post(1, "refugees") with { Title = "항구 <closed>" }, id);
        await app.PublishAsync(Given.Post(1, "refugees") with { Title = "항구 <closed>" }, id);
        await WaitForCallsAsync(1);
        await app.RunAsync<SendWebhooks>();
        await app.RunAsync<SendWebhooks>();

        var call = Assert.Single(receiver.Calls);
        Assert.Equal((id.ToString(), app.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)), (call.Id, call.Timestamp));
        Assert.Equal(call.SignatureBy(secret), call.Signature);
        Assert.Equal(("post.published.v1", id.ToString()), (call.Type, (string)call.Json["id"]!));
        Assert.Contains("\"title\":\"항구 <closed>\"", call.Body, StringComparison.Ordinal);
        Assert.Equal("""["refugees"]""", call.Json["data"]!["lists"]!.ToJsonString());
        Assert.StartsWith("application/json", call.ContentType, StringComparison.Ordinal);
        Assert.Equal(("delivered", 1, "answered 200"), Line(Assert.Single(await CallsAsync())));
    }

    [Fact]
    public async Task A_post_is_told_published_corrected_and_withdrawn_by_way_of_the_outbox()
    {
        await AddAsync();
        var post = await SendAsync(HttpMethod.Post, "/api/posts", new { title = "Harbour closed", markdown = "Until **noon**.", lists = new[] { "refugees" }, publishAt = app.Clock.GetUtcNow() });
        await SendAsync(HttpMethod.Put, $"/api/posts/{post["id"]}", new { title = "Harbour closed", markdown = "Until evening.", lists = new[] { "refugees" } });
        await SendAsync(HttpMethod.Delete, $"/api/posts/{post["id"]}");
        await WaitForCallsAsync(3);

        await app.RunAsync<SendWebhooks>();

        Assert.Equal(Posts.Order(), receiver.Calls.Select(c => c.Type).Order());
        Assert.All(receiver.Calls, call => Assert.Equal((string)post["id"]!, (string)call.Json["data"]!["id"]!));
        Assert.All(receiver.Calls, call => Assert.Equal("refugees", (string)call.Json["data"]!["lists"]![0]!));
        Assert.All(receiver.Calls, call => Assert.Equal(app.Clock.GetUtcNow(), (DateTimeOffset)call.Json["timestamp"]!));
        Assert.Equal("<p>Until <strong>noon</strong>.</p>", (string)receiver.Calls.Single(c => c.Type == Posts[0]).Json["data"]!["html"]!);
        Assert.Equal(2, (int)receiver.Calls.Single(c => c.Type == Posts[1]).Json["data"]!["version"]!);
        Assert.Null(receiver.Calls.Single(c => c.Type == Posts[2]).Json["data"]!["title"]);
    }

    [Fact]
    public async Task Events_are_told_whole()
    {
        await AddAsync(facts: ["event.announced.v1", "event.changed.v1", "event.cancelled.v1"]);
        var details = new EventDetails
        {
            Title = "Vigil",
            Summary = "",
            Html = "<p>x</p>",
            Text = "x",
            Link = "https://alerts.example/events/1",
            StartsAt = app.Clock.GetUtcNow().AddDays(1),
            EndsAt = app.Clock.GetUtcNow().AddDays(1).AddHours(1),
            Zone = "America/New_York",
            Place = "Embassy",
            Regions = ["US-NY"],
            Lists = ["refugees"],
            RemindBefore = [],
        };
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.PublishAsync(new EventAnnounced { EventId = id, Version = 1, Event = details, ReleasedAt = now, AudienceRevision = 1 }, Guid.CreateVersion7());
        await app.PublishAsync(new EventChanged { EventId = id, Version = 2, Event = details, Changes = [new EventChange("place", "Square", "Embassy")], ReleasedAt = now, AudienceRevision = 1 }, Guid.CreateVersion7());
        await app.PublishAsync(new EventCancelled { EventId = id, Version = 3, Event = details, Reason = "Storm", ReleasedAt = now }, Guid.CreateVersion7());
        await WaitForCallsAsync(3);

        await app.RunAsync<SendWebhooks>();

        var told = receiver.Calls.ToDictionary(c => c.Type, c => c.Json["data"]!);
        Assert.Equal(("Embassy", "America/New_York", 1), ((string)told["event.announced.v1"]["place"]!, (string)told["event.announced.v1"]["zone"]!, (int)told["event.announced.v1"]["version"]!));
        Assert.Equal("Square", (string)told["event.changed.v1"]["changes"]![0]!["before"]!);
        Assert.Equal("Storm", (string)told["event.cancelled.v1"]["reason"]!);
    }

    [Fact]
    public async Task What_fails_is_tried_again_under_the_same_id_and_signed_anew()
    {
        var (id, secret) = await AddAsync();
        receiver.AnswerWith(500);
        await TellAsync(1);
        await app.RunAsync<SendWebhooks>();
        await app.RunAsync<SendWebhooks>();
        Assert.Single(receiver.Calls);
        Assert.Equal(("waiting", 1, "answered 500"), Line(Assert.Single(await CallsAsync())));
        Assert.Equal(1, (await HookAsync(id)).Failures);

        receiver.AnswerWith(204);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        await app.RunAsync<SendWebhooks>();

        var (first, second) = (receiver.Calls[0], receiver.Calls[1]);
        Assert.Equal((first.Id, first.Body), (second.Id, second.Body));
        Assert.NotEqual(first.Timestamp, second.Timestamp);
        Assert.Equal((first.SignatureBy(secret), second.SignatureBy(secret)), (first.Signature, second.Signature));
        Assert.Equal(("delivered", 2, "answered 204"), Line(Assert.Single(await CallsAsync())));
        Assert.Equal((0, null), ((await HookAsync(id)).Failures, (await HookAsync(id)).FailingSince));
    }

    [Fact]
    public async Task After_ten_attempts_in_three_days_a_call_is_given_up_and_the_webhook_stopped()
    {
        var (id, _) = await AddAsync();
        receiver.AnswerWith(503);
        await TellAsync(1);
        foreach (var wait in WebhookCall.Waits)
        {
            await app.RunAsync<SendWebhooks>();
            app.Clock.Advance(wait);
        }

        Assert.True((await HookAsync(id)).IsOn);
        await app.RunAsync<SendWebhooks>();

        Assert.Equal(10, receiver.Calls.Count);
        var call = Assert.Single(await CallsAsync());
        Assert.Equal(("failed", 10, "answered 503"), Line(call));
        Assert.Null(call.Body);
        var hook = await HookAsync(id);
        Assert.False(hook.IsOn);
        Assert.Equal("Every call has failed for 3 days; the last time it answered 503.", hook.StoppedBecause);

        await app.PublishAsync(Given.Post(2, "refugees"), Guid.CreateVersion7());
        var again = await SendAsync(HttpMethod.Put, $"/api/webhooks/{id}", new { url = receiver.Url, facts = Posts });
        Assert.Equal(("true", null, 0), (again["on"]!.ToJsonString(), again["stoppedBecause"], (int)again["failures"]!));
    }

    [Fact]
    public async Task While_a_taker_has_trouble_it_is_not_asked_about_all_that_waits()
    {
        await AddAsync();
        receiver.AnswerWith(500);
        await TellAsync(1);
        await TellAsync(2);
        await TellAsync(3);

        await app.RunAsync<SendWebhooks>();
        await app.RunAsync<SendWebhooks>();
        Assert.Single(receiver.Calls);

        receiver.AnswerWith(200);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        await app.RunAsync<SendWebhooks>();
        Assert.Equal(4, receiver.Calls.Count);
        Assert.All(await CallsAsync(), call => Assert.NotNull(call.DeliveredAt));
    }

    [Fact]
    public async Task Gone_ends_the_webhook()
    {
        var (id, _) = await AddAsync();
        receiver.AnswerWith(410);
        await TellAsync(1);

        await app.RunAsync<SendWebhooks>();

        var hook = await HookAsync(id);
        Assert.Equal((false, "It answered 410 (gone): it wants no more calls."), (hook.IsOn, hook.StoppedBecause));
        Assert.Equal(("failed", 1, "answered 410"), Line(Assert.Single(await CallsAsync())));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await AddAsync();
        receiver.Answer = context =>
        {
            context.Response.StatusCode = (int)HttpStatusCode.TemporaryRedirect;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        await TellAsync(1);

        await app.RunAsync<SendWebhooks>();

        Assert.Equal("/hook", Assert.Single(receiver.Calls).Path);
        Assert.Equal("answered 307: redirects aren't followed, give the final address", Assert.Single(await CallsAsync()).LastAnswer);
    }

    [Fact]
    public async Task A_taker_has_ten_seconds()
    {
        await AddAsync();
        var came = new TaskCompletionSource();
        receiver.Answer = async context =>
        {
            came.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        await TellAsync(1);

        var run = app.RunAsync<SendWebhooks>();
        await came.Task.WaitAsync(Cancelled);
        app.Clock.Advance(WebhookClient.Timeout);
        await run;

        Assert.Equal("didn't answer within 10 seconds", Assert.Single(await CallsAsync()).LastAnswer);
    }

    [Theory]
    [InlineData("https://127.0.0.1:9/")]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://[::1]:9/")]
    [InlineData("https://0.0.0.0:9/")]
    public async Task What_only_this_machine_reaches_is_not_called(string url)
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddSingleton<TimeProvider>(app.Clock).AddLogging()
            .AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        services.AddWebhooks();
        await using var provider = services.BuildServiceProvider();
        var hook = new Webhook { Id = Guid.CreateVersion7(), CreatedAt = app.Clock.GetUtcNow() };
        hook.SignWith(provider.GetRequiredService<WebhookSecrets>().Create().Kept, app.Clock.GetUtcNow());
        hook.Set(url, Posts, [], isOn: true);
        var call = new WebhookCall { Id = Guid.CreateVersion7(), WebhookId = hook.Id, FactId = Guid.CreateVersion7(), Type = "test.v1", Body = "{}", CreatedAt = app.Clock.GetUtcNow() };

        var answer = await provider.GetRequiredService<WebhookClient>().CallAsync(hook, call, Cancelled);

        Assert.Null(answer.Status);
        Assert.Equal("is an address of a private network or of this machine, and such are not called", answer.Says);
    }

    [Fact]
    public async Task Only_public_lists_are_told_of_unless_others_are_named()
    {
        await AddAsync("/open");
        await AddAsync("/staff", lists: ["staff"]);
        await AddAsync("/releases", lists: ["releases"]);
        await AddAsync("/events", facts: ["event.announced.v1"]);
        await AddAsync("/off", on: false);
        await app.PublishAsync(Given.Post(1, "refugees", "staff"), Guid.CreateVersion7());
        await app.PublishAsync(Given.Post(2, "staff"), Guid.CreateVersion7());
        await WaitForCallsAsync(3);

        await app.RunAsync<SendWebhooks>();

        var told = receiver.Calls.Select(c => $"{c.Path} {c.Json["data"]!["title"]} {c.Json["data"]!["lists"]!.ToJsonString()}").Order(StringComparer.Ordinal);
        Assert.Equal(["/open Title 1 [\"refugees\"]", "/staff Title 1 [\"staff\"]", "/staff Title 2 [\"staff\"]"], told);
    }

    [Fact]
    public async Task Processes_side_by_side_make_each_call_once()
    {
        var (id, _) = await AddAsync();
        for (var n = 1; n <= 20; n++)
        {
            await app.PublishAsync(Given.Post(n, "refugees"), Guid.CreateVersion7());
        }

        await WaitForCallsAsync(20);
        var hook = await HookAsync(id);
        var until = app.Clock.GetUtcNow().AddSeconds(1);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.InScope(async services =>
        {
            await services.GetRequiredService<WebhookSending>().SendDueAsync(hook, until, Cancelled);
            return true;
        })));

        Assert.Equal(20, receiver.Calls.Count);
        Assert.Equal(20, receiver.Calls.DistinctBy(c => c.Id).Count());
    }

    [Fact]
    public async Task What_a_process_took_and_died_over_is_taken_up_when_its_lease_is_over()
    {
        await AddAsync();
        await TellAsync(1);
        var now = app.Clock.GetUtcNow();
        await app.InDb(db => db.WebhookCalls.ExecuteUpdateAsync(set => set.SetProperty(c => c.Attempts, 1).SetProperty(c => c.DueAt, now + WebhookCall.Lease), Cancelled));

        await app.RunAsync<SendWebhooks>();
        Assert.Empty(receiver.Calls);

        app.Clock.Advance(WebhookCall.Lease);
        await app.RunAsync<SendWebhooks>();
        Assert.Single(receiver.Calls);
    }

    [Fact]
    public async Task Calls_are_forgotten_after_a_month_and_beyond_five_hundred()
    {
        var (id, _) = await AddAsync();
        var now = app.Clock.GetUtcNow();
        await app.InDb(async db =>
        {
            db.WebhookCalls.AddRange(Enumerable.Range(0, WebhookCall.MostKept + 5).Select(n => new WebhookCall
            {
                Id = Guid.CreateVersion7(),
                WebhookId = id,
                FactId = Guid.CreateVersion7(),
                Type = "post.published.v1",
                CreatedAt = now.AddSeconds(-n),
                DeliveredAt = now,
            }));
            db.WebhookCalls.Add(new WebhookCall { Id = Guid.CreateVersion7(), WebhookId = id, FactId = Guid.CreateVersion7(), Type = "post.published.v1", Body = "{}", CreatedAt = now.AddDays(-31), DueAt = now });
            return await db.SaveChangesAsync(Cancelled);
        });

        await app.RunAsync<PurgeWebhookCalls>();

        var left = await CallsAsync();
        Assert.Equal(WebhookCall.MostKept, left.Count);
        Assert.All(left, call => Assert.True(call.CreatedAt > now.AddSeconds(-WebhookCall.MostKept)));
    }

    private static (string State, int Attempts, string? Answer) Line(WebhookCall call) =>
        (call.DeliveredAt is not null ? "delivered" : call.DueAt is not null ? "waiting" : "failed", call.Attempts, call.LastAnswer);

    private async Task<(Guid Id, string Secret)> AddAsync(string path = "/hook", string[]? facts = null, string[]? lists = null, bool on = true)
    {
        var added = await SendAsync(HttpMethod.Post, "/api/webhooks", new { url = new Uri(new Uri(receiver.Url), path).AbsoluteUri, facts = facts ?? Posts, lists = lists ?? [], on });
        return ((Guid)added["webhook"]!["id"]!, (string)added["secret"]!);
    }

    private async Task TellAsync(int number)
    {
        var before = (await CallsAsync()).Count;
        await app.PublishAsync(Given.Post(number, "refugees"), Guid.CreateVersion7());
        await WaitForCallsAsync(before + 1);
    }

    private Task<List<WebhookCall>> CallsAsync() => app.InDb(db => db.WebhookCalls.AsNoTracking().OrderBy(c => c.Id).ToListAsync(Cancelled));

    private Task WaitForCallsAsync(int count) => Eventually.Get(async () => (await CallsAsync()).Count, n => n == count, seconds: 60);

    private Task<Webhook> HookAsync(Guid id) => app.InDb(db => db.Webhooks.AsNoTracking().SingleAsync(h => h.Id == id, Cancelled));

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await admin.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
