using System.Net;
using System.Net.Http.Headers;
using Alerts.ServiceDefaults.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.ServiceDefaults.Staff;

public sealed class PermissionTests
{
    [Fact]
    public async Task Without_a_key_the_API_says_how_to_get_in()
    {
        await using var app = await StaffApp.StartAsync();

        using var answer = await app.Anonymous.GetAsync("/api/admins", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Authorization: Bearer", await Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_ours_is_refused()
    {
        await using var app = await StaffApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admins");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey.Create("forged", Policies.Admin, default).Text);

        using var answer = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task An_editors_key_does_not_do_what_is_an_admins()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);
        using var admin = await app.WithKey(Policies.Admin);

        using var refused = await editor.GetAsync("/api/admins", TestContext.Current.CancellationToken);
        using var allowed = await admin.GetAsync("/api/admins", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task What_names_no_policy_is_denied_and_a_person_is_shown_the_door()
    {
        await using var app = await StaffApp.StartAsync();

        using var answer = await app.Anonymous.GetAsync("/unmarked", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/staff/sign-in", answer.Headers.Location?.AbsolutePath);
    }

    [Fact]
    public async Task An_error_tells_its_number_and_nothing_of_the_inside()
    {
        await using var app = await StaffApp.StartAsync();

        using var answer = await app.Anonymous.GetAsync("/api/fails", TestContext.Current.CancellationToken);
        var text = await Text(answer);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("traceId", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a detail for the log", text, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperationException", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"one\": \"two\"}", "$.one")]
    [InlineData("{nonsense", "JSON")]
    public async Task A_body_that_cannot_be_read_is_answered_with_the_place(string body, string place)
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await editor.PostAsync("/api/numbers", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(place, await Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_say_what_a_browser_must_not_do()
    {
        await using var app = await StaffApp.StartAsync();

        using var answer = await app.Anonymous.GetAsync("/nothing", TestContext.Current.CancellationToken);

        Assert.StartsWith("default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task The_first_admins_link_is_good_once_and_the_newest_only()
    {
        await using var app = await StaffApp.StartAsync();
        var older = await FirstAdmin(app);
        var newer = await FirstAdmin(app);

        Assert.Null(await Find(app, older!));
        var invitation = await Find(app, newer!);
        Assert.NotNull(invitation);
        var (user, _) = await app.In(services => services.GetRequiredService<Accounts>()
            .AcceptAsync(invitation, "ada@example.org", "correct horse battery", TestContext.Current.CancellationToken));
        Assert.NotNull(user);
        Assert.Null(await Find(app, newer!));
        Assert.Null(await FirstAdmin(app));
        var (second, errors) = await app.In(services => services.GetRequiredService<Accounts>()
            .AcceptAsync(invitation, "eve@example.org", "correct horse battery", TestContext.Current.CancellationToken));
        Assert.Null(second);
        Assert.NotEmpty(errors);
        Assert.Equal(1, await app.In(services => services.GetRequiredService<StaffDb>().Users.CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_link_is_good_for_a_day()
    {
        await using var app = await StaffApp.StartAsync();
        var path = await FirstAdmin(app);

        app.Clock.Advance(Invitation.Life);

        Assert.Null(await Find(app, path!));
    }

    [Fact]
    public async Task A_refused_password_leaves_the_link_good()
    {
        await using var app = await StaffApp.StartAsync();
        var path = await FirstAdmin(app);
        var invitation = await Find(app, path!);

        var (user, errors) = await app.In(services => services.GetRequiredService<Accounts>()
            .AcceptAsync(invitation!, "ada@example.org", "short", TestContext.Current.CancellationToken));

        Assert.Null(user);
        Assert.NotEmpty(errors);
        Assert.NotNull(await Find(app, path!));
    }

    [Theory]
    [InlineData("/editor?state=draft", "/editor?state=draft")]
    [InlineData("//elsewhere.example", "/")]
    [InlineData("/\\elsewhere.example", "/")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void After_signing_in_one_stays_here(string? asked, string goesTo) => Assert.Equal(goesTo, LocalPath.Or(asked, "/"));

    [Theory]
    [InlineData("ada@example.org", true)]
    [InlineData("Ada <ada@example.org>", false)]
    [InlineData("ada", false)]
    [InlineData("ada@example.org ", false)]
    [InlineData("", false)]
    public void A_staff_address_is_a_bare_address(string text, bool good) => Assert.Equal(good, StaffAddress.IsGood(text));

    private static Task<string?> FirstAdmin(StaffApp app) =>
        app.In(services => services.GetRequiredService<Accounts>().InviteFirstAdminAsync(TestContext.Current.CancellationToken));

    private static Task<Invitation?> Find(StaffApp app, string path) =>
        app.In(services => services.GetRequiredService<Accounts>().FindInvitationAsync(path.Split('/')[^1], TestContext.Current.CancellationToken));

    private static Task<string> Text(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
