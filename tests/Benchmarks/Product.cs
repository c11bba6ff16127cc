using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Alerts.Notices;
using Alerts.ServiceDefaults.Database;
using Alerts.Subscriptions;
using Alerts.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;

namespace Alerts.Benchmarks;

/// <summary>The whole product with its default settings, driven as its users drive it.</summary>
internal sealed class Product : IAsyncDisposable
{
    /// <summary>Between two questions of how far something long is: what answers them takes part in no measurement.</summary>
    private static readonly TimeSpan NowAndThen = TimeSpan.FromSeconds(1);

    /// <summary>Between two questions where the next act depends on the answer.</summary>
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    private static readonly string[] Services = ["subscriptions", "publishing", "digests", "notices", "delivery"];

    private readonly Dictionary<string, AlertsProcess> processes = [];
    private readonly List<IAsyncDisposable> servers = [];
    private readonly TempFolder folder = new();
    private HttpClient api = new();
    private AlertsSettings settings = new();

    private Product()
    {
    }

    public required bool Apart { get; init; }

    public required SmtpSink Sink { get; init; }

    /// <param name="apart">A process for each service, on RabbitMQ and PostgreSQL; otherwise one for all, on SQLite and its own bus.</param>
    /// <param name="signed">With DKIM signatures of both kinds.</param>
    /// <param name="deliveries">How many processes deliver, when apart.</param>
    public static async Task<Product> StartAsync(bool apart, CancellationToken cancellationToken, bool signed = false, int deliveries = 1)
    {
        var sink = await SmtpSink.StartWithoutKeepingAsync();
        var product = new Product { Apart = apart, Sink = sink };
        product.servers.Add(sink);
        product.settings = new AlertsSettings
        {
            Data = product.folder["data"],
            Relays = [sink.Relay],
            PublicUrl = "http://alerts.example",
            More = new Dictionary<string, string> { ["Mail:From"] = "Alerts <alerts@alerts.example>" },
        };
        if (signed)
        {
            await using var alerts = new AlertsProcess(product.settings);
            Succeeded(await alerts.RunAsync("dkim", "new"), "dkim new");
        }

        if (!apart)
        {
            await product.StartProcessAsync("all", null, cancellationToken);
        }
        else
        {
            var rabbit = await RabbitMqServer.StartAsync(cancellationToken);
            var postgres = await PostgresServer.StartAsync("fsync=on", "full_page_writes=on", "shared_buffers=512MB", "max_wal_size=4GB", "wal_writer_delay=10ms");
            product.servers.AddRange([rabbit, postgres]);
            product.settings = product.settings with { RabbitMq = rabbit.Uri, Postgres = await postgres.CreateDatabaseAsync(cancellationToken) };
            foreach (var service in Services)
            {
                await product.StartProcessAsync(service, service, cancellationToken);
            }

            for (var number = 2; number <= deliveries; number++)
            {
                await product.StartProcessAsync($"delivery{number}", "delivery", cancellationToken);
            }
        }

        var said = await product.RunAsync("keys", "add", "bench", "--role", "admin");
        var key = said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Single(word => word.StartsWith("alerts_", StringComparison.Ordinal));
        product.api = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        product.api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return product;
    }

    /// <summary>Adds a list and its readers, who get everything at once. Returns how long the import took.</summary>
    public async Task<TimeSpan> AddReadersAsync(string list, int count)
    {
        await RunAsync("lists", "add", list);
        var file = folder[list + ".csv"];
        await using (var rows = new StreamWriter(file))
        {
            await rows.WriteLineAsync("email,frequency");
            for (var number = 0; number < count; number++)
            {
                await rows.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{list}{number}@readers{number % 97}.example,immediate"));
            }
        }

        var watch = Stopwatch.StartNew();
        await RunAsync("import-subscribers", file, "--list", list, "--confirmed");
        return watch.Elapsed;
    }

