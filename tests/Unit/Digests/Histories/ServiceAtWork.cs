using Alerts.Contracts;
using Alerts.Tests.Unit.Mailings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>The whole service on a database. With crashes, its process ends before and after commits, and another goes on.</summary>
internal sealed class ServiceAtWork(DigestsHouse house, bool crashes) : IDigestsAtWork
{
    public AudienceModel Audience => house.Audience;

    public FakeTimeProvider Clock => house.Clock;

    public Task TakeAsync(PostPublished published) => house.TakeAsync(published);

    public Task TakeAsync(PostCorrected corrected) => house.TakeAsync(corrected);

    public Task TakeAsync(PostWithdrawn withdrawn) => house.TakeAsync(withdrawn);

    public Task<List<(Guid Reader, IReadOnlyList<(int Number, int? Version)> Posts)>> NewMailsAsync() => house.NewMailsAsync();

    public async Task<long> PurgeAsync()
    {
        await house.PurgeAsync();
        return 0;
    }

    public async Task SweepAsync(bool now, Random random)
    {
        if (now)
        {
            await house.AskForCutAsync();
        }

        while (true)
        {
            try
            {
                house.Crash.At(crashes && random.Next(2) == 0 ? random.Next(1, 25) : int.MaxValue);
                await house.SweepAsync();
                house.Crash.Never();
                return;
            }
            catch (CrashException)
            {
                // The next sweep is another process, some while after: past the leases of the first.
                house.Crash.Never();
                house.Clock.Advance(TimeSpan.FromMinutes(2));
            }
        }
    }

    /// <summary>Every edition is a mailing whose books add up.</summary>
    public async Task CheckBooksAsync()
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
        Assert.False(await db.Stretches.AnyAsync(TestContext.Current.CancellationToken));
    }
}
