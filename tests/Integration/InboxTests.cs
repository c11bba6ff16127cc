using System.Text;
using System.Text.Json;
using Alerts.Tests.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Alerts.Tests.Integration;

/// <summary>What programs of others publish through the broker.</summary>
public sealed class InboxTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_post_and_an_event_from_the_broker_come_out_once_and_what_is_wrong_with_another_is_said_beside_it()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Cancelled);
        await using var alerts = new AlertsProcess(new AlertsSettings { RabbitMq = rabbit.Uri });
        await alerts.StartAsync(Cancelled);
        await alerts.RunAsync("lists", "add", "city");
        var key = (await alerts.RunAsync("keys", "add", "test", "--role", "editor")).Output.Split((char[]?)null).Single(word => word.StartsWith("alerts_", StringComparison.Ordinal));
        alerts.Http.DefaultRequestHeaders.Authorization = new("Bearer", key);

        await using var connection = await new ConnectionFactory { Uri = new Uri(rabbit.Uri) }.CreateConnectionAsync(Cancelled);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancelled);
        var post = new { idempotencyKey = "cms-1", title = "Night shelter opens early", markdown = "From **six** on.", lists = new[] { "city" } };
        await SendAsync(channel, JsonSerializer.Serialize(post));
        await SendAsync(channel, JsonSerializer.Serialize(post));
        var vigil = new { idempotencyKey = "cms-1", title = "Vigil", startsAt = "2099-11-21T13:00", endsAt = "2099-11-21T14:00", zone = "America/New_York", place = "Embassy", lists = new[] { "city" } };
        await SendAsync(channel, JsonSerializer.Serialize(vigil), "event.announced.v1");
        await SendAsync(channel, JsonSerializer.Serialize(vigil), "event.announced.v1");
        await SendAsync(channel, JsonSerializer.Serialize(new { idempotencyKey = "cms-2", markdown = "No title.", lists = new[] { "nowhere" } }));
        await SendAsync(channel, """{ "title": "No key", "html": "<p>x</p>", "lists": ["city"] }""");
        await SendAsync(channel, """{ "idempotencyKey": 7, "lists": "city" """);

        var reasons = new List<string>();
        await Eventually.Get(
            async () =>
            {
                // The queue isn't there before the first that fails, and asking for it closes the channel.
                await using var looking = await connection.CreateChannelAsync(cancellationToken: Cancelled);
                try
                {
                    while (await looking.BasicGetAsync("alerts.publishing.inbox-post_error", autoAck: true, Cancelled) is { } failed)
                    {
                        reasons.Add(Encoding.UTF8.GetString((byte[])failed.BasicProperties.Headers!["MT-Fault-Message"]!));
                    }
                }
                catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
                {
                    return 0;
                }

                return reasons.Count;
            },
            count => count == 3,
            House.Patience,
            Cancelled);
        Assert.Contains(reasons, reason => reason.Contains("title: Give the post a title.", StringComparison.Ordinal) && reason.Contains("lists: There is no list", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.StartsWith("idempotencyKey: ", StringComparison.Ordinal));

        var published = await Eventually.Get(
            async () => JsonDocument.Parse(await alerts.Http.GetStringAsync(new Uri("/api/posts?state=published", UriKind.Relative), Cancelled)).RootElement.GetProperty("items"),
            items => items.GetArrayLength() > 0,
            House.Patience,
            Cancelled);
        Assert.Equal("Night shelter opens early", Assert.Single(published.EnumerateArray()).GetProperty("title").GetString());
        var announced = await Eventually.Get(
            async () => JsonDocument.Parse(await alerts.Http.GetStringAsync(new Uri("/api/events", UriKind.Relative), Cancelled)).RootElement.GetProperty("items"),
            items => items.GetArrayLength() > 0,
            House.Patience,
            Cancelled);
        Assert.Equal("Vigil", Assert.Single(announced.EnumerateArray()).GetProperty("title").GetString());
    }

    private static async Task SendAsync(IChannel channel, string json, string routingKey = "post.published.v1") => await channel.BasicPublishAsync(
        "alerts.inbox", routingKey, mandatory: true, new BasicProperties { Persistent = true, ContentType = "application/json" }, Encoding.UTF8.GetBytes(json), Cancelled);
}
