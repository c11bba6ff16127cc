using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using MimeKit;

namespace Alerts.Tests.Browser;

/// <summary>What all of these tests do with a page.</summary>
internal static partial class Browsing
{
    /// <summary>Axe asks the page without a bound of its own.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The path to set a password at.</summary>
    [GeneratedRegex(@"/staff/welcome/[\w-]+")]
    internal static partial Regex Welcome();

    /// <summary>The browser, on a machine where it is slow.</summary>
    public static async Task<IBrowser> LaunchAsync(this IPlaywright playwright)
    {
        Assertions.SetDefaultExpectTimeout(30_000);
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.ExecutablePath, Args = Chromium.Arguments });
    }

    /// <summary>A page of its own session. What Axe needs is allowed: it is a script, and our policy allows none of its kind.</summary>
    public static async Task<IPage> OpenAsync(this IBrowser browser, string baseUrl, int width = 1280, int height = 900, ColorScheme? scheme = null, string? zone = null)
    {
        var session = await browser.NewContextAsync(
            new() { BaseURL = baseUrl, ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, TimezoneId = zone, BypassCSP = true });
        var page = await session.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        return page;
    }

    /// <summary>The first path to a password that Alerts prints: the first admin's.</summary>
    public static Task<string> WelcomeAsync(this AlertsProcess alerts) => Eventually.Get(
        () => Welcome().Match(alerts.Output).Value, path => path.Length > 0, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Sets the first admin's password, which signs her in.</summary>
    public static async Task BecomeAdminAsync(this IPage page, AlertsProcess alerts)
    {
        await page.GotoAsync(await alerts.WelcomeAsync());
        await page.GetByLabel("Your mail address").FillAsync("admin@example.org");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a long enough password");
        await page.GetByLabel("The password again").FillAsync("a long enough password");
        await page.PressAsync("Set the password");
    }

    /// <summary>The first mail of the local mailbox to somebody that is meant, once it is there.</summary>
    public static async Task<MimeMessage> MailAsync(this AlertsProcess alerts, string to, Func<MimeMessage, bool> isMeant)
    {
        var folder = Path.Combine(alerts.Data, "mailbox");
        return (await Eventually.Get<MimeMessage?>(
            async () =>
            {
                foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.eml") : [])
                {
                    var mail = await MimeMessage.LoadAsync(file, TestContext.Current.CancellationToken);
                    if (isMeant(mail) && mail.To.Mailboxes.Single().Address == to)
                    {
                        return mail;
                    }
                }

                return null;
            },
            mail => mail is not null,
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken))!;
    }

    /// <summary>Takes a picture of the page if SCREENSHOTS names a folder, and asks Axe, which must find nothing wrong.</summary>
    /// <param name="name">What the picture is called, without its ending.</param>
    public static async Task LookAsync(this IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }

        // In our frames are mails, which run no script: Axe would wait for their answer for ever.
        var found = await page.RunAxe(new AxeRunOptions { Iframes = false }).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(
            found.Violations.Length == 0,
            $"{name}: " + string.Join("\n", found.Violations.Select(v => $"{v.Id}: {v.Help} {v.Nodes[0].Html} {string.Join(' ', v.Nodes[0].Any.Select(a => a.Message))}")));
        var width = page.ViewportSize!.Width;
        Assert.True(width > 400 || await page.EvaluateAsync<bool>("width => document.documentElement.scrollWidth <= width", width), $"{name} scrolls sideways on a phone.");
    }

    /// <summary>Presses the (first) button of this name.</summary>
    public static Task PressAsync(this IPage page, string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).First.ClickAsync();
}
