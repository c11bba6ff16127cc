using System.Globalization;
using System.Runtime.InteropServices;
using Alerts.Benchmarks;

// infra/bench.sh [NAME …]: runs the named measurements (all without a name) in one go and prints ratios. What each is stands in docs/performance.md.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] all = ["limit", "apart", "signed", "embedded", "urgent", "notices", "memory", "two", "audience", "audience-embedded", "editor", "editor-embedded", "digests", "digests-many", "digests-embedded"];
var scale = double.Parse(Environment.GetEnvironmentVariable("BENCH_SCALE") ?? "1");
var names = args.Length > 0 ? args : all;
if (names.Except(all).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"There is no measurement '{unknown}': {string.Join(", ", all)}.");
    return 2;
}

var cancellation = CancellationToken.None;
var output = Path.GetFullPath(Environment.GetEnvironmentVariable("BENCH_OUTPUT") ?? "artifacts/bench");
var plot = new Plot();
Console.WriteLine($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {RuntimeInformation.OSDescription}");

var (limit, sessions) = await Smtp.LimitAsync((int)(100_000 * scale), cancellation);
Print($"(a) smtp-source, {sessions} sessions", limit);
foreach (var name in names)
{
    switch (name)
    {
        case "limit":
            Print("(b) a MailKit loop over 8 connections", await Smtp.PlainLoopAsync((int)(50_000 * scale), 8, cancellation));
            break;
        case "apart":
            await SendAsync("(c) on RabbitMQ and PostgreSQL", (int)(100_000 * scale));
            break;
        case "signed":
            await SendAsync("(c) the same with DKIM", (int)(100_000 * scale), signed: true);
            break;
        case "embedded":
            await SendAsync("(d) embedded, on SQLite", (int)(100_000 * scale), apart: false);
            break;
        case "urgent":
            await UrgentAsync((int)(200_000 * scale), (int)(10_000 * scale));
            break;
        case "notices":
            await NoticesAsync((int)(200_000 * scale), (int)(10_000 * scale), announcements: Math.Max(20, (int)(200 * scale)));
            break;
        case "memory":
            await SendAsync("(f) memory, 100,000 readers", (int)(100_000 * scale));
            await SendAsync("(f) memory, 1,000,000 readers", (int)(1_000_000 * scale));
            break;
        case "audience":
            await AudienceAsync(apart: true, (int)(1_000_000 * scale));
            break;
        case "audience-embedded":
            await AudienceAsync(apart: false, (int)(1_000_000 * scale));
            break;
        case "editor":
            await EditorAsync(apart: true, (int)(1_000_000 * scale));
            break;
        case "editor-embedded":
            await EditorAsync(apart: false, (int)(1_000_000 * scale));
            break;
        case "digests":
            Console.WriteLine("(j) on PostgreSQL: " + await DigestCuts.MeasureAsync(apart: true, (int)(1_000_000 * scale), manyEditions: false, cancellation));
            break;
        case "digests-many":
            Console.WriteLine("(j) on PostgreSQL, many editions: " + await DigestCuts.MeasureAsync(apart: true, (int)(1_000_000 * scale), manyEditions: true, cancellation));
            break;
        case "digests-embedded":
            Console.WriteLine("(j) on SQLite: " + await DigestCuts.MeasureAsync(apart: false, (int)(100_000 * scale), manyEditions: false, cancellation));
            break;
        case "two":
            var one = await SendAsync("(g) one process that delivers", (int)(100_000 * scale));
            var two = await SendAsync("(g) two of them", (int)(100_000 * scale), deliveries: 2);
            Console.WriteLine($"(g) two against one: {two / one:0.00}");
            break;
    }
}

plot.Save(Path.Combine(output, "performance.svg"));
Console.WriteLine($"Samples and a plot are in {output}.");
return 0;

void Print(string what, double rate)
{
    plot.Add(what, rate / limit);
    Console.WriteLine($"{what}: {rate:N0} mails/s = {rate / limit:0.00} of (a)");
}

async Task<double> SendAsync(string what, int readers, bool apart = true, bool signed = false, int deliveries = 1)
{
    await using var product = await Product.StartAsync(apart, cancellation, signed, deliveries);
    await product.AddReadersAsync("warm", 20_000);
    var import = await product.AddReadersAsync("city", readers);
    await product.SendAsync("warm", "Warming up", urgent: false, cancellation); // The first 8,000 mails run at half speed (JIT).
    var before = product.Cpu();
    var run = await product.SendAsync("city", "Ten refugees arrested", urgent: false, cancellation);
    Print(what, run.Rate);
    Console.WriteLine($"    {run}; import of {readers:N0}: {import.TotalSeconds:0.0} s");
    Console.WriteLine($"    CPU seconds: {string.Join(", ", product.Cpu().OrderByDescending(p => p.Value).Select(p => $"{p.Key} {p.Value - before.GetValueOrDefault(p.Key):0.0}"))}");
    Console.WriteLine($"    peak memory: {string.Join(", ", product.PeakMemory().Select(p => $"{p.Process} {p.Megabytes:0} MB"))}");
    await ProveAsync(product, what, signed);
    return run.Rate;
}

async Task AudienceAsync(bool apart, int readers)
{
    await using var product = await Product.StartAsync(apart, cancellation);
    Console.WriteLine($"(h) {readers:N0} readers {(apart ? "on PostgreSQL" : "on SQLite")}");
    foreach (var line in await People.MeasureAsync(product, readers, cancellation))
    {
        Console.WriteLine("    " + line);
    }
}

async Task EditorAsync(bool apart, int readers)
{
    await using var product = await Product.StartAsync(apart, cancellation);
    Console.WriteLine($"(i) what an editor waits for, {(apart ? "on RabbitMQ and PostgreSQL" : "embedded, on SQLite")}");
    foreach (var line in await Editors.MeasureAsync(product, readers, cancellation))
    {
        Console.WriteLine("    " + line);
    }
}

async Task UrgentAsync(int bulk, int urgent)
{
    await using var product = await Product.StartAsync(apart: true, cancellation);
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
    await ProveAsync(product, "urgent", signed: false);
}

// An event's announcement: how soon its first mail is at the sink; how much longer ten thousand take while others are sent; and how soon a cancellation stops it.
async Task NoticesAsync(int bulk, int notices, int announcements)
{
    await using var product = await Product.StartAsync(apart: true, cancellation);
    await product.AddReadersAsync("bulk", bulk);
    await product.AddReadersAsync("notices", notices);
    await product.AddReadersAsync("few", 20);
    await product.SendAsync("notices", "Warming up", urgent: true, cancellation);
    await product.AnnounceAsync("few", cancellation);
    Console.WriteLine("(n) " + await FirstAsync("idle", null));
    Console.WriteLine("(n) " + await FirstAsync($"during a mailing to {bulk:N0}", "bulk"));

    var ratios = new List<double>();
    for (var pair = 1; pair <= 5; pair++)
    {
        var idle = await product.AnnounceAsync("notices", cancellation);
        await product.PublishAsync("bulk", $"Bulk {pair}", urgent: false, cancellation);
        await product.UnderWayAsync($"Bulk {pair}", bulk / 20, cancellation);
        var during = await product.AnnounceAsync("notices", cancellation);
        await product.CompletedAsync($"Bulk {pair}", cancellation);
        ratios.Add(during.Last / idle.Last);
        Console.WriteLine($"    idle: {idle}\n    during: {during}");
    }

    Console.WriteLine($"(n) {notices:N0} notices during {bulk:N0} others: the last after {ratios.Order().ElementAt(2):0.00} of an idle run (median of 5 pairs)");
    Console.WriteLine("(n) " + await product.CancelUnderWayAsync("bulk", bulk / 10, cancellation));
    await ProveAsync(product, "notices", signed: false);

    async Task<string> FirstAsync(string when, string? during)
    {
        var (first, left) = (new List<double>(), 0);
        for (var number = 0; number < announcements; number++)
        {
            if (during is not null && left-- == 0)
            {
                // Anew before it ends, so that mails are under way all the time.
                await product.PublishAsync(during, $"During {number}", urgent: false, cancellation);
                await product.UnderWayAsync($"During {number}", bulk / 20, cancellation);
                left = 25;
            }

            first.Add((await product.AnnounceAsync("few", cancellation)).First.TotalMilliseconds);
        }

        first.Sort();
        return $"event announced, {when}: first mail after {first[first.Count / 2]:0} ms (p50), {first[(int)(first.Count * 0.99)]:0} ms (p99), {first[^1]:0} ms at most, of {first.Count}";
    }
}

async Task ProveAsync(Product product, string what, bool signed)
{
    var sample = string.Concat(what.Where(char.IsAsciiLetterOrDigit)) + ".eml";
    Console.WriteLine($"    {await product.ProveAsync(Path.Combine(output, sample), signed, cancellation)}");
}
