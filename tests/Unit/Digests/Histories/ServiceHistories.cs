namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>Histories of the service on databases of their own, three of four with crashes.</summary>
internal static class ServiceHistories
{
    /// <summary>How many there are to be: what the variable says, which <c>infra/histories.sh</c> sets.</summary>
    public static int From(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? int.Parse(set, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

    /// <param name="database">The connection string of an empty PostgreSQL database for a seed; null: SQLite.</param>
    public static async Task RunAsync(int seeds, int steps, Func<int, Task<string?>> database)
    {
        var (mails, posts) = (0L, 0L);
        foreach (var seed in Enumerable.Range(1, seeds))
        {
            await using var house = await DigestsHouse.BuildAsync(await database(seed));
            var service = new ServiceAtWork(house, crashes: seed % 4 != 0);
            var history = new History(service, seed, mostReaders: 14);
            try
            {
                await history.RunAsync(steps);
                await service.CheckBooksAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}\n{history.Lately}", exception);
            }

            mails += history.Happened.Mails;
            posts += history.Happened.Posts;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{seeds} histories of {steps} steps through the service: {mails} digests with {posts} posts");
        Assert.True(posts > mails && mails > seeds, $"{mails} digests with {posts} posts: next to nothing happened.");
    }
}
