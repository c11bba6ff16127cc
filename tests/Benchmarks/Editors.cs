using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Alerts.Contracts;
using Alerts.Subscriptions.Audience;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Benchmarks;

/// <summary>What an editor waits for: the preview after she stops typing, the number of her readers, and that what she releases is taken.</summary>
internal static partial class Editors
{
    /// <summary>What the composer's script waits after the last key, in milliseconds.</summary>
    private const int Pause = 150;

    private const int Tries = 31;

    public static async Task<List<string>> MeasureAsync(Product product, int readers, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        await product.ImportAsync("city", await WriteAsync(product, "city", readers, 1), cancellationToken);
        await product.ImportAsync("town", await WriteAsync(product, "town", readers, 3), cancellationToken);

        foreach (var paragraphs in new[] { 10, 300 })
        {
            var (median, worst, size) = await PreviewAsync(product, paragraphs, cancellationToken);
            said.Add(string.Create(CultureInfo.InvariantCulture, $"preview of {size / 1024:0} KB of text after typing stopped: median {median + Pause:0} ms, worst of {Tries} {worst + Pause:0} ms ({Pause} ms of them the pause; bar: 300 ms)"));
        }

        foreach (var lists in new string[][] { ["city"], ["city", "town"] })
        {
            var (median, worst) = await EstimateAsync(product, lists, cancellationToken);
            said.Add(string.Create(CultureInfo.InvariantCulture, $"estimate of {string.Join(" and ", lists)}, {readers:N0} readers, nothing cached: median {median:0} ms, worst of {Tries} {worst:0} ms (bar: 500 ms)"));
        }

        said.Add(await TakenAsync(product, cancellationToken));
        return said;
    }

    /// <summary>As the script does it: the text goes to the server, which answers what the mail would be, and the frame loads the mail.</summary>
    private static async Task<(double Median, double Worst, double Size)> PreviewAsync(Product product, int paragraphs, CancellationToken cancellationToken)
    {
        var path = $"editor/posts/{Guid.CreateVersion7()}";
        var page = await product.TextAsync(path + "?new=1", cancellationToken);
        var token = Token().Match(page).Groups[1].Value;
        var text = string.Join("\n\n", Enumerable.Repeat("Ten people were **arrested** this morning at the [embassy](https://example.org/embassy); a protest is announced for tomorrow at one.", paragraphs));
        var times = new List<double>();
        for (var i = -3; i < Tries; i++)
        {
            var watch = Stopwatch.StartNew();
            await product.SendFormAsync(
                path + "/copy", [new("__RequestVerificationToken", token), new("title", "Ten people arrested"), new("body", text + $"\n\n{i}"), new("format", "markdown"), new("lists", "city")], cancellationToken);
            await product.TextAsync(path + "/mail?mode=light", cancellationToken);
            if (i >= 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return (Median(times), times.Max(), text.Length);
    }

    private static async Task<(double Median, double Worst)> EstimateAsync(Product product, string[] lists, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var i = -3; i < Tries; i++)
        {
            // Another one each time: it remembers for some seconds.
            var audience = new RevisionedAudience(product.Subscriptions(), TimeProvider.System);
            var watch = Stopwatch.StartNew();
            await audience.EstimateAsync(lists, cancellationToken);
            if (i >= 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return (Median(times), times.Max());
    }

    /// <summary>From the release, as Publishing dates it, to the row by which Notices has taken it.</summary>
    private static async Task<string> TakenAsync(Product product, CancellationToken cancellationToken)
    {
        await product.AddReadersAsync("few", 10);
        for (var i = 0; i < Tries + 3; i++)
        {
            var title = $"Taken {i}";
            await product.PublishAsync("few", title, urgent: false, cancellationToken);
            await product.CompletedAsync(title, cancellationToken);
        }

        await using var db = product.OpenNotices();
        var settled = await db.Posts.Where(p => p.MailingId != null).OrderByDescending(p => p.SettledAt).Take(Tries).Select(p => new { p.PostId, p.SettledAt }).ToListAsync(cancellationToken);
        var times = new List<double>();
        foreach (var post in settled)
        {
            var view = await product.PostViewAsync(post.PostId, cancellationToken);
            times.Add((post.SettledAt!.Value - view["releasedAt"]!.GetValue<DateTimeOffset>()).TotalMilliseconds);
        }

        return string.Create(CultureInfo.InvariantCulture, $"released → {nameof(PostPublished)} taken by Notices: median {Median(times):0} ms, worst of {times.Count} {times.Max():0} ms (bar: 200 ms, median)");
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task<string> WriteAsync(Product product, string name, int readers, int every)
    {
        var file = product.PathOf(name + ".csv");
        await using var rows = new StreamWriter(file);
        await rows.WriteLineAsync("email,frequency");
        for (var number = 0; number < readers; number += every)
        {
            await rows.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"reader{number}@readers{number % 97}.example,{(number % 10 == 0 ? "immediate" : number % 3 == 0 ? "weekly" : "daily")}"));
        }

        return file;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();
}
