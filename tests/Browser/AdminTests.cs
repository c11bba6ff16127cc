using System.Globalization;
using System.Text;
using Alerts.Tests.Servers;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>An admin's whole way with lists and people. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed class AdminTests
{
    private const int Readers = 100_000;
    private const int Bad = 100;

    private static readonly LocatorAssertionsToBeVisibleOptions InThreeMinutes = new() { Timeout = 180_000 };

    [Fact]
    public async Task She_adds_lists_imports_a_hundred_thousand_searches_moves_them_takes_it_back_and_exports()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();

        var page = await browser.OpenAsync(alerts.Url.ToString());
        await page.BecomeAdminAsync(alerts);

        await page.GotoAsync("/admin/lists");
        await page.LookAsync("admin-lists-empty");
        foreach (var (slug, name) in new[] { ("members", "Members"), ("friends", "Friends of the house") })
        {
            await page.GetByLabel("Slug").FillAsync(slug);
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
            await page.GetByLabel("How often, for readers").SelectOptionAsync("Weekly digest");
            await page.PressAsync("Add");
            await Assertions.Expect(page.GetByText("Added " + name)).ToBeVisibleAsync();
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Friends of the house" }).ClickAsync();
        await page.GetByLabel("Its mails come from").FillAsync("The friends");
        await page.GetByLabel("Description").FillAsync("What our friends should know.");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("Saved. It holds from now on.")).ToBeVisibleAsync();
        await page.LookAsync("admin-list");

        // The file names its columns in its own way, and some rows are no good.
        await page.GetByRole(AriaRole.Link, new() { Name = "Import", Exact = true }).First.ClickAsync();
        await page.LookAsync("admin-imports-empty");
        await page.GetByLabel("File").SetInputFilesAsync(new FilePayload { Name = "members.csv", MimeType = "text/csv", Buffer = File() });
        await page.GetByLabel("List", new() { Exact = true }).SelectOptionAsync("Members");
        await page.PressAsync("Look at the file");
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "reader1@example.org", Exact = true })).ToBeVisibleAsync();
        await page.PressAsync("Start the import");
        await Assertions.Expect(page.GetByText("one of them must be 'email'")).ToBeVisibleAsync();
        await page.LookAsync("admin-import-preview");
        await page.GetByLabel("Mail address").SelectOptionAsync("Anschrift");
        await page.GetByLabel("Name", new() { Exact = true }).SelectOptionAsync("Mitglied");
        await page.GetByLabel("Yes, all of them").CheckAsync();
        await page.PressAsync("Start the import");
        await page.LookAsync("admin-import-running");
        await Assertions.Expect(page.GetByText($"{Readers:N0} added")).ToBeVisibleAsync(InThreeMinutes);
        await Assertions.Expect(page.GetByText($"{Bad:N0} rejected")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("done", new() { Exact = true })).ToBeVisibleAsync(InThreeMinutes);
        await page.LookAsync("admin-import-done");
        var rejects = await TextAsync(page, new Uri(page.Url).AbsolutePath + "/rejects.csv");
        Assert.Equal(Bad + 1, rejects.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("The address has no @.", rejects, StringComparison.Ordinal);

        await page.GotoAsync("/admin/subscribers");
        await page.LookAsync("admin-subscribers");
        await page.GetByLabel("Address, or how it begins").FillAsync("reader4242@");
        await page.PressAsync("Search");
        await page.GetByRole(AriaRole.Link, new() { Name = "reader4242@example.org" }).ClickAsync();
        await Assertions.Expect(page.GetByText("by import: members.csv")).ToBeVisibleAsync();
        await page.LookAsync("admin-subscriber");

        // All that a search finds are moved, after she has seen how many they are; and back.
        await page.GotoAsync("/admin/subscribers?list=members&address=reader9");
        await page.GetByLabel("Change them").SelectOptionAsync("Move from members to the list …");
        await page.GetByLabel("The list", new() { Exact = true }).SelectOptionAsync("Friends of the house");
        await page.PressAsync("See how many, and decide");
        var number = CountOf('9').ToString("N0", CultureInfo.InvariantCulture);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"{number} readers are to be moved" })).ToBeVisibleAsync();
        await page.LookAsync("admin-bulk-planned");
        await page.PressAsync("Do it");
        await Assertions.Expect(page.GetByText($"{number} looked at: {number} changed")).ToBeVisibleAsync(InThreeMinutes);
        await page.LookAsync("admin-bulk-done");
        await page.GotoAsync("/admin/subscribers?list=friends&address=reader91");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "reader91@example.org" })).ToBeVisibleAsync();
        var exported = await TextAsync(page, "/admin/subscribers/export?list=friends");
        Assert.Equal(CountOf('9') + 1, exported.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        await page.GotoAsync("/admin/subscribers");
        await page.GetByRole(AriaRole.Link, new() { Name = "moved from members to friends" }).ClickAsync();
        await page.PressAsync("Undo it");
        await Assertions.Expect(page.GetByText("It was undone")).ToBeVisibleAsync(InThreeMinutes);
        Assert.Single((await TextAsync(page, "/admin/subscribers/export?list=friends")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(Readers + 1, (await TextAsync(page, "/admin/subscribers/export?list=members")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        // The law's two pages.
        await page.GotoAsync("/admin/legal");
        await page.GetByLabel("Imprint").FillAsync("**The House**, 1 Harbour Street");
        await page.PressAsync("Save");
        await page.LookAsync("admin-legal");
        await page.GotoAsync("/imprint");
        await Assertions.Expect(page.Locator("strong", new() { HasText = "The House" })).ToBeVisibleAsync();
        await page.LookAsync("admin-imprint");

        // On a phone, in the dark.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        foreach (var path in new[] { "/admin/lists", "/admin/lists/friends", "/admin/imports", "/admin/subscribers?list=members" })
        {
            await page.GotoAsync(path);
            await page.LookAsync("admin-phone" + path.Split('?')[0].Replace('/', '-'));
        }
    }

    private static byte[] File()
    {
        var file = new StringBuilder("Mitglied;Anschrift;Ort\r\n");
        for (var n = 0; n < Readers; n++)
        {
            file.Append(CultureInfo.InvariantCulture, $"Reader {n};reader{n}@example.org;Seoul\r\n");
            if (n % (Readers / Bad) == 0)
            {
                file.Append("Nobody;nowhere;Seoul\r\n");
            }
        }

        return Encoding.UTF8.GetBytes(file.ToString());
    }

    /// <summary>How many of the readers' numbers begin with that digit.</summary>
    private static int CountOf(char digit) => Enumerable.Range(0, Readers).Count(n => n.ToString(CultureInfo.InvariantCulture)[0] == digit);

    private static async Task<string> TextAsync(IPage page, string path)
    {
        var answer = await page.APIRequest.GetAsync(new Uri(new Uri(page.Url), path).ToString(), new() { Timeout = 120_000 });
        Assert.Equal(200, answer.Status);
        return await answer.TextAsync();
    }
}
