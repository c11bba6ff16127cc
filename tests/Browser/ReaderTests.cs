using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>A reader's whole way, on a phone without script, mails and all. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed partial class ReaderTests
{
    [GeneratedRegex(@"https?://[^/\s]+(/(?:confirm|move|preferences|u)/[\w-]+)")]
    private static partial Regex OurLinks();

    [Fact]
    public async Task She_signs_up_confirms_changes_pauses_moves_leaves_comes_back_and_is_erased()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        foreach (var (slug, name) in new[] { ("border", "Border notes"), ("city", "City council") })
        {
            var added = await alerts.RunAsync("lists", "add", slug, "--name", name);
            Assert.True(added.ExitCode == 0, added.Error);
        }

        var key = (await alerts.RunAsync("keys", "add", "regions", "--role", "admin")).Output.Trim();
        foreach (var region in new object[] { new { slug = "KR", name = "Korea" }, new { slug = "seoul", name = "Seoul", parent = "KR" }, new { slug = "US-NY", name = "New York" } })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/regions", UriKind.Relative)) { Content = JsonContent.Create(region), Headers = { Authorization = new("Bearer", key) } };
            using var answer = await alerts.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();

        var page = await browser.OpenAsync(alerts.Url.ToString(), 390, 844, ColorScheme.Dark);

        await page.GotoAsync("/subscribe");
        var bytes = await page.EvaluateAsync<int>("performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).reduce((sum, each) => sum + each.decodedBodySize, 0)");
        Assert.InRange(bytes, 1_000, 50_000);
        await page.LookAsync("reader-subscribe");
        await page.GetByLabel("Your mail address").FillAsync("ada@example.org");
        await page.GetByLabel("Border notes").CheckAsync();
        await page.PressAsync("Subscribe");
        if (await page.GetByText("One more press, please").IsVisibleAsync())
        {
            // She was as fast as a robot.
            await page.LookAsync("reader-once-more");
            await page.PressAsync("Subscribe");
        }

        await page.LookAsync("reader-signed-up");

        await page.GotoAsync(await LinkAsync(alerts, "ada@example.org", "Please confirm your subscription"));
        await page.PressAsync("Yes, send me these");
        await page.GetByRole(AriaRole.Link, new() { Name = "Choose when and how often" }).ClickAsync();
        var preferences = new Uri(page.Url).AbsolutePath;

        // What she writes is taken over, and is there when she looks again; what is wrong stands beside its field.
        await page.GetByLabel("No mail before").FillAsync("2020-01-01");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("Give a day from tomorrow on")).ToBeVisibleAsync();
        var back = TimeProvider.System.GetUtcNow().AddDays(10).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await page.GetByLabel("No mail before").FillAsync(back);
        await page.GetByLabel("City council").SelectOptionAsync("Weekly digest");
        await page.GetByText("In Korea").ClickAsync();
        await page.GetByLabel("Seoul").CheckAsync();
        await page.GetByLabel("Tell me of events").UncheckAsync();
        await page.GetByLabel("Your time zone").SelectOptionAsync("Asia/Seoul");
        await page.PressAsync("Save");
        await page.GotoAsync(preferences);
        await Assertions.Expect(page.GetByLabel("No mail before")).ToHaveValueAsync(back);
        await Assertions.Expect(page.GetByLabel("City council")).ToHaveValueAsync("weekly");
        await Assertions.Expect(page.GetByLabel("Seoul")).ToBeCheckedAsync();
        await Assertions.Expect(page.GetByLabel("New York")).Not.ToBeCheckedAsync();
        await Assertions.Expect(page.GetByLabel("Tell me of events")).Not.ToBeCheckedAsync();
        await page.GetByText("What you agreed to, and when").ClickAsync();
        await Assertions.Expect(page.GetByText("joined city (Weekly digest), on the preferences page")).ToBeVisibleAsync();
        await page.LookAsync("reader-preferences");

        var download = await page.APIRequest.GetAsync(alerts.Url.ToString().TrimEnd('/') + preferences + "/data");
        var data = await download.JsonAsync();
        Assert.Equal("ada@example.org", data!.Value.GetProperty("reader").GetProperty("address").GetString());
        Assert.Equal("asked", data.Value.GetProperty("consent").EnumerateArray().Last().GetProperty("what").GetString());

        // Another address: both must say yes.
        await page.GetByLabel("Another address").FillAsync("ada@new.example.org");
        await page.PressAsync("Change my address");
        await page.LookAsync("reader-moving");
        await page.GotoAsync(await LinkAsync(alerts, "ada@new.example.org", "Please confirm your new address"));
        await page.LookAsync("reader-move");
        await page.PressAsync("Yes");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "One more yes" })).ToBeVisibleAsync();
        await page.GotoAsync(await LinkAsync(alerts, "ada@example.org", "May we write to you elsewhere?"));
        await page.PressAsync("Yes");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your address is changed" })).ToBeVisibleAsync();
        await page.GotoAsync(preferences);
        await Assertions.Expect(page.GetByText("We write to ada@new.example.org")).ToBeVisibleAsync();

        await page.PressAsync("Leave all lists");
        await Assertions.Expect(page.GetByText("You have left all lists.")).ToBeVisibleAsync();
        await page.GetByLabel("Border notes").SelectOptionAsync("At once");
        await page.GetByLabel("No mail before").FillAsync("");
        await page.PressAsync("Save");

        // The pages speak her language: the one she chose, or the one the address names.
        await page.GetByLabel("Your language").SelectOptionAsync("한국어");
        await page.PressAsync("Save");
        await page.GotoAsync(preferences);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "구독 설정" })).ToBeVisibleAsync();
        await page.LookAsync("reader-preferences-ko");
        await page.GotoAsync(preferences + "?lang=ar");
        await Assertions.Expect(page.Locator("html[lang=ar][dir=rtl]")).ToBeAttachedAsync();
        await page.LookAsync("reader-preferences-ar");
        await page.GotoAsync("/subscribe?lang=ar");
        await page.LookAsync("reader-subscribe-ar");
        await page.GotoAsync("/privacy?lang=ko");
        await page.LookAsync("reader-privacy-ko");
        await page.GotoAsync(preferences + "?lang=en");
        await page.GetByLabel("Your language").SelectOptionAsync("English");
        await page.PressAsync("Save");
        await page.GotoAsync(preferences);

        await page.GetByRole(AriaRole.Link, new() { Name = "Erase me" }).ClickAsync();
        await page.LookAsync("reader-erase");
        await page.PressAsync("Erase me");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are erased" })).ToBeVisibleAsync();
        await page.GotoAsync(preferences);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This link doesn't work" })).ToBeVisibleAsync();
    }

    /// <summary>The path of the first link of ours in a mail, once it is there.</summary>
    private static async Task<string> LinkAsync(AlertsProcess alerts, string to, string subject) =>
        OurLinks().Match((await alerts.MailAsync(to, mail => mail.Subject == subject)).TextBody!).Groups[1].Value;
}
