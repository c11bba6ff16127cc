namespace Alerts.Tests.Unit.ServiceDefaults;

internal static class Eventually
{
    /// <summary>Asks until the answer satisfies <paramref name="when"/>, for at most <paramref name="seconds"/>.</summary>
    public static async Task<T> Get<T>(Func<Task<T>> ask, Func<T, bool> when, int seconds = 15)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(seconds);
        while (true)
        {
            var answer = await ask();
            if (when(answer))
            {
                return answer;
            }

            Assert.True(TimeProvider.System.GetUtcNow() < deadline, $"Still {answer} after {seconds} seconds.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
