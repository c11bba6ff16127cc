using System.Net;
using Alerts.Tests.Servers;
using MimeKit;

namespace Alerts.Tests.Integration;

/// <summary>The way of a post, from an editor or a feed to the readers' mailboxes.</summary>
[Collection(nameof(SharedHouses))]
public sealed class WayOfAPostTests(SharedHouses houses)
{
    private static readonly string[] Border = ["border"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Setup.Embedded)]
    [InlineData(Setup.Apart)]
    public async Task Each_reader_gets_each_post_once_in_the_way_she_chose(Setup setup)
    {
        var house = await houses.GetAsync(setup);
        var list = houses.NextList();
        await house.AddListAsync(list);
        await house.AddListAsync(list + "-elsewhere");
        await house.SubscribeAsync($"ada@{list}.example", list, "immediate");
        await house.SubscribeAsync($"ben@{list}.example", list, "daily");
        await house.SubscribeAsync($"cyn@{list}.example", list, "weekly");
        await house.SubscribeAsync($"dan@{list}.example", list + "-elsewhere", "immediate");

        await house.PublishAsync(list, "Crossing reopens");
        await house.PublishAsync(list, "Crossing closes again");

        var atOnce = await house.WaitForMailsAsync($"ada@{list}.example", 2);
        Assert.Equal(["Crossing closes again", "Crossing reopens"], atOnce.Select(m => m.Subject).Order());
        Assert.Empty(await house.MailsToAsync($"ben@{list}.example"));

        await house.RunAsync("cut", "--now");
        var digest = Assert.Single(await house.WaitForMailsAsync($"ben@{list}.example", 1));
        Assert.Contains("Crossing reopens", digest.Html, StringComparison.Ordinal);
        Assert.Contains("Crossing closes again", digest.Html, StringComparison.Ordinal);
        Assert.Contains("Crossing reopens", digest.Text, StringComparison.Ordinal);
        await house.WaitForMailsAsync($"cyn@{list}.example", 1);

        await house.RunAsync("cut", "--now");
        await house.SettleAsync();
        Assert.Equal(2, (await house.MailsToAsync($"ada@{list}.example")).Count);
        Assert.Single(await house.MailsToAsync($"ben@{list}.example"));
        Assert.Single(await house.MailsToAsync($"cyn@{list}.example"));
        Assert.Empty(await house.MailsToAsync($"dan@{list}.example"));
    }

    [Theory]
    [InlineData(Setup.Embedded)]
    [InlineData(Setup.Apart)]
    public async Task The_first_reading_of_a_feed_is_one_digest_and_reading_it_again_changes_nothing(Setup setup)
    {
        using var folder = new TempFolder();
        var house = await houses.GetAsync(setup);
        var list = houses.NextList();
        await house.AddListAsync(list);
        await house.SubscribeAsync($"ada@{list}.example", list, "immediate");
        await house.SubscribeAsync($"ben@{list}.example", list, "daily");
        var feed = await Blog.WriteAsync(folder.Path, list, Enumerable.Range(1, 17));

        await house.RunAsync("import-feed", feed, "--list", list);
        await house.RunAsync("cut", "--now");

        var atOnce = Assert.Single(await house.WaitForMailsAsync($"ada@{list}.example", 1));
        var digest = Assert.Single(await house.WaitForMailsAsync($"ben@{list}.example", 1));
        foreach (var part in new[] { atOnce.Text, digest.Text })
        {
            var places = Enumerable.Range(1, 17).Reverse().Select(number => part.IndexOf(Blog.Title(number), StringComparison.Ordinal)).ToList();
            Assert.DoesNotContain(-1, places);
            Assert.Equal(places.Order(), places);
        }

        await house.RunAsync("import-feed", feed, "--list", list);
        await house.RunAsync("cut", "--now");
        await house.SettleAsync();
        Assert.Equal(2, (await house.MailsAtAsync($"{list}.example")).Count);

        // A new entry goes as usual; an edited one goes to nobody again.
        await Blog.WriteAsync(folder.Path, list, Enumerable.Range(1, 18), number => number == 3 ? "Number three, mended." : $"The whole of number {number}.");
        await house.RunAsync("import-feed", feed, "--list", list);
        await house.WaitForMailsAsync($"ada@{list}.example", 2);
        await house.RunAsync("cut", "--now");
        var second = (await house.WaitForMailsAsync($"ben@{list}.example", 2)).Single(m => m.Message.MessageId != digest.Message.MessageId);
        await house.SettleAsync();
        Assert.Contains(Blog.Title(18), second.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Blog.Title(3), second.Text, StringComparison.Ordinal);
        Assert.Equal(4, (await house.MailsAtAsync($"{list}.example")).Count);
    }

    [Theory]
    [InlineData(Setup.Embedded)]
    [InlineData(Setup.Apart)]
    public async Task A_mail_is_what_a_list_mail_must_be_and_leaves_with_one_click(Setup setup)
    {
        var house = await houses.GetAsync(setup);
        var list = houses.NextList();
        await house.AddListAsync(list);
        await house.SubscribeAsync($"ada@{list}.example", list, "immediate");

        await house.PublishAsync(list, "Überfahrt: 국경 다시 열림");

        var mail = Assert.Single(await house.WaitForMailsAsync($"ada@{list}.example", 1));
        Assert.Equal("Überfahrt: 국경 다시 열림", mail.Subject);
        Assert.IsType<MultipartAlternative>(mail.Message.Body);
        Assert.NotEmpty(mail.Text);
        Assert.NotEmpty(mail.Html);
        Assert.Equal("auto-generated", mail.Header("Auto-Submitted"));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Header("List-Unsubscribe-Post"));
        Assert.Contains(list, mail.Header("List-Id"), StringComparison.Ordinal);
        Assert.DoesNotContain("alerts-hole", mail.Message.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain($"ada@{list}.example", mail.Html, StringComparison.Ordinal);

        var leave = new Uri(mail.Header("List-Unsubscribe").Trim('<', '>')).AbsolutePath;
        using var anonymous = new HttpClient { BaseAddress = house.Process("subscriptions").Url };
        using (var seen = await anonymous.GetAsync(new Uri(leave, UriKind.Relative), Cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        }

        await house.PublishAsync(list, "Still here after a look");
        await house.WaitForMailsAsync($"ada@{list}.example", 2);
        foreach (var _ in Enumerable.Range(1, 2))
        {
            using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
            using var left = await anonymous.PostAsync(new Uri(leave, UriKind.Relative), form, Cancellation);
            Assert.Equal(HttpStatusCode.OK, left.StatusCode);
        }

        await house.PublishAsync(list, "Gone");
        await house.SettleAsync();
        Assert.Equal(2, (await house.MailsAtAsync($"{list}.example")).Count);
    }

    [Fact]
    public async Task A_daily_digest_comes_by_itself_at_the_readers_own_hour()
    {
        var hour = DateTimeOffset.Parse("2026-03-02T09:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        await using var house = await House.StartAsync(Setup.Embedded, hour.AddHours(-1));
        await house.AddListAsync("border");
        await house.SubscribeAsync("seoul@example.org", "border", "daily", "Asia/Seoul", 18);
        await house.SubscribeAsync("london@example.org", "border", "daily", "Europe/London", 18);

        await house.PublishAsync("border", "Evening news");
        await house.KillAndStartAtAsync(hour.AddSeconds(-30));

        await house.WaitForMailsAsync("seoul@example.org", 1);
        await house.SettleAsync();
        Assert.Empty(await house.MailsToAsync("london@example.org"));
    }

    [Fact]
    public async Task A_scheduled_post_goes_out_at_its_hour()
    {
        await using var house = await House.StartAsync(Setup.Embedded);
        await house.AddListAsync("border");
        await house.SubscribeAsync("ada@example.org", "border", "immediate");

        var post = await house.PostAsync(
            "publishing",
            "/api/posts",
            new { title = "In a moment", markdown = "Text", lists = Border, publishAt = TimeProvider.System.GetUtcNow().AddSeconds(8) });

        Assert.Equal("scheduled", post["state"]!.ToString());
        Assert.Empty(await house.MailsAsync());
        await house.WaitForMailsAsync("ada@example.org", 1);
    }
}
