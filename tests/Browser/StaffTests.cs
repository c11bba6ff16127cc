using Alerts.Tests.Servers;
using Microsoft.Playwright;
using OtpNet;

namespace Alerts.Tests.Browser;

/// <summary>How the staff get in, and what an admin does with people, keys, the log, templates and colours. Set SCREENSHOTS to a folder to look at each page afterwards.</summary>
public sealed class StaffTests
{
    private const string Password = "a long enough password";

    [Fact]
    public async Task An_admin_signs_in_with_a_code_and_a_passkey_invites_and_gives_keys_and_an_editor_stays_out_of_what_is_hers()
    {
        await using var alerts = new AlertsProcess(new AlertsSettings { AsLocalhost = true });
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();
        var page = await PageAsync(browser, alerts);
        await AcceptAsync(page, await alerts.WelcomeAsync(), "admin@example.org");

        // The authenticator.
        await page.GotoAsync("/staff/account");
        await page.LookAsync("staff-account");
        await page.PressAsync("Set it up");
        await page.LookAsync("staff-account-qr");
        var key = Base32Encoding.ToBytes((await page.Locator(".card p code").First.InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal));
        await page.GetByLabel("Code from the app").FillAsync("000000");
        await page.PressAsync("Turn it on");
        await Assertions.Expect(page.GetByText("That isn't the code of this moment.")).ToBeVisibleAsync();
        await page.GetByLabel("Code from the app").FillAsync(Code(key, 0));
        await page.PressAsync("Turn it on");
        await Assertions.Expect(page.GetByText("The authenticator is on.")).ToBeVisibleAsync();
        var recovery = await page.Locator(".codes code").AllInnerTextsAsync();
        Assert.Equal(10, recovery.Distinct().Count());
        await page.LookAsync("staff-account-on");

        // With it: a password alone no longer opens, a used code neither, a fresh one does.
        await SignOutAsync(page);
        await SignInAsync(page, "admin@example.org");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "One more step" })).ToBeVisibleAsync();
        await page.LookAsync("staff-code");
        await page.GetByLabel("Code from your authenticator app").FillAsync("000000");
        await page.PressAsync("Go on");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).GetByText("That isn't the code of this moment.")).ToBeVisibleAsync();
        await page.GetByLabel("Code from your authenticator app").FillAsync(Code(key, 1));
        await page.PressAsync("Go on");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();

        // Without the telephone: a recovery code, once.
        await SignOutAsync(page);
        await SignInAsync(page, "admin@example.org");
        await page.GetByText("Without your telephone or key?").ClickAsync();
        await page.GetByLabel("One of your recovery codes").FillAsync(recovery[0]);
        await page.PressAsync("Use it");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
        await page.GotoAsync("/staff/account");
        await Assertions.Expect(page.GetByText("9 are left.")).ToBeVisibleAsync();

        // A passkey alone.
        var cdp = await page.Context.NewCDPSessionAsync(page);
        await cdp.SendAsync("WebAuthn.enable");
        await cdp.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        await page.GetByLabel("What to call it").FillAsync("The laptop");
        await page.PressAsync("Add a passkey");
        await Assertions.Expect(page.GetByText("The passkey is there")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Cell, new() { Name = "The laptop", Exact = true })).ToBeVisibleAsync();
        await page.LookAsync("staff-account-passkey");
        await SignOutAsync(page);
        await page.GotoAsync("/staff/sign-in?returnUrl=/staff");
        await page.LookAsync("staff-sign-in");
        await page.PressAsync("Use a passkey");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Staff" })).ToBeVisibleAsync();
        await page.LookAsync("staff-staff");

        // An invitation, by mail.
        await page.GotoAsync("/staff/people");
        await page.GetByLabel("Mail address").FillAsync("editor@example.org");
        await page.PressAsync("Invite");
        await Assertions.Expect(page.GetByText("A mail with a link is on its way to editor@example.org.")).ToBeVisibleAsync();
        await page.LookAsync("staff-people");
        var link = Browsing.Welcome().Match(await page.ContentAsync()).Value;
        await Eventually.Get(
            async () =>
            {
                await page.GotoAsync("/mailbox");
                return await page.GetByText("You are invited").CountAsync();
            },
            count => count > 0,
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken);
        await page.GetByText("You are invited").First.ClickAsync();
        Assert.Contains(link, await page.ContentAsync() + await page.FrameLocator("iframe").Locator("body").InnerHTMLAsync(), StringComparison.Ordinal);
        await page.LookAsync("staff-invitation-mail");

        var editors = await PageAsync(browser, alerts);
        await AcceptAsync(editors, link, "editor@example.org");
        var refused = await editors.GotoAsync("/staff/people");
        Assert.Equal(403, refused!.Status);
        await editors.LookAsync("staff-forbidden");
        Assert.Equal(200, (await editors.GotoAsync("/editor"))!.Status);

        // A second factor for all.
        await page.GotoAsync("/staff/people");
        await page.GetByLabel("Everybody needs a second factor").CheckAsync();
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("From now on everybody needs a second factor.")).ToBeVisibleAsync();
        await editors.GotoAsync("/editor");
        await Assertions.Expect(editors.GetByText("The admins ask for a second factor.")).ToBeVisibleAsync();
        await editors.LookAsync("staff-account-asked");

        // Out at once.
        await page.PressAsync("Deactivate editor@example.org");
        await Assertions.Expect(page.GetByText("is signed out everywhere and can't sign in")).ToBeVisibleAsync();
        await editors.GotoAsync("/staff/account");
        Assert.Equal("/staff/sign-in", new Uri(editors.Url).AbsolutePath);

        // Keys.
        await page.GotoAsync("/staff/keys");
        await page.LookAsync("staff-keys-empty");
        await page.GetByLabel("What it is for").FillAsync("The website");
        await page.GetByLabel("Part of the API").SelectOptionAsync("Only /api/posts");
        await page.PressAsync("Make the key");
        await Assertions.Expect(page.GetByText("This is the key, shown this once.")).ToBeVisibleAsync();
        var secret = await page.Locator(".notice code").InnerTextAsync();
        await page.LookAsync("staff-keys");
        Assert.Equal(200, await StatusAsync(alerts, "/api/posts", secret));
        Assert.Equal(403, await StatusAsync(alerts, "/api/lists", secret));
        await page.PressAsync("Revoke The website");
        await Assertions.Expect(page.GetByText("The website is revoked")).ToBeVisibleAsync();
        Assert.Equal(401, await StatusAsync(alerts, "/api/posts", secret));

        // The log.
        await page.GotoAsync("/staff/audit");
        await page.LookAsync("staff-audit");
        await page.GetByLabel("What, or to what").FillAsync("revoked");
        await page.PressAsync("Search");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);

        // Templates: what is wrong is told with its place; what is right is previewed and holds.
        await page.GotoAsync("/admin/templates");
        await page.LookAsync("staff-templates");
        await page.GotoAsync("/admin/templates/post.html");
        await page.LookAsync("staff-template");
        var source = await page.GetByLabel("Liquid").InputValueAsync();
        await page.GetByLabel("Liquid").FillAsync("<p>Hello</p>\n{% if title %}{{ title }}");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).GetByText("Line 2")).ToBeVisibleAsync();
        await page.LookAsync("staff-template-error");
        await page.GetByLabel("Liquid").FillAsync("{% for i in (1..900) %}{% for j in (1..900) %}{{ title }}{% endfor %}{% endfor %}");
        await page.PressAsync("Preview");
        await Assertions.Expect(page.FrameLocator("iframe").GetByText("prints more than")).ToBeVisibleAsync();
        await page.GetByLabel("Liquid").FillAsync("<p>Dear reader,</p>\n" + source);
        await page.PressAsync("Preview");
        await Assertions.Expect(page.FrameLocator("iframe").GetByText("Dear reader,")).ToBeVisibleAsync();
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("Saved. It holds within seconds")).ToBeVisibleAsync();
        await page.LookAsync("staff-template-saved");
        await page.PressAsync("Back to the built-in one");
        await Assertions.Expect(page.GetByText("The built-in one holds again.")).ToBeVisibleAsync();

        // Colours: one that isn't read well is refused, with the nearest that is.
        await page.GotoAsync("/admin/themes");
        await page.GetByLabel("Colour").FillAsync("#ff9900");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("Too light")).ToBeVisibleAsync();
        await page.GetByLabel("Colour").FillAsync("#8a1c4a");
        await page.PressAsync("Save");
        await Assertions.Expect(page.GetByText("Saved. It holds within seconds")).ToBeVisibleAsync();
        await page.LookAsync("staff-themes");
        Assert.Contains("#8a1c4a", await page.FrameLocator("iframe").Locator("body").InnerHTMLAsync(), StringComparison.Ordinal);

        // Webhooks: what is wrong is said beside the field, the secret shown once, and a taker inside our own network not called.
        await page.GotoAsync("/admin/webhooks");
        await page.LookAsync("staff-webhooks-empty");
        await page.GetByLabel("Address").FillAsync("http://harbour.example/hook");
        await page.PressAsync("Add");
        await Assertions.Expect(page.GetByText("Give an address that begins with https://")).ToBeVisibleAsync();
        await page.LookAsync("staff-webhooks-wrong");
        await page.GetByLabel("Address").FillAsync("https://127.0.0.1:9/hook");
        await page.PressAsync("Add");
        await Assertions.Expect(page.GetByText("This is its secret, shown this once.")).ToBeVisibleAsync();
        Assert.StartsWith("whsec_", await page.Locator(".notice code").InnerTextAsync(), StringComparison.Ordinal);
        await page.LookAsync("staff-webhooks");
        await page.GetByRole(AriaRole.Link, new() { Name = "https://127.0.0.1:9/hook" }).ClickAsync();
        await page.PressAsync("Send a test");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).GetByText("such are not called")).ToBeVisibleAsync();
        await page.LookAsync("staff-webhook");
        var webhook = new Uri(page.Url).AbsolutePath;

        // On a phone, in the dark.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        foreach (var path in new[] { "/staff/account", "/staff/people", "/staff/keys", "/staff/audit", "/admin/templates", "/admin/templates/post.html", "/admin/themes", "/admin/webhooks", webhook })
        {
            await page.GotoAsync(path);
            await page.LookAsync("staff-phone" + (path == webhook ? "-webhook" : path.Replace('/', '-')));
        }
    }

    [Fact]
    public async Task Whoever_forgot_a_password_gets_a_link_and_strangers_learn_nothing()
    {
        await using var alerts = new AlertsProcess(new AlertsSettings { AsLocalhost = true });
        await alerts.StartAsync(TestContext.Current.CancellationToken);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.LaunchAsync();
        var page = await PageAsync(browser, alerts);
        await AcceptAsync(page, await alerts.WelcomeAsync(), "admin@example.org");
        var elsewhere = await PageAsync(browser, alerts);

        var answers = new List<string>();
        foreach (var address in new[] { "nobody@example.org", "admin@example.org" })
        {
            await elsewhere.GotoAsync("/staff/forgotten");
            await elsewhere.GetByLabel("Mail address").FillAsync(address);
            await elsewhere.PressAsync("Send me a link");
            answers.Add(await elsewhere.Locator("main").InnerTextAsync());
        }

        Assert.Equal(answers[0], answers[1]);
        await elsewhere.LookAsync("staff-forgotten");
        await Eventually.Get(
            async () =>
            {
                await page.GotoAsync("/mailbox");
                return await page.GetByText("A new password").CountAsync();
            },
            count => count == 1,
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken);
        await page.GetByText("A new password").First.ClickAsync();
        var link = Browsing.Welcome().Match(await page.FrameLocator("iframe").Locator("body").InnerHTMLAsync()).Value;

        await elsewhere.GotoAsync(link);
        await elsewhere.GetByLabel("Password", new() { Exact = true }).FillAsync("quite another password");
        await elsewhere.GetByLabel("The password again").FillAsync("quite another password");
        await elsewhere.PressAsync("Set the password");
        await Assertions.Expect(elsewhere.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();

        // Everywhere else she is out.
        await page.GotoAsync("/staff/account");
        Assert.Equal("/staff/sign-in", new Uri(page.Url).AbsolutePath);
    }

    private static string Code(byte[] key, int stepsAhead) => new Totp(key).ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30 * stepsAhead));

    private static async Task<int> StatusAsync(AlertsProcess alerts, string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", "Bearer " + key } } };
        using var answer = await alerts.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private static Task<IPage> PageAsync(IBrowser browser, AlertsProcess alerts) => browser.OpenAsync($"http://localhost:{alerts.Url.Port}");

    private static async Task AcceptAsync(IPage page, string link, string address)
    {
        await page.GotoAsync(link);
        if (await page.GetByLabel("Your mail address").IsEditableAsync())
        {
            await page.GetByLabel("Your mail address").FillAsync(address);
        }

        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await page.GetByLabel("The password again").FillAsync(Password);
        await page.PressAsync("Set the password");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
    }

    private static async Task SignInAsync(IPage page, string address)
    {
        await page.GotoAsync("/staff/sign-in");
        await page.GetByLabel("Mail address").FillAsync(address);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Password);
        await page.PressAsync("Sign in");
    }

    private static async Task SignOutAsync(IPage page)
    {
        await page.PressAsync("Sign out");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "For editors" })).ToBeVisibleAsync();
    }
}
