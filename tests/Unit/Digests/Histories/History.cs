using Alerts.Contracts;
using Alerts.Tests.Unit.Mailings;

namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>Random years of readers, editors and machines, with the model asked after every sweep whether each reader got what she must.</summary>
internal sealed class History
{
    private static readonly string[] Zones =
    [
        "Europe/Oslo", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "America/St_Johns", "Africa/Casablanca", "Antarctica/Troll",
        "America/Sao_Paulo", "Asia/Beirut", "US/Eastern", "Nowhere/Atall",
    ];

    private static readonly string[] Lists = ["rivers", "bridges", "boats", "locks"];

    private readonly IDigestsAtWork digests;
    private readonly Random random;
    private readonly int mostReaders;
    private readonly DigestsModel model;
    private readonly List<Guid> readers = [];
    private readonly List<(PostPublished Post, int Number)> underway = [];
    private readonly List<(PostPublished Post, int Number, int Version)> recent = [];
    private readonly Queue<string> lately = [];
    private int published;

    public History(IDigestsAtWork digests, int seed, int mostReaders)
    {
        (this.digests, random, this.mostReaders) = (digests, new Random(seed), mostReaders);
        model = new DigestsModel(digests.Audience);

        // Two of three begin so that the Samoan day that never was is in them.
        var start = seed % 3 == 0 ? new DateTimeOffset(2008 + (seed % 15), 1 + (seed % 12), 3, 0, 0, 0, TimeSpan.Zero) : new DateTimeOffset(2011, 12, 1 + (seed % 28), 0, 0, 0, TimeSpan.Zero);
        digests.Clock.AdjustTime(start);
        for (var i = 0; i < mostReaders / 2; i++)
        {
            Join();
        }
    }

    /// <summary>How much happened, so that a history in which nothing comes of anything is noticed.</summary>
    public (int Mails, int Posts) Happened => (model.Mails, model.Delivered);

    /// <summary>What happened last, for whoever looks for the reason of a failure.</summary>
    public string Lately => string.Join('\n', lately);

    private DateTimeOffset Now => digests.Clock.GetUtcNow();

