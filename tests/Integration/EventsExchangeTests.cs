using System.Text;
using System.Text.Json;
using Alerts.Tests.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Alerts.Tests.Integration;

/// <summary>What programs of others hear through the broker.</summary>
public sealed class EventsExchangeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_binds_a_queue_hears_in_plain_JSON_what_is_published_corrected_and_withdrawn()
    {
        await using var rabbit = await RabbitMqServer.StartAsync(Cancelled);
        await using var alerts = new AlertsProcess(new AlertsSettings { RabbitMq = rabbit.Uri });
        await alerts.StartAsync(Cancelled);
        await alerts.RunAsync("lists", "add", "city");
        var key = (await alerts.RunAsync("keys", "add", "test", "--role", "editor")).Output.Split((char[]?)null).Single(word => word.StartsWith("alerts_", StringComparison.Ordinal));
        alerts.Http.DefaultRequestHeaders.Authorization = new("Bearer", key);

        await using var connection = await new ConnectionFactory { Uri = new Uri(rabbit.Uri) }.CreateConnectionAsync(Cancelled);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancelled);
        var queue = (await channel.QueueDeclareAsync("website.alerts", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancelled)).QueueName;
        await WaitForExchangeAsync(connection);
        await channel.QueueBindAsync(queue, "alerts.events", "post.#", cancellationToken: Cancelled);

        var post = await SendAsync(alerts, HttpMethod.Post, "/api/posts", new { title = "Night shelter opens early", markdown = "From **six** on.", lists = new[] { "city" }, publishAt = DateTimeOffset.UnixEpoch });
        var id = post.GetProperty("id").GetGuid();
        await SendAsync(alerts, HttpMethod.Put, $"/api/posts/{id}", new { title = "Night shelter opens early", markdown = "From **five** on.", lists = new[] { "city" } });
        await SendAsync(alerts, HttpMethod.Delete, $"/api/posts/{id}");
        var happening = new { title = "Vigil", startsAt = "2099-11-21T13:00", endsAt = "2099-11-21T14:00", zone = "America/New_York", place = "Embassy", lists = new[] { "city" }, publishAt = DateTimeOffset.UnixEpoch };
        await SendAsync(alerts, HttpMethod.Post, "/api/events", happening);

        var heard = new List<BasicGetResult>();
        await Eventually.Get(
            async () =>
            {
                while (await channel.BasicGetAsync(queue, autoAck: true, Cancelled) is { } got)
                {
                    heard.Add(got);
                }

                return heard.Count;
            },
            count => count == 3,
            House.Patience,
            Cancelled);

        Assert.Equal(["post.corrected.v1", "post.published.v1", "post.withdrawn.v1"], heard.Select(h => h.RoutingKey).Order(StringComparer.Ordinal));
        foreach (var one in heard)
        {
            var fact = JsonDocument.Parse(Encoding.UTF8.GetString(one.Body.Span)).RootElement;
            Assert.Equal((one.RoutingKey, one.BasicProperties.MessageId), (fact.GetProperty("type").GetString(), fact.GetProperty("id").GetString()));
            Assert.Equal(("application/json", true), (one.BasicProperties.ContentType, one.BasicProperties.Persistent));
            Assert.Equal((id, "city"), (fact.GetProperty("data").GetProperty("id").GetGuid(), fact.GetProperty("data").GetProperty("lists")[0].GetString()));
        }
    }

    /// <summary>It is there before anything was published. Asking for one that isn't closes the channel.</summary>
    private static Task<bool> WaitForExchangeAsync(IConnection connection) => Eventually.Get(
        async () =>
        {
            await using var looking = await connection.CreateChannelAsync(cancellationToken: Cancelled);
            try
            {
                await looking.ExchangeDeclarePassiveAsync("alerts.events", Cancelled);
                return true;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                return false;
            }
        },
        isThere => isThere,
        House.Patience,
        Cancelled);

    private static async Task<JsonElement> SendAsync(AlertsProcess alerts, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
        using var response = await alerts.Http.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}
