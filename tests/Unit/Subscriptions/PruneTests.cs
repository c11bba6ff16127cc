using Alerts.Contracts;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Subscribers;
using CsCheck;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Subscriptions;

/// <summary>Old revisions are forgotten, and nothing that can still be asked for.</summary>
public class PruneTests
{
    private static readonly string[] Lists = ["news", "jobs"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_revision_of_the_last_half_year_has_the_audience_it_had()
    {
        // Days between changes, who changes, what she holds afterwards.
        var anyChange = Gen.Select(Gen.Int[0, 60], Gen.Int[0, 3], Gen.Int[0, 1], Gen.OneOf<Frequency?>(null, Frequency.Immediate, Frequency.Daily, Frequency.Weekly));
        await anyChange.Array[5, 40].SampleAsync(
            async changes =>
            {
                await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
                var readers = new List<Guid>();
                for (var n = 0; n < 4; n++)
                {
                    readers.Add(await database.AddAsync($"r{n}@example.org"));
                }

                var then = new List<(long Revision, DateTimeOffset At, List<Candidate> Audience)>();
                foreach (var (days, reader, list, frequency) in changes)
                {
                    for (var day = 0; day < days; day++)
                    {
                        database.Clock.Advance(TimeSpan.FromDays(1));
                        await PruneAsync(database);
                    }

                    var revision = await database.ChangeAsync(readers[reader], (her, change) =>
                    {
                        if (frequency is { } chosen)
                        {
                            her.Hold(Lists[list], chosen, change);
                        }
                        else
                        {
                            her.Leave(Lists[list], change);
                        }
                    });
                    then.Add((revision, database.Clock.GetUtcNow(), await database.AllAsync(["news"], null, revision)));
                }

                await PruneAsync(database);
                var before = database.Clock.GetUtcNow() - PruneRevisions.Kept;
                foreach (var (revision, at, audience) in then.Where(t => t.At >= before))
                {
                    var now = await database.AllAsync(["news"], null, revision);
                    if (!audience.Select(c => c.SubscriberId).SequenceEqual(now.Select(c => c.SubscriberId)))
                    {
                        return false;
                    }
                }

                await using var db = database.Open();
                var oldest = await db.RevisionMarks.OrderBy(m => m.At).FirstAsync(Cancelled);
                return !await db.Subscriptions.AnyAsync(s => s.ToRev <= oldest.Revision, Cancelled) || oldest.At >= before;
            },
            iter: 6,
            threads: 1,
            seed: "0000KOIr7P70");
    }

    [Fact]
    public async Task Who_was_erased_long_ago_leaves_no_row_but_the_hash()
    {
        await using var database = await SubscriptionsDatabase.CreateAsync(Lists);
        var gone = await database.AddAsync("gone@example.org", new Wanted("news", Frequency.Daily));
        await database.AddAsync("stays@example.org", new Wanted("news", Frequency.Daily));
        await database.EraseAsync(gone);
        for (var day = 0; day <= PruneRevisions.Kept.TotalDays + 1; day++)
        {
            await PruneAsync(database);
            database.Clock.Advance(TimeSpan.FromDays(1));
        }

        await PruneAsync(database);
        await using var db = database.Open();
        Assert.Equal("stays@example.org", (await db.Subscribers.SingleAsync(Cancelled)).Address);
        Assert.Single(await db.Subscriptions.ToListAsync(Cancelled));
        Assert.Single(await db.ErasedAddresses.ToListAsync(Cancelled));
        Assert.DoesNotContain(await db.Consents.ToListAsync(Cancelled), c => c.SubscriberId == gone);
    }

    private static async Task PruneAsync(SubscriptionsDatabase database)
    {
        await using var db = database.Open();
        await new PruneRevisions(db, database.Clock).RunAsync(Cancelled);
    }
}