    public async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
        }

        await EndAsync();
    }

    private async Task StepAsync()
    {
        switch (random.Next(100))
        {
            case < 3 when readers.Count < mostReaders:
                Join();
                break;
            case < 12 when readers.Count > 0:
                Hold(Any());
                break;
            case < 16 when readers.Count > 0:
                Describe(Any());
                break;
            case < 18 when readers.Count > 0:
                Pause(Any());
                break;
            case < 19 when readers.Count > 0:
                LeaveAll(Any());
                break;
            case < 33:
                Publish();
                break;
            case < 45 when underway.Count > 0:
                await FileAsync(random.Next(underway.Count));
                break;
            case < 49 when recent.Count > 0:
                await CorrectAsync(random.Next(recent.Count));
                break;
            case < 51 when recent.Count > 0:
                await WithdrawAsync(random.Next(recent.Count));
                break;
            case < 53:
                await SweepAsync(now: true);
                break;
            case 53:
                // An outage.
                await TickAsync(TimeSpan.FromHours(random.Next(20, 400)));
                break;
            case 54 when random.Next(8) == 0:
                await JumpAsync();
                break;
            case 55:
                digests.Audience.Forget(underway.Select(u => u.Post.AudienceRevision).Append(await digests.PurgeAsync()).Min());
                model.Forget(Now);
                break;
            default:
                await TickAsync(random.Next(3) == 0 ? TimeSpan.FromMinutes(random.Next(1, 60)) : TimeSpan.FromMinutes(random.Next(60, 900)));
                break;
        }
    }

    /// <summary>All that is under way arrives, all pauses end, and nine days pass in which nothing is published.</summary>
    private async Task EndAsync()
    {
        while (underway.Count > 0)
        {
            await FileAsync(underway.Count - 1);
        }

        foreach (var reader in readers)
        {
            digests.Audience.Pause(reader, null);
            model.Paused(reader, null, Now);
        }

        await SweepAsync(now: false);
        for (var day = 0; day < 11; day++)
        {
            await TickAsync(TimeSpan.FromDays(1));
        }

        model.RequireNothingOwed();
    }

    private void Note(string what)
    {
        lately.Enqueue($"{Now:u} {what}");
        if (lately.Count > 60)
        {
            lately.Dequeue();
        }
    }

    private Guid Any() => readers[random.Next(readers.Count)];

    private void Join()
    {
        var reader = new Guid(random.Next(), 0, 0, new byte[8]);
        readers.Add(reader);
        digests.Audience.Join(reader, Zones[random.Next(Zones.Length)], random.Next(24), (DayOfWeek)random.Next(7));
        model.Changed(reader, Now);
        Hold(reader);
    }

    private void Hold(Guid reader)
    {
        var (list, frequency, urgent) = (Lists[random.Next(Lists.Length)], random.Next(6) == 0 ? (Frequency?)null : (Frequency)random.Next(3), random.Next(2) == 0);
        Note($"{reader} holds {list} {frequency} {urgent}");
        digests.Audience.Hold(reader, list, frequency, urgent);
        model.Changed(reader, Now);
    }

    private void LeaveAll(Guid reader)
    {
        Note($"{reader} leaves all");
        foreach (var list in Lists)
        {
            digests.Audience.Hold(reader, list, null);
        }

        model.Changed(reader, Now);
    }

    private void Describe(Guid reader)
    {
        var (zone, hour, weekday) = (Zones[random.Next(Zones.Length)], random.Next(24), (DayOfWeek)random.Next(7));
        Note($"{reader} reads at {hour} on {weekday} in {zone}");
        digests.Audience.Describe(reader, zone, hour, weekday);
        model.Changed(reader, Now);
    }

    private void Pause(Guid reader)
    {
        DateTimeOffset? until = random.Next(3) == 0 ? null : Now.AddHours(random.Next(1, 400));
        Note($"{reader} pauses until {until:u}");
        digests.Audience.Pause(reader, until);
        model.Paused(reader, until, Now);
    }

    private void Publish()
    {
        var lists = Lists.Where(_ => random.Next(3) == 0).DefaultIfEmpty("rivers").ToArray();
        var number = ++published;
        var post = Given.Post(number, lists) with
        {
            Title = $"Title {number} v1",
            Urgent = random.Next(6) == 0,
            AudienceRevision = digests.Audience.Revision,
            ReleasedAt = Now,
        };
        Note($"{number} is published on {string.Join(' ', lists)}{(post.Urgent ? ", urgent" : "")}");
        underway.Add((post, number));
        recent.Add((post, number, 1));
        if (recent.Count > 12)
        {
            recent.RemoveAt(0);
        }

        model.Published(number, lists, post.Urgent, version: 1);
    }

    private async Task FileAsync(int index)
    {
        var (post, number) = underway[index];
        Note($"{number} is filed");
        underway.RemoveAt(index);
        await digests.TakeAsync(post);
        model.Filed(number, Now);
        if (random.Next(4) == 0)
        {
            await digests.TakeAsync(post);
        }
    }

    private async Task CorrectAsync(int index)
    {
        var (post, number, version) = recent[index];
        version++;
        recent[index] = (post, number, version);
        await digests.TakeAsync(Given.Correction(post, version, $"Title {number} v{version}"));
        model.Corrected(number, version);
    }

    private async Task WithdrawAsync(int index)
    {
        var (post, number, _) = recent[index];
        Note($"{number} is withdrawn");
        recent.RemoveAt(index);
        await digests.TakeAsync(Given.Withdrawal(post));
        model.Withdrawn(number);
    }

    private Task TickAsync(TimeSpan time)
    {
        digests.Clock.Advance(time);
        return SweepAsync(now: false);
    }

    /// <summary>The clock shows another time for a while, or for good.</summary>
    private async Task JumpAsync()
    {
        var ahead = TimeSpan.FromHours(random.Next(1, 20_000));
        digests.Clock.Advance(ahead);
        await SweepAsync(now: false);
        if (random.Next(3) > 0)
        {
            await TickAsync(TimeSpan.FromHours(random.Next(1, 30)));
            Note("the clock is set back");
            digests.Clock.AdjustTime(Now - ahead);
            model.SetBack(Now);
            await SweepAsync(now: false);
        }
    }

    private async Task SweepAsync(bool now)
    {
        await digests.SweepAsync(now, random);
        var mails = await digests.NewMailsAsync();
        Note((now ? "cut now" : "sweep") + string.Concat(mails.Select(m => $"; {m.Reader} got {string.Join(' ', m.Posts.Select(p => p.Number))}")));
        model.Swept(mails, Now);
    }
}
