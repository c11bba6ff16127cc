using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Alerts.Tests.Integration;
using Alerts.Tests.Servers;

namespace Alerts.Tests.Chaos;

/// <summary>
/// Whatever is killed, whenever: each selected reader gets each post, nobody else gets any, and no more mails come twice than were half said when something broke.
/// </summary>
/// <remarks><c>CHAOS_SEED</c> and <c>CHAOS_MINUTES</c> choose another run; <c>infra/chaos.sh</c> sets them.</remarks>
public sealed class ChaosTests
{
    private const int Readers = 1_000;
    private const int Others = 100;

    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BetweenPosts = TimeSpan.FromSeconds(6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_lost_and_nothing_is_repeated_that_was_not_in_doubt()
    {
        var seed = Number("CHAOS_SEED") is { } given ? (int)given : 1;
        var length = TimeSpan.FromMinutes(Number("CHAOS_MINUTES") ?? 0.75);
        Say($"Chaos with seed {seed} for {length.TotalMinutes:0.##} minutes, {Readers} readers.");

        FlakyLine? line = null;
        await using var house = await House.StartAsync(Setup.Apart, adjust: (started, settings) => settings with
        {
            Relays = [(line = new FlakyLine(started.Sink!.Port)).Relay],
            More = new Dictionary<string, string> { ["Smtp:CommandTimeout"] = "5", ["Smtp:AnswerTimeout"] = "5" },
        });
        await using var _ = line!;
        await SubscribeAllAsync(house);

        var storm = new Storm(house, line!, seed, Say);
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var publishing = PublishAsync(house, over.Token);
            await storm.RageAsync(length, Cancellation);
            await over.CancelAsync();
            await publishing;
        }

        Say("No more faults.");
        var posts = await PublishedAsync(house);
        var mailings = await CompletedAsync(house, posts.Count);
        var uncertain = mailings.Sum(m => m!["uncertain"]!.GetValue<int>());
        await CheckMailsAsync(house, posts, storm, uncertain);

        var verified = await house.TryAsync("verify");
        Assert.True(verified.ExitCode == 0, $"alerts verify: {verified.Error}{verified.Output}");
    }

    private static async Task CheckMailsAsync(House house, List<string> posts, Storm storm, int uncertain)
    {
        var got = new Dictionary<(string To, string Post), (int Times, string MessageId)>();
        var otherIds = 0;
        await foreach (var mail in house.Sink!.HeadsAsync(Cancellation))
        {
            var (times, id) = got.GetValueOrDefault((mail.To, mail.Subject), (0, mail.MessageId));
            otherIds += id == mail.MessageId ? 0 : 1;
            got[(mail.To, mail.Subject)] = (times + 1, id);
        }

        var owed = Enumerable.Range(0, Readers).SelectMany(reader => posts.Select(post => (To: Address(reader), Post: post))).ToHashSet();
        var lost = owed.Where(o => !got.ContainsKey(o)).ToList();
        var strangers = got.Keys.Where(g => !owed.Contains(g)).ToList();
        var repeats = got.Values.Sum(g => g.Times - 1);
        var repeated = got.Values.Count(g => g.Times > 1);
        Say($"{storm.Faults} faults, {posts.Count} posts, {owed.Count} mails owed: {lost.Count} lost, {strangers.Count} to others, {repeats} repeated (at most {storm.MayRepeat} in doubt, {uncertain} counted uncertain).");

        Assert.True(lost.Count == 0, $"{lost.Count} lost: {string.Join(", ", lost.Take(20))}");
        Assert.True(strangers.Count == 0, $"{strangers.Count} not selected: {string.Join(", ", strangers.Take(20))}");
        Assert.True(repeats <= storm.MayRepeat, $"{repeats} repeats, and only {storm.MayRepeat} connections were open at a fault.");
        Assert.True(repeated <= uncertain, $"{repeated} mails came more than once, and only {uncertain} are counted uncertain.");
        Assert.True(otherIds == 0, $"{otherIds} repeats had another Message-ID.");
        Assert.NotEmpty(posts);
    }

