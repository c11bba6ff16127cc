using System.Text;
using System.Text.RegularExpressions;
using Alerts.Tests.Servers;
using Microsoft.Playwright;

namespace Alerts.Tests.Browser;

/// <summary>An editor's way with an event, and what readers see of it. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed partial class EventTests
{
    private const string Reader = "reader@example.org";

    [Fact]
    public async Task She_writes_announces_changes_and_cancels_an_event_and_readers_see_it()
    {
        await using var alerts = new AlertsProcess();
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();

        var page = await browser.OpenAsync(alerts.Url.ToString());
        await page.BecomeAdminAsync(alerts);
        await page.GotoAsync("/admin/lists");
        await page.GetByLabel("Slug").FillAsync("refugees");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Refugees");
        await page.PressAsync("Add");
        await Assertions.Expect(page.GetByText("Added Refugees")).ToBeVisibleAsync();

        await page.GotoAsync("/admin/imports");
        await page.GetByLabel("File").SetInputFilesAsync(new FilePayload { Name = "readers.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("email\n" + Reader) });
        await page.GetByLabel("List", new() { Exact = true }).SelectOptionAsync("Refugees");
        await page.PressAsync("Look at the file");
        await page.GetByLabel("Yes, all of them").CheckAsync();
        await page.PressAsync("Start the import");
        await Assertions.Expect(page.GetByText("1 added")).ToBeVisibleAsync();

        await page.GotoAsync("/editor/events");
        await page.LookAsync("event-list-empty");
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
        await page.LookAsync("event-write");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("It ends before it begins")).ToBeVisibleAsync();
        await page.LookAsync("event-write-wrong");
        await page.GetByLabel("Ends").FillAsync($"{day}T14:00");
        await page.PressAsync("Check the time in words");
        await Assertions.Expect(page.GetByText("1–2 p.m. (New York time)")).ToBeVisibleAsync();
        await page.LookAsync("event-write-checked");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await page.LookAsync("event-draft");

        await page.PressAsync("Announce now");
        await page.LookAsync("event-soon");
        await Assertions.Expect(page.GetByText("announced", new() { Exact = true })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.LookAsync("event-announced");
        var id = page.Url.Split('/')[^1].Split('?')[0];

        // Who reads the mail says in two taps that she comes, and may think better of it.
        var announcement = await alerts.MailAsync(Reader, mail => mail.Subject!.Contains("Protest at the embassy", StringComparison.Ordinal));
        var rsvp = Rsvp().Match(announcement.TextBody!).Value;
        var phone = await browser.OpenAsync(alerts.Url.ToString(), width: 390, height: 844);
        await phone.GotoAsync(rsvp);
        await phone.LookAsync("event-rsvp");
        await phone.PressAsync("I am coming");
        await Assertions.Expect(phone.GetByText("We send you its entry for your calendar.")).ToBeVisibleAsync();
        await phone.LookAsync("event-rsvp-coming");
        var invitation = await alerts.MailAsync(Reader, mail => mail.BodyParts.Any(part => part.ContentType.Parameters["method"] == "REQUEST"));
        Assert.NotEqual(announcement.MessageId, invitation.MessageId);
        await phone.PressAsync("Maybe");
        await Assertions.Expect(phone.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        await Eventually.Get(
            async () =>
            {
                await page.ReloadAsync();
                return await page.GetByText("1 maybe").CountAsync();
            },
            count => count > 0,
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken);

        await page.GetByRole(AriaRole.Link, new() { Name = "Change", Exact = true }).ClickAsync();
        await page.GetByLabel("Name of the place").FillAsync("City Hall");
        await page.GetByLabel("Begins").FillAsync($"{day}T15:00");
        await page.GetByLabel("Ends").FillAsync($"{day}T16:30");
        await page.PressAsync("See what readers will be told");
        await Assertions.Expect(page.Locator("del", new() { HasText = "Embassy" })).ToBeVisibleAsync();
        await page.LookAsync("event-change");
        await page.PressAsync("Change it, and tell them");
        await Assertions.Expect(page.GetByText("Changed: those who know of it are told.")).ToBeVisibleAsync();

        await page.GotoAsync($"/events/{id}");
        await Assertions.Expect(page.GetByText("3–4:30 p.m. (New York time)")).ToBeVisibleAsync();
        await page.LookAsync("event-public");
        await page.GotoAsync("/events");
        await page.LookAsync("event-public-list");
        var calendar = await page.APIRequest.GetAsync(new Uri(alerts.Url, $"/events/{id}.ics").ToString());
        Assert.Contains("SEQUENCE:2", await calendar.TextAsync(), StringComparison.Ordinal);

        // Readers on a phone, in the dark, in Arabic too.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        foreach (var path in new[] { $"/events/{id}", "/events", $"/events/{id}?lang=ar", "/events?lang=ko", "/editor/events", $"/editor/events/{id}", $"/editor/events/{id}/edit" })
        {
            await page.GotoAsync(path);
            await page.LookAsync("event-phone" + path.Replace(id, "id", StringComparison.Ordinal).Replace('/', '-').Replace('?', '-').Replace('=', '-'));
        }

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.GotoAsync($"/editor/events/{id}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel it…" }).ClickAsync();
        await page.GetByLabel("Why? Readers are told.").FillAsync("There is a storm warning.");
        await page.LookAsync("event-cancel");
        await page.PressAsync("Cancel the event");
        await Assertions.Expect(page.GetByText("It was cancelled: There is a storm warning.")).ToBeVisibleAsync();
        await page.GotoAsync($"/events/{id}");
        await Assertions.Expect(page.GetByText("It doesn't take place.")).ToBeVisibleAsync();
        await page.LookAsync("event-public-cancelled");
    }

    [GeneratedRegex(@"/rsvp/[^\s)\]]+")]
    private static partial Regex Rsvp();
}
