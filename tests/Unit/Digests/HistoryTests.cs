using Alerts.Contracts;
using Alerts.Tests.Unit.Mailings;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Digests;

/// <summary>
/// Random histories of many readers against the real service: whatever is chosen, left, published, filed late, withdrawn and cut, and however often the process ends at a
/// commit, each reader gets each of her posts exactly once.
/// </summary>
public sealed class HistoryTests
{
    private static readonly string[] Zones = ["Europe/Oslo", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"];
    private static readonly string[] Lists = ["rivers", "bridges", "boats"];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    public async Task Each_reader_gets_each_of_her_posts_exactly_once(int seed, bool crashes)
    {
        await using var house = await DigestsHouse.BuildAsync();

        // Over the Samoan change of date and into the American change of clocks.
        house.Clock.AdjustTime(new DateTimeOffset(2011, 12, 27, 0, 0, 0, TimeSpan.Zero));
        var history = new History(house, new Random(seed), crashes);
        for (var step = 0; step < 100; step++)
        {
            await history.StepAsync();
        }

        await history.EndAsync();
    }

    private sealed class History(DigestsHouse house, Random random, bool crashes)
    {
        private readonly List<Guid> readers = [];
        private readonly List<PostPublished> posts = [];
        private readonly List<PostPublished> underway = [];
        private readonly HashSet<Guid> withdrawn = [];
        private bool ended;

        /// <summary>How each reader had each post when it was published.</summary>
        private readonly Dictionary<(Guid Reader, Guid Post), Frequency?> diary = [];

        /// <summary>Readers who at some time after the publication held none of the post's lists: whether she got it depends on when it was cut.</summary>
        private readonly HashSet<(Guid Reader, Guid Post)> leftMeanwhile = [];

        public async Task StepAsync()
        {
            switch (random.Next(12))
            {
                case 0 or 1:
                    var reader = new Guid(random.Next(), 0, 0, new byte[8]);
                    readers.Add(reader);
                    house.Audience.Join(reader, Zones[random.Next(Zones.Length)], random.Next(24), (DayOfWeek)random.Next(7));
                    Hold(reader);
                    break;
                case 2 or 3 or 4 when readers.Count > 0:
                    Hold(readers[random.Next(readers.Count)]);
                    break;
                case 5 or 6 or 7:
                    Publish();
                    break;
                case 8 when underway.Count > 0:
                    await FileAsync(underway[random.Next(underway.Count)]);
                    break;
                case 9 when posts.Count > 0 && random.Next(3) == 0:
                    var post = posts[random.Next(posts.Count)];
                    withdrawn.Add(post.PostId);
                    await house.TakeAsync(Given.Withdrawal(post));
                    break;
                case 10:
                    await SweepAsync(now: true);
                    break;
                default:
                    house.Clock.Advance(TimeSpan.FromHours(random.Next(1, 30)));
                    await SweepAsync(now: false);
                    break;
            }
        }

        /// <summary>All that is under way arrives, and nine days pass in which nothing is published.</summary>
        public async Task EndAsync()
        {
            ended = true;
            foreach (var post in underway.ToList())
            {
                await FileAsync(post);
            }

            for (var day = 0; day < 9; day++)
            {
                house.Clock.Advance(TimeSpan.FromDays(1));
                await SweepAsync(now: false);
            }

            await CheckReadersAsync();
            await CheckBooksAsync();
        }

        private void Hold(Guid reader)
        {
            house.Audience.Hold(reader, Lists[random.Next(Lists.Length)], random.Next(6) == 0 ? null : (Frequency)random.Next(3));
            foreach (var post in posts.Where(p => p.Lists.All(list => house.Audience.Holds(reader, list) is null)))
            {
                leftMeanwhile.Add((reader, post.PostId));
            }
        }

        private void Publish()
        {
            var lists = Lists.Where(_ => random.Next(2) == 0).DefaultIfEmpty("rivers").ToArray();
            var post = Given.Post(posts.Count + 1, lists) with { AudienceRevision = house.Audience.Revision, ReleasedAt = house.Clock.GetUtcNow() };
            posts.Add(post);
            underway.Add(post);
            foreach (var reader in readers)
            {
                diary[(reader, post.PostId)] = lists.Select(list => house.Audience.Holds(reader, list)).Min();
            }
        }

        private async Task FileAsync(PostPublished post)
        {
            underway.Remove(post);
            await house.TakeAsync(post);
            if (random.Next(4) == 0)
            {
                await house.TakeAsync(post);
            }
        }

        private async Task SweepAsync(bool now)
        {
            if (now)
            {
                await house.AskForCutAsync();
            }

            while (true)
            {
                try
                {
                    house.Crash.At(crashes ? random.Next(1, 25) : int.MaxValue);
                    await house.SweepAsync();
                    house.Crash.Never();
                    return;
                }
                catch (CrashException)
                {
                    // The next sweep is another process, some while after; the world may have moved on.
                    house.Crash.Never();
                    house.Clock.Advance(TimeSpan.FromMinutes(1));
                    if (!ended && random.Next(3) == 0)
                    {
                        Publish();
                        await FileAsync(posts[^1]);
                    }
                }
            }
        }

        private async Task CheckReadersAsync()
        {
            var mails = await house.MailsAsync(posts);
            foreach (var reader in readers)
            {
                var got = mails[reader].SelectMany(numbers => numbers).ToList();
                Assert.Equal(got.Distinct(), got);
                foreach (var (post, number) in posts.Select((post, index) => (post, index + 1)))
                {
                    var owed = diary.GetValueOrDefault((reader, post.PostId)) is Frequency.Daily or Frequency.Weekly;
                    if (!owed)
                    {
                        Assert.DoesNotContain(number, got);
                    }
                    else if (!leftMeanwhile.Contains((reader, post.PostId)) && !withdrawn.Contains(post.PostId))
                    {
                        Assert.Contains(number, got);
                    }
                }
            }
        }

        private async Task CheckBooksAsync()
        {
            var prepared = (await house.SentAsync<MailingPrepared>()).Select(m => m.MailingId).ToList();
            var seals = (await house.SentAsync<MailingSealed>()).ToDictionary(s => s.MailingId);
            var batches = (await house.SentAsync<RecipientsAdded>()).ToLookup(b => b.MailingId);
            Assert.Equal(prepared.Distinct(), prepared);
            Assert.Equal(prepared.Order(), seals.Keys.Order());
            foreach (var seal in seals.Values)
            {
                Assert.Equal(seal.Batches, batches[seal.MailingId].Count());
                Assert.Equal(seal.Recipients, batches[seal.MailingId].Sum(b => b.Recipients.Count));
                Assert.Equal(seal.Candidates, seal.Recipients + seal.Excluded.Values.Sum());
                Assert.Equal(batches[seal.MailingId].Select(b => b.Batch).Distinct().Count(), batches[seal.MailingId].Count());
            }

            await using var db = house.Open();
            Assert.True(await db.Cuts.AllAsync(c => c.FinishedAt != null, TestContext.Current.CancellationToken));
            Assert.True(await db.CutRequests.AllAsync(r => r.DoneAt != null, TestContext.Current.CancellationToken));
        }
    }
}
