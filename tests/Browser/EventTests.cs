using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>An editor's way with an event, and what readers see of it. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed partial class EventTests
{
    [GeneratedRegex(@"/staff/welcome/[\w-]+")]
    private static partial Regex Welcome();

    [Fact]
    public async Task She_writes_announces_changes_and_cancels_an_event_and_readers_see_it()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.ExecutablePath, Args = Chromium.Arguments });

        // Axe is a script, and our policy allows none of its kind.
        var page = await browser.NewPageAsync(new() { BaseURL = alerts.Url.ToString(), ViewportSize = new() { Width = 1280, Height = 900 }, BypassCSP = true });
        page.SetDefaultTimeout(60_000);
        await SignInAsync(alerts, page);
        await page.GotoAsync("/admin/lists");
        await page.GetByLabel("Slug").FillAsync("refugees");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Refugees");
        await PressAsync(page, "Add");
        await Assertions.Expect(page.GetByText("Added Refugees")).ToBeVisibleAsync();

        await page.GotoAsync("/editor/events");
        await LookAsync(page, "list-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "Write an event" }).ClickAsync();
        await page.GetByLabel("Title").FillAsync("Protest at the embassy");
        var day = TimeProvider.System.GetUtcNow().AddDays(3).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await page.GetByLabel("Begins").FillAsync($"{day}T13:00");
        await page.GetByLabel("Ends").FillAsync($"{day}T12:00");
        await page.GetByLabel("Time zone of the place").SelectOptionAsync("America/New_York");
        await page.GetByLabel("Name of the place").FillAsync("Embassy");
        await page.GetByLabel("Street and town").FillAsync("1 Main Street, Washington");
        await page.GetByLabel("Description").FillAsync("Bring **signs** and water.");
        await page.GetByLabel("Who invites").FillAsync("Friends of the house");
        await page.GetByLabel("Refugees").CheckAsync();
        await LookAsync(page, "write");
        await PressAsync(page, "Save");
        await Assertions.Expect(page.GetByText("It ends before it begins")).ToBeVisibleAsync();
        await LookAsync(page, "write-wrong");
        await page.GetByLabel("Ends").FillAsync($"{day}T14:00");
        await PressAsync(page, "Check the time in words");
        await Assertions.Expect(page.GetByText("1–2 p.m. (New York time)")).ToBeVisibleAsync();
        await LookAsync(page, "write-checked");
        await PressAsync(page, "Save");
        await Assertions.Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await LookAsync(page, "draft");

        await PressAsync(page, "Announce now");
        await LookAsync(page, "soon");
        await Assertions.Expect(page.GetByText("announced", new() { Exact = true })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await LookAsync(page, "announced");
        var id = page.Url.Split('/')[^1].Split('?')[0];

        await page.GetByRole(AriaRole.Link, new() { Name = "Change", Exact = true }).ClickAsync();
        await page.GetByLabel("Name of the place").FillAsync("City Hall");
        await page.GetByLabel("Begins").FillAsync($"{day}T15:00");
        await page.GetByLabel("Ends").FillAsync($"{day}T16:30");
        await PressAsync(page, "See what readers will be told");
        await Assertions.Expect(page.Locator("del", new() { HasText = "Embassy" })).ToBeVisibleAsync();
        await LookAsync(page, "change");
        await PressAsync(page, "Change it, and tell them");
        await Assertions.Expect(page.GetByText("Changed: those who know of it are told.")).ToBeVisibleAsync();

        await page.GotoAsync($"/events/{id}");
        await Assertions.Expect(page.GetByText("3–4:30 p.m. (New York time)")).ToBeVisibleAsync();
        await LookAsync(page, "public");
        await page.GotoAsync("/events");
        await LookAsync(page, "public-list");
        var calendar = await page.APIRequest.GetAsync(new Uri(alerts.Url, $"/events/{id}.ics").ToString());
        Assert.Contains("SEQUENCE:2", await calendar.TextAsync(), StringComparison.Ordinal);

        // Readers on a phone, in the dark, in Arabic too.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        foreach (var path in new[] { $"/events/{id}", "/events", $"/events/{id}?lang=ar", "/events?lang=ko", "/editor/events", $"/editor/events/{id}", $"/editor/events/{id}/edit" })
        {
            await page.GotoAsync(path);
            await LookAsync(page, "phone" + path.Replace(id, "id", StringComparison.Ordinal).Replace('/', '-').Replace('?', '-').Replace('=', '-'));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"), $"{path} scrolls sideways on a phone.");
        }

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.GotoAsync($"/editor/events/{id}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel it…" }).ClickAsync();
        await page.GetByLabel("Why? Readers are told.").FillAsync("There is a storm warning.");
        await LookAsync(page, "cancel");
        await PressAsync(page, "Cancel the event");
        await Assertions.Expect(page.GetByText("It was cancelled: There is a storm warning.")).ToBeVisibleAsync();
        await page.GotoAsync($"/events/{id}");
        await Assertions.Expect(page.GetByText("It doesn't take place.")).ToBeVisibleAsync();
        await LookAsync(page, "public-cancelled");
    }

    private static async Task SignInAsync(AlertsProcess alerts, IPage page)
    {
        var welcome = await Eventually.Get(() => Welcome().Match(alerts.Output).Value, path => path.Length > 0, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await page.GotoAsync(welcome);
        await page.GetByLabel("Your mail address").FillAsync("admin@example.org");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("a long enough password");
        await page.GetByLabel("The password again").FillAsync("a long enough password");
        await PressAsync(page, "Set the password");
    }

    private static Task PressAsync(IPage page, string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static async Task LookAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"event-{name}.png"), FullPage = true });
        }

        var found = await page.RunAxe();
        Assert.True(found.Violations.Length == 0, $"{name}: " + string.Join("\n", found.Violations.Select(v => $"{v.Id}: {v.Help} {v.Nodes[0].Html}")));
    }
}
