namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>
/// Random histories: whatever is chosen, left, paused, published, corrected, filed late, withdrawn and cut, whatever the clock does and however often the process ends at a
/// commit, each reader gets each of her posts exactly once. A small part of what <c>infra/histories.sh</c> runs.
/// </summary>
public sealed class HistoryTests
{
    [Fact]
    public async Task By_the_rules_alone_each_reader_gets_each_of_her_posts_exactly_once()
    {
        var (seeds, steps) = (ServiceHistories.From("HISTORIES_OF_RULES", 12), ServiceHistories.From("HISTORIES_OF_RULES_STEPS", 2_000));
        var (mails, posts) = (0L, 0L);
        await Parallel.ForEachAsync(Enumerable.Range(1, seeds), TestContext.Current.CancellationToken, async (seed, _) =>
        {
            var history = new History(new RulesAtWork(), seed, mostReaders: 4);
            try
            {
                await history.RunAsync(steps);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}\n{history.Lately}", exception);
            }

            Interlocked.Add(ref mails, history.Happened.Mails);
            Interlocked.Add(ref posts, history.Happened.Posts);
        });

        TestContext.Current.TestOutputHelper!.WriteLine($"{seeds} histories of {steps} steps by the rules: {mails} digests with {posts} posts");
        Assert.True(posts > mails && mails > seeds * steps / 100, $"{mails} digests with {posts} posts: next to nothing happened.");
    }

    [Fact]
    public async Task Through_the_service_each_reader_gets_each_of_her_posts_exactly_once()
    {
        var (seeds, steps) = (ServiceHistories.From("HISTORIES_OF_SERVICE", 5), ServiceHistories.From("HISTORIES_OF_SERVICE_STEPS", 80));
        await ServiceHistories.RunAsync(seeds, steps, _ => Task.FromResult<string?>(null));
    }
}