    /// <summary>Opens what Subscriptions keeps, as any process of the product does.</summary>
    public Func<SubscriptionsDb> Subscriptions()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Data"] = folder["data"], ["Database:Postgres"] = settings.Postgres })
            .Build();
        return SubscriptionsDb.Opener(configuration, NullLoggerFactory.Instance, keys: null, options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));
    }

    /// <summary>Where Notices keeps its tables.</summary>
    public NoticesDb OpenNotices() => settings.Postgres is { } postgres
        ? new PostgresNoticesDb(((DbContextOptionsBuilder<PostgresNoticesDb>)new DbContextOptionsBuilder<PostgresNoticesDb>().UseAlertsPostgres(postgres, "notices")).Options)
        : new SqliteNoticesDb(new DbContextOptionsBuilder<SqliteNoticesDb>().UseSqlite($"Data Source={folder["data"]}/notices.db").Options);

    /// <summary>A page or a mail of Publishing, as text.</summary>
    public Task<string> TextAsync(string path, CancellationToken cancellationToken) => api.GetStringAsync(Url("publishing", path), cancellationToken);

    /// <summary>Sends a form to Publishing.</summary>
    public async Task SendFormAsync(string path, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await api.PostAsync(Url("publishing", path), form, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>A post, as the API shows it.</summary>
    public async Task<JsonNode> PostViewAsync(Guid id, CancellationToken cancellationToken) => (await api.GetFromJsonAsync<JsonNode>(Url("publishing", $"api/posts/{id}"), cancellationToken))!;

    /// <summary>Sends a CSV file to be imported, and waits until it is done.</summary>
    /// <returns>What the API says of it in the end.</returns>
    public async Task<JsonNode> ImportAsync(string list, string csv, CancellationToken cancellationToken)
    {
        await RunAsync("lists", "add", list);
        using var file = new StreamContent(File.OpenRead(csv));
        using var taken = await api.PostAsync(Url("subscriptions", $"api/subscribers/import?list={list}&confirmed=true"), file, cancellationToken);
        var import = JsonNode.Parse(await taken.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!;
        return (await Eventually.Get<JsonNode>(
            async () => await GetAsync($"api/imports/{import["id"]}", cancellationToken),
            now => now["state"]!.GetValue<string>() == "done",
            TimeSpan.FromMinutes(15),
            NowAndThen,
            cancellationToken))!;
    }

    /// <summary>Asks the API of Subscriptions.</summary>
    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => (await api.GetFromJsonAsync<JsonNode>(Url("subscriptions", path), cancellationToken))!;

    public string PathOf(string name) => folder[name];

    /// <summary>Publishes a post. Its mails are of about <see cref="Smtp.MailSize"/>.</summary>
    /// <returns>The post's id.</returns>
    public async Task<string> PublishAsync(string list, string title, bool urgent, CancellationToken cancellationToken)
    {
        var paragraph = "Ten people were arrested this morning at the embassy; a protest is announced for tomorrow at one. ";
        var markdown = string.Join("\n\n", Enumerable.Repeat(string.Concat(Enumerable.Repeat(paragraph, 3)), 5));
        var post = await PostAsync("publishing", "api/posts", new { title, markdown, lists = new[] { list }, urgent, publishAt = DateTimeOffset.UnixEpoch }, cancellationToken);
        return post["id"]!.GetValue<string>();
    }

    /// <summary>Waits until a mailing of that subject is completed.</summary>
    public Task<JsonNode> CompletedAsync(string subject, CancellationToken cancellationToken) =>
        MailingAsync(subject, m => m["completed"]!.GetValue<bool>(), NowAndThen, cancellationToken);

    /// <summary>Waits until so many mails of a mailing have been accepted.</summary>
    public Task<JsonNode> UnderWayAsync(string subject, long accepted, CancellationToken cancellationToken) =>
        MailingAsync(subject, m => m["counts"]!["accepted"]!.GetValue<long>() >= accepted, Often, cancellationToken);

    private async Task<JsonNode> MailingAsync(string subject, Func<JsonNode, bool> when, TimeSpan pause, CancellationToken cancellationToken)
    {
        var found = await Eventually.Get(
            async () => (await api.GetFromJsonAsync<JsonNode>(Url("delivery", "api/mailings"), cancellationToken))!["items"]!.AsArray().FirstOrDefault(m => m!["subject"]!.GetValue<string>() == subject),
            mailing => mailing is not null && when(mailing),
            TimeSpan.FromMinutes(30),
            pause,
            cancellationToken);
        return found!;
    }

    /// <summary>Sends one mailing and returns from the post's acceptance by the API to the last mail's by the relay.</summary>
    public async Task<Run> SendAsync(string list, string title, bool urgent, CancellationToken cancellationToken)
    {
        var published = TimeProvider.System.GetUtcNow();
        await PublishAsync(list, title, urgent, cancellationToken);
        var mailing = await CompletedAsync(title, cancellationToken);
        return new Run(
            mailing["counts"]!["accepted"]!.GetValue<long>(),
            mailing["recipients"]!.GetValue<long>(),
            mailing["firstAt"]!.GetValue<DateTimeOffset>() - published,
            mailing["lastAt"]!.GetValue<DateTimeOffset>() - published);
    }

    /// <summary>Announces an event to a list, and returns from the API's being asked to the first and the last mail accepted by the relay.</summary>
    public async Task<Run> AnnounceAsync(string list, CancellationToken cancellationToken)
    {
        var asked = TimeProvider.System.GetUtcNow();
        var id = await PublishEventAsync(list, cancellationToken);
        var mailing = await CausedAsync($"event/{id}/1/announced", m => m["completed"]!.GetValue<bool>(), cancellationToken);
        return new Run(
            mailing["counts"]!["accepted"]!.GetValue<long>(),
            mailing["recipients"]!.GetValue<long>(),
            mailing["firstAt"]!.GetValue<DateTimeOffset>() - asked,
            mailing["lastAt"]!.GetValue<DateTimeOffset>() - asked);
    }

    /// <summary>Announces an event and cancels it when so many were told. Says how long the announcement went on after that, and whom the cancellation went to.</summary>
    /// <exception cref="InvalidOperationException">It went to others than those who were told.</exception>
    public async Task<string> CancelUnderWayAsync(string list, long told, CancellationToken cancellationToken)
    {
        var id = await PublishEventAsync(list, cancellationToken);
        await CausedAsync($"event/{id}/1/announced", m => m["counts"]!["accepted"]!.GetValue<long>() >= told, cancellationToken);
        var asked = TimeProvider.System.GetUtcNow();
        await PostAsync("publishing", $"api/events/{id}/cancel", new { reason = "The permit was withdrawn." }, cancellationToken);
        var cancellation = await CausedAsync($"event/{id}/2/cancelled", m => m["completed"]!.GetValue<bool>(), cancellationToken);
        var announcement = await CausedAsync($"event/{id}/1/announced", m => m["completed"]!.GetValue<bool>(), cancellationToken);
        var (accepted, off) = (announcement["counts"]!["accepted"]!.GetValue<long>(), cancellation["counts"]!["accepted"]!.GetValue<long>());
        return accepted == off
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"cancelled under way: the last announcement left {After(announcement, "lastAt"):0.00} s after the API was asked; {accepted:N0} of {announcement["recipients"]!.GetValue<long>():N0} were told, and the same {off:N0} heard that it is off, the first after {After(cancellation, "firstAt"):0.00} s. The cancellation was prepared after {After(cancellation, "releasedAt"):0.00} s, Delivery began to take it after {After(cancellation, "heardAt"):0.00} s")
            : throw new InvalidOperationException($"{accepted} were told, and {off} heard that it is off.");

        double After(JsonNode mailing, string what) => (mailing[what]!.GetValue<DateTimeOffset>() - asked).TotalSeconds;
    }

    private async Task<string> PublishEventAsync(string list, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetUtcNow().AddDays(3);
        var body = new
        {
            title = "Vigil at the embassy",
            markdown = "Ten people were arrested this morning. Bring a candle; we stand in silence for an hour.",
            startsAt = start.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
            endsAt = start.AddHours(1).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
            zone = "Asia/Seoul",
            place = "Embassy gate",
            lists = new[] { list },
            publishAt = DateTimeOffset.UnixEpoch,
        };
        return (await PostAsync("publishing", "api/events", body, cancellationToken))["id"]!.GetValue<string>();
    }

    private async Task<JsonNode> CausedAsync(string cause, Func<JsonNode, bool> when, CancellationToken cancellationToken)
    {
        var found = await Eventually.Get(
            async () => (await api.GetFromJsonAsync<JsonNode>(Url("delivery", "api/mailings"), cancellationToken))!["items"]!.AsArray().FirstOrDefault(m => m!["cause"]!.GetValue<string>() == cause),
            mailing => mailing is not null && when(mailing),
            TimeSpan.FromMinutes(30),
            cancellationToken);
        return found!;
    }

    /// <summary>The most memory each process had at any time, in MB (VmHWM).</summary>
    public IEnumerable<(string Process, double Megabytes)> PeakMemory() => processes.Select(p => (p.Key, Peak(p.Value.ProcessId)));

    /// <summary>CPU seconds used so far, by process: ours by service, the servers by name.</summary>
    public Dictionary<string, double> Cpu()
    {
        var ours = processes.ToDictionary(p => p.Value.ProcessId, p => p.Key);
        var used = new Dictionary<string, double>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id) || ReadStat(folder) is not { } stat)
            {
                continue;
            }

            var name = stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            name = ours.GetValueOrDefault(id, name);
            if (ours.ContainsKey(id) || name is "beam.smp" or "postgres" or "smtp-sink")
            {
                used[name] = used.GetValueOrDefault(name) + ((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0);
            }
        }

        return used;
    }

    private static string? ReadStat(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "stat"));
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }

    public async Task<string> RunAsync(params string[] arguments)
    {
        // A million readers take their time to import.
        var result = await processes.Values.First().RunAsync(TimeSpan.FromMinutes(15), arguments);
        return Succeeded(result, string.Join(' ', arguments));
    }

    /// <summary>
    /// Recounts all books, then sends one more mailing, to a hundred readers, and looks at what the sink got: one recipient a transaction, no two with the same Message-ID or
    /// token, a signature of each kind where they are signed. The first mail is kept in <paramref name="file"/>.
    /// </summary>
    /// <returns>What was seen, in a line.</returns>
    /// <exception cref="InvalidOperationException">Something is not as it must be.</exception>
    public async Task<string> ProveAsync(string file, bool signed, CancellationToken cancellationToken)
    {
        const int Readers = 100;
        await Sink.KeepFromNowOnAsync();
        await AddReadersAsync("sample", Readers);
        await SendAsync("sample", "A sample", urgent: false, cancellationToken);
        await RunAsync("verify"); // Exits with 1 if anything doesn't add up.
        var mails = await Sink.MailsAsync(cancellationToken);
        var recipients = mails.Select(m => m.To.Single()).Distinct().Count();
        var ids = mails.Select(m => m.Message.MessageId).Distinct().Count();
        var tokens = mails.Select(m => m.Message.Headers[HeaderId.ListUnsubscribe]).Distinct().Count();
        var signatures = mails.Min(m => m.Message.Headers.Count(h => h.Id == HeaderId.DkimSignature));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, mails[0].Content, cancellationToken);
        return (mails.Count, recipients, ids, tokens, signatures) == (Readers, Readers, Readers, Readers, signed ? 2 : 0)
            ? $"verify: 0; sample: {Readers} mails of {mails[0].Content.Length:N0} bytes, one recipient each, {ids} Message-IDs, {tokens} List-Unsubscribe, {signatures} signatures each"
            : throw new InvalidOperationException($"The sample has {mails.Count} mails for {recipients} recipients, {ids} Message-IDs, {tokens} List-Unsubscribe, {signatures} signatures.");
    }

    public async ValueTask DisposeAsync()
    {
        api.Dispose();
        foreach (var process in processes.Values)
        {
            await process.DisposeAsync();
        }

        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        folder.Dispose();
    }

    private static string Succeeded(CommandResult result, string command) =>
        result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"alerts {command} ended with {result.ExitCode}: {result.Error}{result.Output}");

    private static double Peak(int process) =>
        double.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    private async Task StartProcessAsync(string name, string? service, CancellationToken cancellationToken)
    {
        var process = new AlertsProcess(settings with { Services = service });
        processes.Add(name, process);
        await process.StartAsync(cancellationToken);
    }

    private async Task<JsonNode> PostAsync(string service, string path, object body, CancellationToken cancellationToken)
    {
        using var answer = await api.PostAsJsonAsync(Url(service, path), body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"POST {path}: {(int)answer.StatusCode} {text}");
    }

    private Uri Url(string service, string path) => new((Apart ? processes[service] : processes["all"]).Url, path);
}

/// <summary>One mailing: how many were accepted of how many, and when the first and the last was.</summary>
internal sealed record Run(long Accepted, long Recipients, TimeSpan First, TimeSpan Last)
{
    public double Rate => Accepted / Last.TotalSeconds;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Accepted:N0} of {Recipients:N0} accepted, first after {First.TotalSeconds:0.00} s, last after {Last.TotalSeconds:0.00} s, {Rate:N0} mails/s");
}
