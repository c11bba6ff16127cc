using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>What a newcomer does in the README's first five minutes, in a real browser. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed partial class FirstFiveMinutesTests
{
    private static readonly LocatorAssertionsToBeVisibleOptions InAMinute = new() { Timeout = 60_000 };

    private static readonly string[] PublicPages = ["/", "/archive", "/subscribe", "/staff/sign-in"];

    [GeneratedRegex(@"/staff/welcome/[\w-]+")]
    private static partial Regex Welcome();

    [Fact]
    public async Task The_first_admin_sets_a_password_loads_the_demo_and_reads_its_mails()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.ExecutablePath, Args = Chromium.Arguments });
        var page = await browser.NewPageAsync(new() { BaseURL = alerts.Url.ToString(), ViewportSize = new() { Width = 1280, Height = 900 } });
        page.SetDefaultTimeout(60_000);

        var welcome = await Eventually.Get(() => Welcome().Match(alerts.Output).Value, path => path.Length > 0, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await page.GotoAsync(welcome);
        await LookAsync(page, "welcome");
        await page.GetByLabel("Your mail address").FillAsync("admin@example.org");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a long enough password");
        await page.GetByLabel("The password again").FillAsync("a long enough password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();
        await page.GotoAsync("/");
        await LookAsync(page, "empty");

        await page.GetByRole(AriaRole.Button, new() { Name = "Load the demo" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "What we know about the Harbour Street detentions" }).First).ToBeVisibleAsync(InAMinute);
        await Eventually.Get(() => MailsOf(alerts), count => count >= 50, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await page.GotoAsync("/");
        await LookAsync(page, "first-page");
        await page.GotoAsync("/mailbox");
        await LookAsync(page, "mailbox");
        await page.GetByRole(AriaRole.Link, new() { Name = "Hearing moved to Thursday" }).First.ClickAsync();
        await Assertions.Expect(page.FrameLocator("iframe").Locator("strong", new() { HasText = "courtroom 4" })).ToBeVisibleAsync(InAMinute);
        await LookAsync(page, "mail");
        await page.GotoAsync("/admin/mailings");
        await LookAsync(page, "mailings");
    }

    [Fact]
    public async Task The_public_pages_are_accessible_without_script_on_a_phone()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        await alerts.RunAsync("demo");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.ExecutablePath, Args = Chromium.Arguments });

        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            // Axe is a script, and our policy allows none.
            var page = await browser.NewPageAsync(new() { BaseURL = alerts.Url.ToString(), ViewportSize = new() { Width = 390, Height = 844 }, ColorScheme = scheme, BypassCSP = true });
            page.SetDefaultTimeout(60_000);
            foreach (var path in PublicPages)
            {
                await page.GotoAsync(path);
                await LookAsync(page, $"phone-{scheme}{path.Replace('/', '-')}");
                var found = await page.RunAxe();
                Assert.True(found.Violations.Length == 0, $"{path}: " + string.Join("\n", found.Violations.Select(v => $"{v.Id}: {v.Help} {v.Nodes[0].Html}")));
                Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"), $"{path} scrolls sideways on a phone.");
            }
        }
    }

    private static int MailsOf(AlertsProcess alerts)
    {
        var folder = Path.Combine(alerts.Data, "mailbox");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.eml").Length : 0;
    }

    private static async Task LookAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
