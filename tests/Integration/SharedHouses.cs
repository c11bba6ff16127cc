namespace Alerts.Tests.Integration;

/// <summary>
/// One house of each setup for the tests of several classes, one after the other: six processes, a broker and a database take half a minute to start. Each test has a list and
/// readers of its own, and finds every service running.
/// </summary>
[CollectionDefinition(nameof(SharedHouses))]
public sealed class SharedHouses : ICollectionFixture<SharedHouses>, IAsyncDisposable
{
    private readonly Dictionary<Setup, House> houses = [];
    private int lists;

    internal string NextList() => $"border{++lists}";

    internal async Task<House> GetAsync(Setup setup)
    {
        if (!houses.TryGetValue(setup, out var house))
        {
            houses.Add(setup, house = await House.StartAsync(setup));
        }

        await house.StartMissingAsync();
        return house;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var house in houses.Values)
        {
            await house.DisposeAsync();
        }
    }
}
