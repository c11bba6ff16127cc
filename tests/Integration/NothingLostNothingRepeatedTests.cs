using System.Globalization;
using Alerts.Tests.Servers;

namespace Alerts.Tests.Integration;

/// <summary>Whatever is stopped, purged, started late or killed: each reader gets each post once.</summary>
public sealed class NothingLostNothingRepeatedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RabbitMQ_may_stop_in_the_middle()
    {
        await using var house = await WithReadersAsync();
        await house.PublishAsync("border", "Before");
        await house.WaitForMailsAsync("ada@example.org", 1);

        await house.RabbitMq!.StopAsync();
        await house.PublishAsync("border", "While it was away");
        await house.RabbitMq.StartAgainAsync(Cancellation);
        await house.PublishAsync("border", "After");

        await EachPostOnceAsync(house, "Before", "While it was away", "After");
    }

    [Fact]
    public async Task Every_queue_may_be_purged()
    {
        await using var house = await WithReadersAsync("notices", "digests");
        await house.PublishAsync("border", "Purged");
        await Eventually.Get(
            () => house.RabbitMq!.QueuesAsync(Cancellation), queues => queues.GetValueOrDefault("alerts.notices.post-published") > 0, House.Patience, Cancellation);

        await house.RabbitMq!.PurgeAllQueuesAsync(Cancellation);
        await house.StartAsync("notices");
        await house.StartAsync("digests");

        await EachPostOnceAsync(house, "Purged");
    }

    [Fact]
    public async Task A_service_may_start_after_the_posts_were_published()
    {
        await using var house = await WithReadersAsync("digests");
        await house.PublishAsync("border", "One");
        await house.PublishAsync("border", "Two");
        await house.WaitForMailsAsync("ada@example.org", 2);

        await house.StartAsync("digests");

        await EachPostOnceAsync(house, "One", "Two");
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

    private static async Task<House> WithReadersAsync(params string[] without)
    {
        var house = await House.StartAsync(Setup.Apart, clock: null, adjust: null, without);
        await house.AddListAsync("border");
        await house.SubscribeAsync("ada@example.org", "border", "immediate");
        await house.SubscribeAsync("ben@example.org", "border", "daily");
        return house;
    }

    private static async Task EachPostOnceAsync(House house, params string[] titles)
    {
        await house.WaitForMailsAsync("ada@example.org", titles.Length);
        await house.RunAsync("cut", "--now");
        await house.WaitForMailsAsync("ben@example.org", 1);
        await house.SettleAsync();

        Assert.Equal(titles.Order(), (await house.MailsToAsync("ada@example.org")).Select(m => m.Subject).Order());
        var digest = Assert.Single(await house.MailsToAsync("ben@example.org"));
        Assert.All(titles, title => Assert.Contains(title, digest.Text, StringComparison.Ordinal));
    }
}
