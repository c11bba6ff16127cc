using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>An editor's whole way with a post. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed class EditorTests
{
    /// <summary>A picture of one red point, as cameras don't make them.</summary>
    private static readonly byte[] Point = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    [Fact]
    public async Task She_writes_previews_publishes_undoes_schedules_moves_corrects_and_withdraws()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        await alerts.RunAsync("lists", "add", "detentions", "--name", "Detentions");
        await alerts.RunAsync("lists", "add", "newsroom", "--name", "From the newsroom");
        var readers = Path.Combine(alerts.Data, "readers.csv");
        await File.WriteAllTextAsync(readers, "email,frequency\nada@example.org,immediate\nbob@example.org,daily\n", TestContext.Current.CancellationToken);
        await alerts.RunAsync("import-subscribers", readers, "--list", "detentions", "--confirmed");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();

        var page = await browser.OpenAsync(alerts.Url.ToString(), 1400, 950, zone: "Europe/Berlin");
        await page.BecomeAdminAsync(alerts);

        await page.GotoAsync("/editor");
        await page.LookAsync("editor-posts-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "New post" }).ClickAsync();
        await page.GetByLabel("Title").FillAsync("Ten people arrested at the embassy");
        await page.Locator("#body").FillAsync("Ten people were arrested this morning.\n\nA protest is announced for tomorrow, from 1 p.m. to 2 p.m. The address is 3505 International Place NW, Washington DC 20008.");
        await page.Locator("#body").EvaluateAsync("body => body.setSelectionRange(0, 10)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bold (Ctrl+B)" }).ClickAsync();
        Assert.StartsWith("**Ten people** were", await page.Locator("#body").InputValueAsync(), StringComparison.Ordinal);
        await page.GetByLabel("Detentions").CheckAsync();
        await Assertions.Expect(page.FrameLocator("#frames iframe:not(.coming)").Locator("strong", new() { HasText = "Ten people" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#kept")).ToContainTextAsync("Kept for you");
        await Assertions.Expect(page.Locator("#checks .stop")).ToHaveCountAsync(0);

        // The text names a time and an address: it may become an event, filled in.
        await Assertions.Expect(page.Locator("#happens")).ToContainTextAsync("“tomorrow, from 1 p.m. to 2 p.m.” and “3505 International Place NW, Washington DC 20008”");
        var link = page.GetByRole(AriaRole.Link, new() { Name = "Make it an event" });
        var happening = await page.Context.NewPageAsync();
        await happening.GotoAsync((await link.GetAttributeAsync("href"))!);
        await Assertions.Expect(happening.GetByLabel("Title")).ToHaveValueAsync("Ten people arrested at the embassy");
        await Assertions.Expect(happening.GetByLabel("Begins")).ToHaveValueAsync(new Regex("T13:00$"));
        await Assertions.Expect(happening.GetByLabel("Ends")).ToHaveValueAsync(new Regex("T14:00$"));
        await Assertions.Expect(happening.GetByLabel("Street and town")).ToHaveValueAsync("3505 International Place NW, Washington DC 20008");
        await Assertions.Expect(happening.GetByLabel("Detentions")).ToBeCheckedAsync();
        await happening.LookAsync("editor-event-of-post");
        await happening.CloseAsync();

        // What a word processor puts in the clipboard becomes Markdown; scripts and styles go.
        await PasteAsync(page, "<style>p{color:red}</style><h2 style='mso-x:1'>What we know</h2><ul><li>Ten <b>names</b></li><li>One <a href='https://example.org/list'>list</a></li></ul><script>alert(1)</script>");
        await Assertions.Expect(page.Locator("#body")).ToHaveValueAsync(new Regex(@"## What we know\s+-\s+Ten \*\*names\*\*\s+-\s+One \[list\]\(https://example.org/list\)"));

        // A picture, and one that only says so.
        await UploadAsync(page, "point.png", "image/png", Point);
        await Assertions.Expect(page.Locator("#body")).ToHaveValueAsync(new Regex(@"!\[\]\(http://\S+/images/[0-9a-f-]{36}\)"));
        await Assertions.Expect(page.Locator("#checks .look", new() { HasText = "Pictures" })).ToContainTextAsync("no words in place of the picture");
        await UploadAsync(page, "liar.png", "image/png", "<svg onload='alert(1)'/>"u8.ToArray());
        await Assertions.Expect(page.Locator("#unkept")).ToContainTextAsync("no JPEG, PNG, GIF or WebP");
        await page.LookAsync("editor-composer");
        foreach (var view in new[] { "Phone", "Dark", "Text", "Headers" })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = view, Exact = true }).ClickAsync();
            await page.LookAsync($"editor-composer-{view}");
        }

        await Assertions.Expect(page.Locator("#headers")).ToContainTextAsync("List-Unsubscribe-Post");
        await page.GetByRole(AriaRole.Button, new() { Name = "Desktop" }).ClickAsync();

        // A session that ends mid-text: the browser keeps it, and gives it back.
        var cookies = await page.Context.CookiesAsync();
        await page.Context.ClearCookiesAsync(new() { Name = "alerts.staff" });
        await page.Locator("#body").PressSequentiallyAsync(" And then the session ended.");
        await Assertions.Expect(page.Locator("#unkept")).ToContainTextAsync("You are signed in no more");
        await page.Context.AddCookiesAsync([.. cookies.Where(c => c.Name == "alerts.staff").Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = alerts.Url.ToString() })]);
        await Assertions.Expect(page.Locator("#kept")).ToContainTextAsync("Kept for you");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#body")).ToHaveValueAsync(new Regex("And then the session ended\\."));

        // A test goes to herself, and to nobody else.
        await page.PressAsync("Send me a test");
        await Assertions.Expect(page.GetByText("A test is on its way to admin@example.org")).ToBeVisibleAsync();
        var test = Assert.Single(await Eventually.Get(() => Mails(alerts), mails => mails.Count > 0, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Contains("To: admin@example.org", test, StringComparison.Ordinal);
        Assert.Contains("Subject: [Test] Ten people arrested", test, StringComparison.Ordinal);
        Assert.Contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click", test, StringComparison.Ordinal);

        // Publish, think again, publish at an hour instead.
        await page.PressAsync("Publish…");
        await page.LookAsync("editor-publish");
        await Assertions.Expect(page.Locator(".reach .big")).ToHaveTextAsync("1");
        await page.PressAsync("Publish");
        await Assertions.Expect(page.GetByText("It leaves in")).ToBeVisibleAsync();
        await page.LookAsync("editor-leaving");
        await page.PressAsync("Undo");
        await Assertions.Expect(page.GetByText("nobody gets anything.")).ToBeVisibleAsync();

        await page.PressAsync("Publish…");
        await page.GetByLabel("At this time").CheckAsync();
        await page.GetByLabel("Day and time").FillAsync("2020-01-01T10:00");
        await page.PressAsync("Publish");
        await Assertions.Expect(page.GetByText("This time has passed")).ToBeVisibleAsync();
        var day = TimeProvider.System.GetUtcNow().AddDays(40);
        var month = new DateTime(day.Year, day.Month, 1);
        await page.GetByLabel("Day and time").FillAsync(month.AddDays(9).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) + "T10:30");
        await page.GetByLabel("In the zone").SelectOptionAsync("Europe/Berlin");
        await page.PressAsync("Publish");
        await Assertions.Expect(page.GetByText("10:30 (Europe/Berlin)")).ToBeVisibleAsync();
        await page.LookAsync("editor-scheduled");

        // In the calendar it is dragged to the next day, and keeps its hour.
        await page.GotoAsync($"/editor/calendar?day={month:yyyy-MM-dd}&zone=Europe/Berlin");
        await page.LookAsync("editor-calendar");
        await page.Locator(".entry").DragToAsync(page.Locator($"[data-day='{month.AddDays(10):yyyy-MM-dd}']"));
        await Assertions.Expect(page.GetByText("Moved.")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator($"[data-day='{month.AddDays(10):yyyy-MM-dd}'] .entry")).ToContainTextAsync("10:30");
        await page.GetByRole(AriaRole.Link, new() { Name = "Week" }).ClickAsync();
        await page.LookAsync("editor-calendar-week");
        await page.GetByRole(AriaRole.Link, new() { Name = "List" }).ClickAsync();
        await page.LookAsync("editor-calendar-list");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ten people arrested" }).ClickAsync();

        // Out now; corrected aloud; withdrawn.
        await page.GetByRole(AriaRole.Link, new() { Name = "Move it" }).ClickAsync();
        await page.GetByLabel("Now. You have").CheckAsync();
        await page.PressAsync("Publish");
        await page.PressAsync("Don’t wait");
        await Assertions.Expect(page.GetByText("on its way to its readers")).ToBeVisibleAsync();
        await page.GetByLabel("Title").FillAsync("Eleven people arrested at the embassy");
        await page.GetByLabel("and tell those who got it").CheckAsync();
        await page.PressAsync("Correct it");
        await Assertions.Expect(page.GetByText("those who got it at once get a mail")).ToBeVisibleAsync();
        await Eventually.Get(() => Mails(alerts), mails => mails.Exists(mail => mail.Contains("Subject: Correction: Eleven people", StringComparison.Ordinal)), TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await page.GetByRole(AriaRole.Link, new() { Name = "Versions" }).ClickAsync();
        await page.LookAsync("editor-versions");
        await page.GoBackAsync();
        await page.PressAsync("Withdraw");
        await Assertions.Expect(page.GetByText("whoever hasn't been sent it gets it no more")).ToBeVisibleAsync();
        await page.LookAsync("editor-posts");

        // On a phone, in the dark.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        foreach (var path in new[] { "/editor", "/editor/posts/new", $"/editor/calendar?day={month:yyyy-MM-dd}" })
        {
            await page.GotoAsync(path);
            await page.LookAsync("editor-phone" + path.Split('?')[0].Replace('/', '-'));
        }
    }

    private static List<string> Mails(AlertsProcess alerts)
    {
        var folder = Path.Combine(alerts.Data, "mailbox");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.eml").Select(File.ReadAllText)] : [];
    }

    private static Task PasteAsync(IPage page, string html) => page.Locator("#body").EvaluateAsync(
        """
        (body, html) => {
          body.focus();
          body.value += "\n\n";
          body.setSelectionRange(body.value.length, body.value.length);
          const data = new DataTransfer();
          data.setData("text/html", html);
          data.setData("text/plain", "plain");
          body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        html);

    private static async Task UploadAsync(IPage page, string name, string type, byte[] bytes)
    {
        await page.Locator("#body").EvaluateAsync("body => { body.focus(); body.setSelectionRange(body.value.length, body.value.length); }");
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Picture", Exact = true }).ClickAsync());
        await chooser.SetFilesAsync(new FilePayload { Name = name, MimeType = type, Buffer = bytes });
    }
}
