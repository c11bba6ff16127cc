using System.Diagnostics;
using System.Globalization;
using Alerts.Contracts;
using Alerts.Subscriptions.Audience;

namespace Alerts.Benchmarks;

/// <summary>What admins and mailings ask of a large audience: its import, a search, a page of a fan-out at any depth.</summary>
internal static class People
{
    private const int PageSize = 500;
    private const int Tries = 21;
    private const int Seed = 1;

    public static async Task<List<string>> MeasureAsync(Product product, int readers, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        var before = product.Cpu();
        var import = await product.ImportAsync("city", await WriteAsync(product, "city", 0, readers), cancellationToken);
        var took = import["finishedAt"]!.GetValue<DateTimeOffset>() - import["createdAt"]!.GetValue<DateTimeOffset>();
        said.Add(string.Create(CultureInfo.InvariantCulture, $"import: {import["added"]} added in {took.TotalSeconds:0.0} s; peak memory: {string.Join(", ", product.PeakMemory().Where(p => p.Process is "all" or "subscriptions").Select(p => $"{p.Process} {p.Megabytes:0} MB"))}"));

        said.Add(string.Create(CultureInfo.InvariantCulture, $"CPU seconds: {string.Join(", ", product.Cpu().OrderByDescending(p => p.Value).Select(p => $"{p.Key} {p.Value - before.GetValueOrDefault(p.Key):0.0}"))}"));

        // A list that few of them hold, spread over all.
        await product.ImportAsync("rare", await WriteAsync(product, "rare", 0, readers, every: readers / 100), cancellationToken);
        var reference = await MedianAsync(product, "api/lists/city", cancellationToken);
        foreach (var (what, query) in new[]
        {
            ("a whole address", $"address=city{readers / 2}@readers{readers / 2 % 97}.example"),
            ("the beginning of one", $"address=city{readers / 3}"),
            ("the largest list", "list=city"),
            ("a list of a hundred", "list=rare"),
            ("a region of a thousandth", "region=KR"),
            ("a state that nobody is in", "state=suppressed"),
            ("a list and a state", "list=rare&state=unconfirmed"),
        })
        {
            var (median, worst) = await MedianAsync(product, $"api/subscribers?{query}&limit=50", cancellationToken);
            said.Add(string.Create(CultureInfo.InvariantCulture, $"search by {what}: median {median:0.0} ms, worst of {Tries} {worst:0.0} ms = {median / reference.Median:0.0} x a lookup of a list by its key"));
        }

        said.AddRange(await WalkAsync(product, readers, cancellationToken));
        return said;
    }

    /// <summary>
    /// Walks the whole audience as a fan-out does, then asks for the same pages once more in any order: so that what depends on how deep a page lies is told apart from what
    /// depends on when it was asked for.
    /// </summary>
    private static async Task<List<string>> WalkAsync(Product product, int readers, CancellationToken cancellationToken)
    {
        var audience = new RevisionedAudience(product.Subscriptions(), TimeProvider.System);
        var revision = await audience.CurrentRevisionAsync(cancellationToken);
        var (places, walk) = (new List<Guid> { Guid.Empty }, new List<double>());
        while (walk.Count <= readers / PageSize)
        {
            var (page, milliseconds) = await PageAsync(places[^1]);
            if (page.Count < PageSize)
            {
                break;
            }

            walk.Add(milliseconds);
            places.Add(page[^1].SubscriberId);
        }

        var depths = Enumerable.Range(0, walk.Count).ToArray();
        new Random(Seed).Shuffle(depths);
        var byDepth = new double[walk.Count];
        foreach (var depth in depths)
        {
            (_, byDepth[depth]) = await PageAsync(places[depth]);
        }

        var tenth = walk.Count / 10;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{walk.Count:N0} pages of {PageSize}, in a process that has just begun: {Spread(walk)}"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"… again, in any order: {Spread([.. byDepth])}; median of the first tenth {Median([.. byDepth[..tenth]]):0.0} ms, of the last {Median([.. byDepth[^tenth..]]):0.0} ms = {Median([.. byDepth[^tenth..]]) / Median([.. byDepth[..tenth]]):0.00} x"),
        ];

        async Task<(IReadOnlyList<Candidate> Page, double Milliseconds)> PageAsync(Guid after)
        {
            var watch = Stopwatch.StartNew();
            var page = await audience.PageAsync(["city"], Frequency.Immediate, revision, after, PageSize, cancellationToken);
            return (page, watch.Elapsed.TotalMilliseconds);
        }

        static string Spread(List<double> pages) => string.Create(
            CultureInfo.InvariantCulture, $"median {Median(pages):0.0} ms, 99th of a hundred {pages.Order().ElementAt(pages.Count * 99 / 100):0.0} ms, worst {pages.Max():0.0} ms");
    }

    private static async Task<(double Median, double Worst)> MedianAsync(Product product, string path, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 3; i++)
        {
            await product.GetAsync(path, cancellationToken);
        }

        var times = new List<double>();
        for (var i = 0; i < Tries; i++)
        {
            var watch = Stopwatch.StartNew();
            await product.GetAsync(path, cancellationToken);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return (Median(times), times.Max());
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task<string> WriteAsync(Product product, string name, int from, int to, int every = 1)
    {
        var file = product.PathOf(name + ".csv");
        await using var rows = new StreamWriter(file);
        await rows.WriteLineAsync("email,frequency,regions");
        for (var number = from; number < to; number += every)
        {
            await rows.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"city{number}@readers{number % 97}.example,immediate,{(number % 1_000 == 0 ? "KR" : number % 2 == 0 ? "US-NY" : "")}"));
        }

        return file;
    }
}
