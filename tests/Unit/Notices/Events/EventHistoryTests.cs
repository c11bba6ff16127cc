using System.Globalization;
using System.Text.Json;
using Alerts.Contracts;
using Alerts.Notices.Events;
using Alerts.Tests.Unit.Mailings;
using Ical.Net.CalendarComponents;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Notices.Events;

/// <summary>
/// Seeded histories of events over a year in twelve zones: announced, moved, moved back, cancelled, with readers who join, leave and move, and outages of what decides and of
/// what sends. The rules of Notices are the real ones; Delivery is a model of its promise: a change or a cancellation stops what is older, and goes to whoever was told.
/// All 500 by <c>HISTORIES_OF_EVENTS=500</c>.
/// </summary>
public sealed class EventHistoryTests
{
    private static readonly string[] Zones =
    [
        "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Asia/Seoul", "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Auckland", "Etc/UTC",
    ];

    private static readonly DateTimeOffset Year = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_hears_late_or_twice_and_every_calendar_ends_up_right()
    {
        var events = Environment.GetEnvironmentVariable("HISTORIES_OF_EVENTS") is { Length: > 0 } set ? int.Parse(set, CultureInfo.InvariantCulture) : 40;
        var (mails, moved, cancelled) = (0, 0, 0);
        await using var notices = await NoticesDatabase.CreateAsync();
        for (var seed = 1; seed <= events; seed++)
        {
            var history = new History(notices, seed);
            await history.RunAsync();
            history.Check();
            mails += history.HandedOver;
            moved += history.Changes;
            cancelled += history.IsCancelled ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{events} events: {moved} changes, {cancelled} cancelled, {mails} mails handed over.");
        Assert.True(mails > 10 * events, $"Only {mails} mails.");
        Assert.True(moved > events / 2);
        Assert.InRange(cancelled, events / 10, events);
    }

    /// <summary>One event from its announcement to a day after its end.</summary>
    private sealed class History
    {
        private readonly NoticesDatabase notices;
        private readonly Random random;
        private readonly int seed;
        private readonly Guid id;
        private readonly List<Person> people;
        private readonly List<Letter> letters = [];
        private readonly SortedList<DateTimeOffset, Func<DateTimeOffset, Task>> script = [];
        private readonly List<object> unheard = [];
        private EventDetails details;
        private int version;
        private long lastOutbox;
        private (DateTimeOffset From, DateTimeOffset To) decidingIsOut;
        private (DateTimeOffset From, DateTimeOffset To) sendingIsOut;

        public History(NoticesDatabase notices, int seed)
        {
            (this.notices, this.seed) = (notices, seed);
            random = new Random(seed);
            id = new Guid(seed, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);
            var start = Year.AddMinutes(random.Next(24 * 60, 365 * 24 * 60));
            details = GivenEvent.Vigil with
            {
                Title = $"Event {seed}",
                Zone = Zones[seed % Zones.Length],
                StartsAt = start,
                EndsAt = start.AddMinutes(random.Next(30, 600)),
                RemindBefore = [.. new[] { "P7D", "P1D", "PT2H", "PT15M" }.Where(_ => random.Next(2) == 0)],
            };
            var announced = start - TimeSpan.FromMinutes(random.Next(5) == 0 ? random.Next(5, 120) : random.Next(120, 20 * 24 * 60));
            people = [.. Enumerable.Range(0, 24).Select(n => Person.Born(n, random, announced, start))];
            Write(announced, start);
            decidingIsOut = Outage(announced, start);
            sendingIsOut = Outage(announced, start);
        }

        public int HandedOver => letters.Sum(l => l.Got.Count);

        public int Changes { get; private set; }

        public bool IsCancelled { get; private set; }

        public async Task RunAsync()
        {
            var now = script.Keys[0];
            var end = details.EndsAt.AddDays(40);
            while (now < end)
            {
                foreach (var step in script.Where(s => s.Key <= now).ToList())
                {
                    script.Remove(step.Key);
                    await step.Value(now);
                }

                if (!In(decidingIsOut, now))
                {
                    await DecideAsync(now);
                }

                if (!In(sendingIsOut, now))
                {
                    Send(now);
                }

                now = await NextAsync(now, end);
            }
        }

        /// <summary>Asserts what must hold of it.</summary>
        public void Check()
        {
            Assert.All(letters.SelectMany(l => l.Got.Select(g => (Letter: l, g.At))), g => Assert.True(g.At < g.Letter.Prepared.ExpiresAt, $"{g.Letter.Prepared.Cause} at {g.At:u}, seed {seed}"));
            Assert.All(letters.SelectMany(l => l.Got.Select(g => (g.Person, g.At))), g => Assert.True(g.Person.Reads(g.At), $"To one who had left, seed {seed}"));
            Assert.All(
                letters.SelectMany(l => l.Got.Select(g => (g.Person, l.Prepared.Cause))).CountBy(g => g), g => Assert.True(g.Value == 1, $"{g.Key.Cause} twice to one, seed {seed}"));
            Assert.All(
                letters.Where(l => l.Prepared.Kind != MailingKind.Reminder).SelectMany(l => l.Got.Select(g => (g.Person, l.Version))).CountBy(g => g),
                g => Assert.True(g.Value == 1, $"Version {g.Key.Version} twice to one, seed {seed}"));

            // Whoever was told and reads on has in her calendar what was told last, unless the news came when the event was over.
            if (letters.Where(l => l.Prepared.Kind != MailingKind.Reminder).MaxBy(l => l.Version) is not { } last)
            {
                return;
            }

            foreach (var person in letters.SelectMany(l => l.Got.Select(g => g.Person)).Distinct().Where(p => p.Reads(DateTimeOffset.MaxValue) || p.LeavesAt > last.Prepared.ExpiresAt))
            {
                var entry = person.Calendar[id];
                if (letters.Any(l => l.Version < last.Version && l.Got.Exists(g => g.Person == person)) && last.SentBefore(last.Prepared.ExpiresAt!.Value))
                {
                    // Or newer: a reminder has the newest, even where nothing about it was news.
                    Assert.True(entry.Sequence >= last.Version, $"{person.Number} has version {entry.Sequence} of {last.Version}, seed {seed}");
                }

                if (entry.Sequence >= last.Version)
                {
                    Assert.Equal(IsCancelled && last.Prepared.Kind == MailingKind.Cancellation, entry.Cancelled);
                    Assert.Equal(last.StartsAt, entry.StartsAt);
                }
            }
        }

        /// <summary>What its editors do.</summary>
        private void Write(DateTimeOffset announced, DateTimeOffset start)
        {
            script[announced] = now =>
            {
                version = 1;
                unheard.Add(GivenEvent.Announced(details, 1, id));
                return Task.CompletedTask;
            };
            var until = start.AddMinutes(random.Next(-300, 60));
            for (var i = random.Next(4); i > 0 && until > announced; i--)
            {
                var at = announced + ((until - announced) * random.NextDouble());
                Add(at, Change);
                if (random.Next(2) == 0)
                {
                    Add(at.AddSeconds(random.Next(1, 200)), Change);
                }
            }

            if (random.Next(3) == 0 && until > announced)
            {
                Add(announced + ((until - announced) * random.NextDouble()), Cancel);
            }
        }

        private void Add(DateTimeOffset at, Action<DateTimeOffset> act) => script[at.AddTicks(script.Count + 1)] = now =>
        {
            act(now);
            return Task.CompletedTask;
        };

        private void Change(DateTimeOffset now)
        {
            if (IsCancelled || version == 0 || now >= details.EndsAt)
            {
                return;
            }

            version++;
            Changes++;
            details = random.Next(4) switch
            {
                0 => details with { Place = $"Place {random.Next(3)}" },
                1 => details with { Title = $"Event {seed}, {random.Next(3)}" },
                _ => details.Moved(TimeSpan.FromMinutes(random.Next(-600, 4_000))),
            };
            unheard.Add(GivenEvent.Changed(version, details, id));
        }

        private void Cancel(DateTimeOffset now)
        {
            if (!IsCancelled && version > 0 && now < details.EndsAt)
            {
                IsCancelled = true;
                unheard.Add(GivenEvent.Cancelled(++version, details, id));
            }
        }

        /// <summary>Notices hears what it hasn't, in any order, some of it twice, and does what is due.</summary>
        private async Task DecideAsync(DateTimeOffset now)
        {
            var heard = unheard.Concat(unheard.Where(_ => random.Next(4) == 0)).ToArray();
            unheard.Clear();
            random.Shuffle(heard);
            foreach (var message in heard)
            {
                await notices.HearAsync(now, message);
            }

            await using (var db = notices.Open())
            {
                if (await DueAsync(db) is { } due && due <= now)
                {
                    await SendDueNotices.SendAsync(db, new EventNotices(db, NoticesDatabase.Mail, new AudienceModel()), id, now, Stop);
                }
            }

            await CollectAsync();
        }

        private async Task<DateTimeOffset?> DueAsync(Alerts.Notices.NoticesDb db)
        {
            var news = await db.Events.Where(e => e.EventId == id).Select(e => e.DueAt).FirstOrDefaultAsync(Stop);
            var reminder = await db.Reminders.Where(r => r.EventId == id && r.SettledAt == null).MinAsync(r => (DateTimeOffset?)r.DueAt, Stop);
            return news is null ? reminder : reminder is null || news < reminder ? news : reminder;
        }

        private async Task CollectAsync()
        {
            await using var db = notices.Open();
            foreach (var message in await db.Outbox.AsNoTracking().Where(m => m.Id > lastOutbox).OrderBy(m => m.Id).ToListAsync(Stop))
            {
                lastOutbox = message.Id;
                if (message.Type == nameof(MailingPrepared) && JsonSerializer.Deserialize<MailingPrepared>(message.Body)! is var prepared && prepared.GroupId == id)
                {
                    var outgoing = await db.Mailings.AsNoTracking().SingleAsync(m => m.Id == prepared.MailingId, Stop);
                    letters.Add(new Letter(prepared, outgoing.Regions is not null));
                }
            }
        }

        /// <summary>Delivery, as it promises to be: a few mails at a time.</summary>
        private void Send(DateTimeOffset now)
        {
            foreach (var letter in letters.ToList())
            {
                if (letter.Supersedes)
                {
                    foreach (var older in letters.Where(l => l.Version < letter.Version))
                    {
                        older.Stopped = true;
                    }
                }
            }

            foreach (var letter in letters.Where(l => !l.Stopped && now < l.Prepared.ExpiresAt))
            {
                letter.SelectedAt ??= now;
                var told = letter.Prepared.ToThoseTold is null
                    ? []
                    : letters.Where(l => l != letter && (l.Version < letter.Version || !letter.Supersedes)).SelectMany(l => l.Got.Select(g => g.Person)).ToHashSet();
                var wanted = people.Where(p => told.Contains(p) || (letter.FansOut && p.Reads(letter.SelectedAt.Value) && p.Near(letter.SelectedAt.Value)))
                    .Where(p => p.Reads(now) && !letter.Got.Exists(g => g.Person == p)).ToList();
                foreach (var person in wanted.Take(random.Next(1, 20)))
                {
                    letter.Got.Add((person, now));
                    person.Open(letter);
                }

                letter.Done = wanted.Count == 0 || wanted.All(p => letter.Got.Exists(g => g.Person == p));
                if (letter.Done)
                {
                    letter.DoneAt ??= now;
                }
            }
        }

        private async Task<DateTimeOffset> NextAsync(DateTimeOffset now, DateTimeOffset end)
        {
            if (letters.Exists(l => !l.Done && !l.Stopped && now < l.Prepared.ExpiresAt) || unheard.Count > 0)
            {
                return now.AddMinutes(1);
            }

            await using var db = notices.Open();
            var next = script.Count > 0 ? script.Keys[0] : end;
            return await DueAsync(db) is { } due && due < next ? (due <= now ? now.AddMinutes(1) : due) : next <= now ? now.AddSeconds(1) : next;
        }

        private (DateTimeOffset, DateTimeOffset) Outage(DateTimeOffset from, DateTimeOffset to)
        {
            var start = from + ((to - from) * random.NextDouble());
            return random.Next(2) == 0 ? default : (start, start.AddMinutes(random.Next(5, 600)));
        }

        private static bool In((DateTimeOffset From, DateTimeOffset To) outage, DateTimeOffset now) => outage.From <= now && now < outage.To;
    }

    /// <summary>A mailing about the event, and who got it when.</summary>
    private sealed class Letter(MailingPrepared prepared, bool fansOut)
    {
        private readonly CalendarEvent entry = Ical.Net.Calendar.Load(prepared.Calendar!)!.Events.Single();

        public MailingPrepared Prepared => prepared;

        public bool FansOut => fansOut;

        public int Version => prepared.Tells![0].Version;

        public bool Supersedes => prepared.Kind is MailingKind.Change or MailingKind.Cancellation;

        public DateTimeOffset StartsAt => new(entry.Start!.AsUtc, TimeSpan.Zero);

        public bool Cancelled => entry.Status == "CANCELLED";

        public int Sequence => entry.Sequence;

        public List<(Person Person, DateTimeOffset At)> Got { get; } = [];

        public bool Stopped { get; set; }

        public bool Done { get; set; }

        public DateTimeOffset? DoneAt { get; set; }

        public DateTimeOffset? SelectedAt { get; set; }

        public bool SentBefore(DateTimeOffset instant) => DoneAt < instant;
    }

    /// <summary>A reader with a calendar that takes over what comes by mail (RFC 5546 §2.1.5: a lower SEQUENCE is old).</summary>
    private sealed class Person
    {
        public required int Number { get; init; }

        public DateTimeOffset JoinsAt { get; private init; }

        public DateTimeOffset LeavesAt { get; private init; } = DateTimeOffset.MaxValue;

        public DateTimeOffset MovesAt { get; private init; } = DateTimeOffset.MaxValue;

        public bool NearFirst { get; private init; }

        public Dictionary<Guid, (int Sequence, bool Cancelled, DateTimeOffset StartsAt)> Calendar { get; } = [];

        public static Person Born(int number, Random random, DateTimeOffset announced, DateTimeOffset start)
        {
            return new Person
            {
                Number = number,
                JoinsAt = random.Next(4) == 0 ? Between() : DateTimeOffset.MinValue,
                LeavesAt = random.Next(6) == 0 ? Between() : DateTimeOffset.MaxValue,
                MovesAt = random.Next(4) == 0 ? Between() : DateTimeOffset.MaxValue,
                NearFirst = random.Next(3) > 0,
            };

            DateTimeOffset Between() => announced + ((start - announced) * random.NextDouble());
        }

        public bool Reads(DateTimeOffset now) => JoinsAt <= now && now < LeavesAt || (now == DateTimeOffset.MaxValue && LeavesAt == now);

        public bool Near(DateTimeOffset now) => NearFirst == (now < MovesAt);

        public void Open(Letter letter)
        {
            if (!Calendar.TryGetValue(letter.Prepared.GroupId!.Value, out var held) || letter.Sequence >= held.Sequence)
            {
                Calendar[letter.Prepared.GroupId.Value] = (letter.Sequence, letter.Cancelled, letter.StartsAt);
            }
        }
    }
}
