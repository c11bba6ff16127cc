using System.Globalization;
using System.Runtime.InteropServices;
using Alerts.Benchmarks;

// infra/bench.sh [NAME …]: runs the named measurements (all without a name) in one go and prints ratios. What each is stands in docs/performance.md.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var scale = double.Parse(Environment.GetEnvironmentVariable("BENCH_SCALE") ?? "1");
var names = args.Length > 0 ? args : ["limit", "apart", "embedded", "urgent", "memory", "two"];
var cancellation = CancellationToken.None;
Console.WriteLine($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {RuntimeInformation.OSDescription}");

var (limit, sessions) = await Smtp.LimitAsync((int)(100_000 * scale), cancellation);
Console.WriteLine($"(a) smtp-source, {sessions} sessions: {limit:N0} mails/s = 1.00");
foreach (var name in names)
{
    switch (name)
    {
        case "limit":
            var loop = await Smtp.PlainLoopAsync((int)(50_000 * scale), 8, cancellation);
            Print("(b) a MailKit loop over 8 connections", loop);
            break;
        case "apart":
            await SendAsync("(c) the product on RabbitMQ and PostgreSQL", apart: true, (int)(100_000 * scale), []);
            break;
        case "embedded":
            await SendAsync("(d) the product embedded, on SQLite", apart: false, (int)(100_000 * scale), []);
            break;
        case "urgent":
            await UrgentAsync((int)(200_000 * scale), (int)(10_000 * scale));
            break;
        case "memory":
            await SendAsync("(f) memory, 1,000,000 recipients", apart: true, (int)(1_000_000 * scale), []);
            break;
        case "two":
            await SendAsync("(g) two delivery processes", apart: true, (int)(100_000 * scale), [], deliveries: 2);
            break;
        default:
            Console.Error.WriteLine($"There is no measurement '{name}': limit, apart, embedded, urgent, memory, two.");
            return 2;
    }
}

return 0;

void Print(string what, double rate) => Console.WriteLine($"{what}: {rate:N0} mails/s = {rate / limit:0.00} of (a)");

async Task SendAsync(string what, bool apart, int readers, Dictionary<string, string> more, int deliveries = 1)
{
    await using var product = await Product.StartAsync(apart, keep: false, more, cancellation, deliveries);
    await product.AddReadersAsync("warm", 20_000);
    var import = await product.AddReadersAsync("city", readers);
    await product.SendAsync("warm", "Warming up", urgent: false, cancellation); // The first 8,000 mails run at half speed (JIT).
    var before = product.Cpu();
    var run = await product.SendAsync("city", "Ten refugees arrested", urgent: false, cancellation);
    Console.WriteLine($"    {run}; import of {readers:N0}: {import.TotalSeconds:0.0} s");
    Print(what, run.Rate);
    Console.WriteLine($"    CPU seconds: {string.Join(", ", product.Cpu().OrderByDescending(p => p.Value).Select(p => $"{p.Key} {p.Value - before.GetValueOrDefault(p.Key):0.0}"))}");
    Console.WriteLine($"    peak memory: {string.Join(", ", product.PeakMemory().Select(p => $"{p.Process} {p.Megabytes:0} MB"))}");
}

async Task UrgentAsync(int bulk, int urgent)
{
    await using var product = await Product.StartAsync(apart: true, keep: false, new Dictionary<string, string>(), cancellation);
    await product.AddReadersAsync("bulk", bulk);
    await product.AddReadersAsync("urgent", urgent);
    await product.SendAsync("urgent", "Warming up", urgent: true, cancellation);
    var ratios = new List<double>();
    for (var pair = 1; pair <= 3; pair++)
    {
        var idle = await product.SendAsync("urgent", $"Idle {pair}", urgent: true, cancellation);
        await product.PublishAsync("bulk", $"Bulk {pair}", urgent: false, cancellation);
        await product.UnderWayAsync($"Bulk {pair}", bulk / 20, cancellation);
        var during = await product.SendAsync("urgent", $"Urgent {pair}", urgent: true, cancellation);
        var whole = await product.CompletedAsync($"Bulk {pair}", cancellation);
        ratios.Add(during.Last / idle.Last);
        Console.WriteLine($"    idle: {idle}\n    during: {during}; the bulk ended at {whole["lastAt"]!.GetValue<DateTimeOffset>():HH:mm:ss}");
    }

    Console.WriteLine($"(e) {urgent:N0} urgent mails during {bulk:N0} others: the last after {ratios.Order().ElementAt(1):0.00} of an idle run (median of 3 pairs)");
}
