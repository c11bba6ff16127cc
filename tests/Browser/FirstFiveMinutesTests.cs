using Alerts.Tests.Servers;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>What a newcomer does in the README's first five minutes, in a real browser. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed class FirstFiveMinutesTests
{
    private static readonly LocatorAssertionsToBeVisibleOptions InAMinute = new() { Timeout = 60_000 };

    private static readonly string[] PublicPages = ["/", "/archive", "/subscribe", "/staff/sign-in"];

    [Fact]
    public async Task The_first_admin_sets_a_password_loads_the_demo_and_reads_its_mails()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();
        var page = await browser.OpenAsync(alerts.Url.ToString());

        await page.GotoAsync(await alerts.WelcomeAsync());
        await page.LookAsync("welcome");
        await page.GetByLabel("Your mail address").FillAsync("admin@example.org");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a long enough password");
        await page.GetByLabel("The password again").FillAsync("a long enough password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();
        await page.GotoAsync("/");
        await page.LookAsync("empty");

        await page.GetByRole(AriaRole.Button, new() { Name = "Load the demo" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "What we know about the Harbour Street detentions" }).First).ToBeVisibleAsync(InAMinute);
        await Eventually.Get(() => MailsOf(alerts), count => count >= 50, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await page.GotoAsync("/");
        await page.LookAsync("first-page");
        await page.GotoAsync("/mailbox");
        await page.LookAsync("mailbox");
        await page.GetByRole(AriaRole.Link, new() { Name = "Hearing moved to Thursday" }).First.ClickAsync();
        await Assertions.Expect(page.FrameLocator("iframe").Locator("strong", new() { HasText = "courtroom 4" })).ToBeVisibleAsync(InAMinute);
        await page.LookAsync("mail");
        await page.GotoAsync("/admin/mailings");
        await page.LookAsync("mailings");
    }

    [Fact]
    public async Task The_public_pages_are_accessible_without_script_on_a_phone()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        await alerts.RunAsync("demo");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();

        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var page = await browser.OpenAsync(alerts.Url.ToString(), 390, 844, scheme);
            foreach (var path in PublicPages)
            {
                await page.GotoAsync(path);
                await page.LookAsync($"phone-{scheme}{path.Replace('/', '-')}");
            }
        }
    }

    private static int MailsOf(AlertsProcess alerts)
    {
        var folder = Path.Combine(alerts.Data, "mailbox");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.eml").Length : 0;
    }
}
