using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alerts.Tests.Servers;
using MimeKit;

namespace Alerts.Tests.Integration;

/// <summary>How the product stands: as one process, or as a distributed system.</summary>
public enum Setup
{
    /// <summary>One process, SQLite, the in-memory bus, the local mailbox.</summary>
    Embedded,

    /// <summary>Six processes (the five services, Delivery twice) on RabbitMQ and PostgreSQL, mails taken by a real SMTP server.</summary>
    Apart,
}

/// <summary>The whole product, driven as its users drive it: HTTP, the command line, the clock, the mails that arrive.</summary>
internal sealed class House : IAsyncDisposable
{
    /// <summary>Six processes on two cores take their time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string[] Services = ["publishing", "subscriptions", "digests", "notices", "delivery"];

    private readonly Dictionary<string, AlertsProcess> processes = [];
    private readonly Dictionary<string, HttpClient> clients = [];
    private readonly TempFolder data = new();
    private AlertsSettings settings = new();
    private string key = "";

    public required Setup Setup { get; init; }

    public RabbitMqServer? RabbitMq { get; private set; }

    public PostgresServer? Postgres { get; private set; }

    public SmtpSink? Sink { get; private set; }

    /// <param name="adjust">What else the processes are told; its first argument has the servers started.</param>
    public static async Task<House> StartAsync(
        Setup setup, DateTimeOffset? clock = null, Func<House, AlertsSettings, AlertsSettings>? adjust = null)
    {
        var house = new House { Setup = setup };
        try
        {
            await house.StartServersAsync(clock);
            house.settings = adjust?.Invoke(house, house.settings) ?? house.settings;
            await house.StartProcessesAsync([]);
            await house.MakeKeyAsync();
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more service of a system that stands apart.</summary>
    public async Task StartAsync(string service)
    {
        var process = new AlertsProcess(settings with { Services = service.TrimEnd('2') });
        processes.Add(service, process);
        await process.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the embedded product with SIGKILL, and starts it on the same data with the clock at <paramref name="clock"/>.</summary>
    public async Task KillAndStartAtAsync(DateTimeOffset clock)
    {
        await processes["all"].KillAsync();
        await processes["all"].DisposeAsync();
        processes.Clear();
        clients.Clear();
        settings = settings with { ClockStart = clock };
        await StartProcessesAsync([]);
    }

    /// <summary>Ends a service that stands apart, with SIGKILL.</summary>
    public async Task StopAsync(string service)
    {
        await processes[service].DisposeAsync();
        processes.Remove(service);
        clients.Remove(service);
    }

    /// <summary>Starts every service that isn't running.</summary>
    public Task StartMissingAsync() => Setup == Setup.Embedded ? Task.CompletedTask : StartProcessesAsync([.. processes.Keys]);

    /// <summary>Stops a service that stands apart, and starts it with its clock at <paramref name="clock"/>.</summary>
    public async Task StartAgainAtAsync(string service, DateTimeOffset clock)
    {
        await StopAsync(service);
        var process = new AlertsProcess(settings with { Services = service.TrimEnd('2'), ClockStart = clock });
        processes.Add(service, process);
        await process.StartAsync(TestContext.Current.CancellationToken);
    }

    public AlertsProcess Process(string service) => processes[Setup == Setup.Embedded ? "all" : service];

    /// <summary>Runs a verb of the command line.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await processes.Values.First().RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"alerts {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Error}{result.Output}");
        return result.Output;
    }

    public Task<CommandResult> TryAsync(params string[] arguments) => processes.Values.First().RunAsync(arguments);

    /// <summary>Calls the API of a service as an admin.</summary>
    public HttpClient Api(string service)
    {
        var process = Process(service);
        if (!clients.TryGetValue(service, out var client))
        {
            client = new HttpClient { BaseAddress = process.Url, Timeout = TimeSpan.FromSeconds(30) };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            clients.Add(service, client);
        }

        return client;
    }

    public async Task AddListAsync(string slug) =>
        await PostAsync("subscriptions", "/api/lists", new { slug, name = slug, description = "", visibility = "public" });

    /// <summary>Adds a confirmed reader.</summary>
    public async Task<Guid> SubscribeAsync(string address, string list, string frequency, string zone = "UTC", int hour = 18)
    {
        var reader = await PostAsync("subscriptions", "/api/subscribers", new { address, zone, hour, confirmed = true, subscriptions = new[] { new { list, frequency } } });
        return reader["id"]!.GetValue<Guid>();
    }

    public async Task<Guid> PublishAsync(string list, string title, bool urgent = false)
    {
        var post = await PostAsync(
            "publishing", "/api/posts", new { title, markdown = $"What happened: *{title}*.", lists = new[] { list }, urgent, publishAt = DateTimeOffset.UnixEpoch });
        return post["id"]!.GetValue<Guid>();
    }

    public async Task<JsonNode> PostAsync(string service, string path, object body)
    {
        using var answer = await Api(service).PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> GetAsync(string service, string path) =>
        (await Api(service).GetFromJsonAsync<JsonNode>(path, TestContext.Current.CancellationToken))!;

    /// <summary>Every mail that arrived so far, repeats included.</summary>
    public async Task<IReadOnlyList<Mail>> MailsAsync()
    {
        if (Sink is not null)
        {
            return [.. (await Sink.MailsAsync(TestContext.Current.CancellationToken)).Select(m => new Mail(m.To.Single(), m.Message))];
        }

        var folder = Path.Combine(Process("delivery").Data, "mailbox");
        var mails = new List<Mail>();
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.eml") : [])
        {
            var message = await MimeMessage.LoadAsync(file, TestContext.Current.CancellationToken);
            mails.Add(new Mail(message.To.Mailboxes.Single().Address, message));
        }

        return mails;
    }

    /// <summary>The mails to all readers whose addresses are at a domain: those of one test, in a house that several share.</summary>
    public async Task<IReadOnlyList<Mail>> MailsAtAsync(string domain) =>
        [.. (await MailsAsync()).Where(m => m.To.EndsWith("@" + domain, StringComparison.OrdinalIgnoreCase))];

    public async Task<IReadOnlyList<Mail>> MailsToAsync(string address) => [.. (await MailsAsync()).Where(m => m.To == address)];

    /// <summary>Waits until a reader has as many mails as expected.</summary>
    public Task<IReadOnlyList<Mail>> WaitForMailsAsync(string address, int count) =>
        Eventually.Get(() => MailsToAsync(address), mails => mails.Count >= count, Patience, TestContext.Current.CancellationToken);

    /// <summary>Waits until every mailing is complete, as its maker and Delivery see it, and no outbox holds anything: what has not arrived now never will.</summary>
    public async Task SettleAsync()
    {
        foreach (var service in new[] { "notices", "digests" }.Where(s => Setup == Setup.Embedded || processes.ContainsKey(s)))
        {
            await NoneAsync(service, "\"Mailings\" WHERE \"CompletedAt\" IS NULL AND \"CancelledAt\" IS NULL");
        }

        await Eventually.Get(
            async () => (await GetAsync("delivery", "/api/mailings"))["items"]!.AsArray(),
            mailings => mailings.All(m => m!["completed"] is { } completed && completed.ToString() != "false"),
            Patience,
            TestContext.Current.CancellationToken);
        foreach (var service in Services.Where(s => Setup == Setup.Embedded || processes.ContainsKey(s)))
        {
            await NoneAsync(service, "\"Outbox\"");
        }
    }

    private Task<long> NoneAsync(string service, string rows) =>
        Eventually.Get(() => CountAsync(service, rows), waiting => waiting == 0, Patience, TestContext.Current.CancellationToken);

    private async Task<long> CountAsync(string service, string rows)
    {
        if (Postgres is not null)
        {
            await using var connection = new Npgsql.NpgsqlConnection(settings.Postgres);
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var count = new Npgsql.NpgsqlCommand($"SELECT count(*) FROM \"{service}\".{rows}", connection);
            return (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        await using var file = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Process(service).Data, service + ".db")};Mode=ReadOnly");
        await file.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = file.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {rows}";
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>What the processes last said, for a failure's message.</summary>
    public string Output => string.Join("\n", processes.Select(p => $"== {p.Key}\n{p.Value.Output}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }

        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(Output);
        }

        foreach (var process in processes.Values)
        {
            await process.DisposeAsync();
        }

        foreach (var server in new Server?[] { Sink, RabbitMq, Postgres })
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }

        data.Dispose();
    }

    private async Task StartServersAsync(DateTimeOffset? clock)
    {
        settings = new AlertsSettings { Data = data["data"], ClockStart = clock };
        if (Setup == Setup.Apart)
        {
            var rabbit = RabbitMqServer.StartAsync(TestContext.Current.CancellationToken);
            Postgres = await PostgresServer.StartAsync();
            Sink = await SmtpSink.StartAsync();
            RabbitMq = await rabbit;
            settings = settings with
            {
                RabbitMq = RabbitMq.Uri,
                Postgres = await Postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken),
                Relays = [Sink.Relay],
                PublicUrl = "http://alerts.example",
            };
        }
    }

    private async Task StartProcessesAsync(IReadOnlyCollection<string> without)
    {
        if (Setup == Setup.Embedded)
        {
            var all = new AlertsProcess(settings);
            processes.Add("all", all);
            await all.StartAsync(TestContext.Current.CancellationToken);
            return;
        }

        await Task.WhenAll(Services.Append("delivery2").Except(without).Select(StartAsync));
    }

    private async Task MakeKeyAsync()
    {
        var said = await RunAsync("keys", "add", "test", "--role", "admin");
        key = said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Single(word => word.StartsWith("alerts_", StringComparison.Ordinal));
    }
}

/// <summary>A mail that arrived.</summary>
internal sealed record Mail(string To, MimeMessage Message)
{
    public string Subject => Message.Subject ?? "";

    public string Text => Message.TextBody ?? "";

    public string Html => Message.HtmlBody ?? "";

    public string Header(string name) => Message.Headers[name] ?? "";

    public override string ToString() => $"{To}: {Subject}";
}
