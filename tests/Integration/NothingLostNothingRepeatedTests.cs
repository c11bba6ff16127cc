using System.Globalization;
using Alerts.Tests.Servers;

namespace Alerts.Tests.Integration;

/// <summary>Whatever is stopped, purged, started late or killed: each reader gets each post once.</summary>
[Collection(nameof(SharedHouses))]
public sealed class NothingLostNothingRepeatedTests(SharedHouses houses)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RabbitMQ_may_stop_in_the_middle()
    {
        var (house, list) = await WithReadersAsync();
        await house.PublishAsync(list, "Before");
        await house.WaitForMailsAsync($"ada@{list}.example", 1);

        await house.RabbitMq!.StopAsync();
        await house.PublishAsync(list, "While it was away");
        await house.RabbitMq.StartAgainAsync(Cancellation);
        await house.PublishAsync(list, "After");

        await EachPostOnceAsync(house, list, "Before", "While it was away", "After");
    }

    [Fact]
    public async Task Every_queue_may_be_purged()
    {
        var (house, list) = await WithReadersAsync("notices", "digests");
        await house.PublishAsync(list, "Purged");
        await Eventually.Get(
            () => house.RabbitMq!.QueuesAsync(Cancellation), queues => queues.GetValueOrDefault("alerts.notices.post-published") > 0, House.Patience, Cancellation);

        await house.RabbitMq!.PurgeAllQueuesAsync(Cancellation);
        await house.StartAsync("notices");
        await house.StartAsync("digests");

        await EachPostOnceAsync(house, list, "Purged");
    }

    [Fact]
    public async Task A_service_may_start_after_the_posts_were_published()
    {
        var (house, list) = await WithReadersAsync("digests");
        await house.PublishAsync(list, "One");
        await house.PublishAsync(list, "Two");
        await house.WaitForMailsAsync($"ada@{list}.example", 2);

        await house.StartAsync("digests");

        await EachPostOnceAsync(house, list, "One", "Two");
    }

    [Fact]
    public async Task The_embedded_product_may_be_killed_and_started_the_next_day()
    {
        var today = DateTimeOffset.Parse("2026-03-02T12:00:00Z", CultureInfo.InvariantCulture);
        await using var house = await House.StartAsync(Setup.Embedded, today);
        await house.AddListAsync("border");
        for (var reader = 0; reader < 300; reader++)
        {
            await house.SubscribeAsync($"reader{reader}@example.org", "border", "immediate");
        }

        await house.SubscribeAsync("ben@example.org", "border", "daily");
        await house.PublishAsync("border", "Just before the kill");
        await Eventually.Get(house.MailsAsync, mails => mails.Count > 20, House.Patience, Cancellation);

        await house.KillAndStartAtAsync(today.AddDays(1));

        // Her hour, 18:00, passed while nothing ran: the missed digest is made up once.
        await house.WaitForMailsAsync("ben@example.org", 1);
        await Eventually.Get(house.MailsAsync, mails => mails.Count == 301, House.Patience, Cancellation);
        await house.SettleAsync();
        var mails = await house.MailsAsync();
        Assert.Equal(301, mails.Count);
        Assert.Equal(301, mails.Select(m => m.To).Distinct().Count());
    }

    /// <param name="without">Services that aren't running.</param>
    private async Task<(House House, string List)> WithReadersAsync(params string[] without)
    {
        var house = await houses.GetAsync(Setup.Apart);
        foreach (var service in without)
        {
            await house.StopAsync(service);
        }

        var list = houses.NextList();
        await house.AddListAsync(list);
        await house.SubscribeAsync($"ada@{list}.example", list, "immediate");
        await house.SubscribeAsync($"ben@{list}.example", list, "daily");
        return (house, list);
    }

    private static async Task EachPostOnceAsync(House house, string list, params string[] titles)
    {
        await house.WaitForMailsAsync($"ada@{list}.example", titles.Length);
        await house.RunAsync("cut", "--now");
        await house.WaitForMailsAsync($"ben@{list}.example", 1);
        await house.SettleAsync();

        Assert.Equal(titles.Order(), (await house.MailsToAsync($"ada@{list}.example")).Select(m => m.Subject).Order());
        var digest = Assert.Single(await house.MailsToAsync($"ben@{list}.example"));
        Assert.All(titles, title => Assert.Contains(title, digest.Text, StringComparison.Ordinal));
    }
}