    /// <summary>Readers who have posts at once, and others whom no post concerns: of another list, or with a digest hours away.</summary>
    private static async Task SubscribeAllAsync(House house)
    {
        await house.AddListAsync("border");
        await house.AddListAsync("elsewhere");
        var hour = (TimeProvider.System.GetUtcNow().Hour + 12) % 24;
        await ImportAsync("border", Enumerable.Range(0, Readers).Select(reader => $"{Address(reader)},immediate,UTC,{hour}")
            .Concat(Enumerable.Range(0, Others).Select(reader => $"daily{reader}@example.org,daily,UTC,{hour}")));
        await ImportAsync("elsewhere", Enumerable.Range(0, Others).Select(reader => $"elsewhere{reader}@example.org,immediate,UTC,{hour}"));

        async Task ImportAsync(string list, IEnumerable<string> lines)
        {
            using var folder = new TempFolder();
            await File.WriteAllTextAsync(folder["readers.csv"], $"email,frequency,zone,hour\n{string.Join('\n', lines)}\n", Encoding.UTF8, Cancellation);
            await house.RunAsync("import-subscribers", folder["readers.csv"], "--list", list, "--confirmed");
        }
    }

    /// <summary>Publishes until told to stop. What fails is tried again under another title: nobody can know whether a post whose answer was lost is out.</summary>
    private static async Task PublishAsync(House house, CancellationToken over)
    {
        for (var (number, attempt) = (1, 1); !over.IsCancellationRequested; attempt++)
        {
            var pause = TimeSpan.FromSeconds(1);
            try
            {
                await house.PublishAsync("border", $"Post {number}.{attempt}");
                (number, attempt, pause) = (number + 1, 0, BetweenPosts);
            }
            catch (Exception) when (!Cancellation.IsCancellationRequested)
            {
                // Publishing or its database is away just now.
            }

            await Task.Delay(pause, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<List<string>> PublishedAsync(House house) =>
        [.. (await AllAsync(house, "publishing", "/api/posts")).Where(p => p["state"]!.ToString() == "published").Select(p => p["title"]!.ToString())];

    /// <summary>Waits until every post's mailing is completed. What only waits for its next attempt isn't waited for: Delivery's clock is put forward.</summary>
    private static async Task<List<JsonNode>> CompletedAsync(House house, int posts)
    {
        var since = TimeProvider.System.GetTimestamp();
        var ahead = TimeSpan.Zero;
        while (true)
        {
            var mailings = await AllAsync(house, "delivery", "/api/mailings");
            var open = mailings.Where(m => !m["completed"]!.GetValue<bool>()).ToList();
            if (open.Count == 0 && mailings.Count == posts)
            {
                return mailings;
            }

            if (TimeProvider.System.GetElapsedTime(since) > Calm)
            {
                Assert.Fail($"After {Calm.TotalMinutes:0.#} calm minutes {posts} posts have {mailings.Count} mailings, {open.Count} of them not completed:\n{string.Join('\n', open.Take(10))}\n{(await house.TryAsync("verify")).Output}");
            }

            if (mailings.Count == posts && open.TrueForAll(m => m["sealed"]!.GetValue<bool>() && Count(m, "queued") + Count(m, "sending") == 0))
            {
                ahead += TimeSpan.FromHours(4);
                Say($"{open.Sum(m => Count(m, "deferred"))} mails wait for their next attempt: Delivery's clock goes forward.");
                await house.StartAgainAtAsync("delivery", TimeProvider.System.GetUtcNow() + ahead);
                await house.StartAgainAtAsync("delivery2", TimeProvider.System.GetUtcNow() + ahead);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        }

        static int Count(JsonNode mailing, string state) => mailing["counts"]![state]!.GetValue<int>();
    }

    private static async Task<List<JsonNode>> AllAsync(House house, string service, string path)
    {
        var all = new List<JsonNode>();
        for (var next = path + "?limit=100"; next is not null;)
        {
            var page = await house.GetAsync(service, next);
            all.AddRange(page["items"]!.AsArray().Select(item => item!));
            next = page["next"]?.ToString() is not { } after ? null : after.StartsWith('/') ? after : $"{path}?limit=100&after={after}";
        }

        return all;
    }

    private static string Address(int reader) => $"reader{reader}@example.org";

    private static double? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static void Say(string what)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(what);
        Console.Error.WriteLine(what);
    }
}
