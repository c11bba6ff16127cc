using System.Net;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;

namespace Alerts.Tests.Unit.ServiceDefaults.Staff;

public sealed class AccountTests
{
    private const string Password = "correct horse battery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_code_of_the_authenticator_is_good_once()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);
        var key = await In(app, async (_, users) =>
        {
            var ada = (await users.FindByNameAsync("ada@example.org"))!;
            await users.ResetAuthenticatorKeyAsync(ada);
            return (await users.GetAuthenticatorKeyAsync(ada))!;
        });
        var code = new Totp(Base32Encoding.ToBytes(key)).ComputeTotp(app.Clock.GetUtcNow().UtcDateTime);

        Assert.False(await Takes(app, code == "000000" ? "000001" : "000000"));
        Assert.True(await Takes(app, code));
        Assert.False(await Takes(app, code));
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False(await Takes(app, code));
        Assert.True(await Takes(app, new Totp(Base32Encoding.ToBytes(key)).ComputeTotp(app.Clock.GetUtcNow().UtcDateTime)));

        static Task<bool> Takes(StaffApp app, string code) => In(app, async (_, users) =>
            await users.VerifyTwoFactorTokenAsync((await users.FindByNameAsync("ada@example.org"))!, TokenOptions.DefaultAuthenticatorProvider, code));
    }

    [Fact]
    public async Task An_old_code_is_no_longer_good()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);

        var taken = await In(app, async (_, users) =>
        {
            var ada = (await users.FindByNameAsync("ada@example.org"))!;
            await users.ResetAuthenticatorKeyAsync(ada);
            var code = new Totp(Base32Encoding.ToBytes((await users.GetAuthenticatorKeyAsync(ada))!)).ComputeTotp(app.Clock.GetUtcNow().UtcDateTime);
            app.Clock.Advance(TimeSpan.FromSeconds(90));
            return await users.VerifyTwoFactorTokenAsync(ada, TokenOptions.DefaultAuthenticatorProvider, code);
        });

        Assert.False(taken);
    }

    [Fact]
    public async Task The_last_admin_stays_one_and_stays()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);
        await AddAsync(app, "eve@example.org", Policies.Editor);

        Assert.NotNull(await On(app, "ada@example.org", (accounts, ada) => accounts.ChangeRoleAsync(ada, Policies.Editor, Cancel)));
        Assert.NotNull(await On(app, "ada@example.org", (accounts, ada) => accounts.DeactivateAsync(ada, Cancel)));

        Assert.Null(await On(app, "eve@example.org", (accounts, eve) => accounts.ChangeRoleAsync(eve, Policies.Admin, Cancel)));
        Assert.Null(await On(app, "ada@example.org", (accounts, ada) => accounts.DeactivateAsync(ada, Cancel)));
        Assert.NotNull(await On(app, "eve@example.org", (accounts, eve) => accounts.DeactivateAsync(eve, Cancel)));
    }

    [Fact]
    public async Task Whoever_is_deactivated_can_not_come_back_by_a_link_sent_before()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);
        await AddAsync(app, "eve@example.org", Policies.Editor);
        await Forget(app, "eve@example.org");
        var link = Assert.Single(await Mails(app, "eve@example.org")).Path!;

        await On(app, "eve@example.org", (accounts, eve) => accounts.DeactivateAsync(eve, Cancel));

        Assert.Null(await In(app, (accounts, _) => accounts.FindInvitationAsync(link.Split('/')[^1], Cancel)));
        await Forget(app, "eve@example.org");
        Assert.Single(await Mails(app, "eve@example.org"));
    }

    [Fact]
    public async Task A_link_for_a_forgotten_password_gives_no_role_back()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);
        await AddAsync(app, "eve@example.org", Policies.Admin);
        await On(app, "eve@example.org", (accounts, eve) => accounts.ChangeRoleAsync(eve, Policies.Editor, Cancel));
        await Forget(app, "eve@example.org");
        var token = Assert.Single(await Mails(app, "eve@example.org")).Path!.Split('/')[^1];

        await In(app, async (accounts, _) => await accounts.AcceptAsync((await accounts.FindInvitationAsync(token, Cancel))!, "eve@example.org", "another long password", Cancel));

        Assert.Equal([Policies.Editor], await In(app, async (_, users) => await users.GetRolesAsync((await users.FindByNameAsync("eve@example.org"))!)));
    }

    [Fact]
    public async Task Nobody_is_written_to_who_has_no_account_and_nobody_without_end()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);

        await Forget(app, "stranger@example.org");
        for (var time = 0; time < 10; time++)
        {
            await Forget(app, "ada@example.org");
        }

        Assert.Empty(await Mails(app, "stranger@example.org"));
        Assert.InRange((await Mails(app, "ada@example.org")).Count, 1, 5);
    }

    [Fact]
    public async Task A_second_factor_that_is_reset_is_gone_and_its_owner_is_told()
    {
        await using var app = await StaffApp.StartAsync();
        await AddAsync(app, "ada@example.org", Policies.Admin);
        await In(app, async (_, users) =>
        {
            var ada = (await users.FindByNameAsync("ada@example.org"))!;
            await users.ResetAuthenticatorKeyAsync(ada);
            await users.SetTwoFactorEnabledAsync(ada, true);
            return await users.GenerateNewTwoFactorRecoveryCodesAsync(ada, 10);
        });

        await On(app, "ada@example.org", async (accounts, ada) =>
        {
            await accounts.ResetSecondFactorAsync(ada, Cancel);
            return true;
        });

        var (enabled, codes) = await In(app, async (_, users) =>
        {
            var ada = (await users.FindByNameAsync("ada@example.org"))!;
            return (ada.TwoFactorEnabled, await users.CountRecoveryCodesAsync(ada));
        });
        Assert.False(enabled);
        Assert.Equal(0, codes);
        Assert.Contains("second factor", Assert.Single(await Mails(app, "ada@example.org")).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_an_account_locks_as_one_with_does()
    {
        await using var app = await StaffApp.StartAsync();
        var strangers = await app.In(services => Task.FromResult(services.GetRequiredService<Strangers>()));

        Assert.All(Enumerable.Range(0, 9), _ => Assert.False(strangers.Fails("stranger@example.org")));
        Assert.True(strangers.Fails("Stranger@example.org"));
        Assert.True(strangers.Fails("stranger@example.org"));
        Assert.False(strangers.Fails("other@example.org"));
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(strangers.Fails("stranger@example.org"));
    }

    [Fact]
    public async Task A_key_that_only_reads_changes_nothing_and_one_of_an_area_stays_in_it()
    {
        await using var app = await StaffApp.StartAsync();
        using var reader = await app.WithKey(Policies.Editor, readOnly: true);
        using var counter = await app.WithKey(Policies.Admin, area: "count");

        using var refused = await reader.PostAsync("/api/count", new StringContent("x"), Cancel);
        using var counted = await counter.PostAsync("/api/count", new StringContent("x"), Cancel);
        using var elsewhere = await counter.GetAsync("/api/admins", Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Created, counted.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        Assert.Equal(1, app.Counted);
    }

    [Fact]
    public async Task What_a_key_does_is_in_the_log_though_nobody_wrote_it_there()
    {
        await using var app = await StaffApp.StartAsync();
        using var editor = await app.WithKey(Policies.Editor);

        using var read = await editor.GetAsync("/api/admins", Cancel);
        using var done = await editor.PostAsync("/api/count", new StringContent("x"), Cancel);
        using var refused = await editor.PostAsync("/api/refuse", new StringContent("x"), Cancel);

        var entry = Assert.Single(await app.In(services => services.GetRequiredService<StaffDb>().Audit.ToListAsync(Cancel)));
        Assert.Equal(("test", "POST /api/count"), (entry.Who, entry.What));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("curl/8.0", "A browser")]
    [InlineData(null, "A browser")]
    public void One_knows_ones_own_browser_again(string? userAgent, string name) => Assert.Equal(name, BrowserName.Of(userAgent));

    private static async Task AddAsync(StaffApp app, string address, string role)
    {
        var added = await In(app, async (accounts, _) =>
        {
            var path = await accounts.InviteAsync(address, role, Cancel);
            return await accounts.AcceptAsync((await accounts.FindInvitationAsync(path.Split('/')[^1], Cancel))!, address, Password, Cancel);
        });
        Assert.NotNull(added.User);
    }

    private static Task<bool> Forget(StaffApp app, string address) => In(app, async (accounts, _) =>
    {
        await accounts.SendNewPasswordLinkAsync(address, Cancel);
        return true;
    });

    private static Task<List<StaffMail>> Mails(StaffApp app, string address) =>
        app.In(services => services.GetRequiredService<StaffDb>().Mails.AsNoTracking().Where(m => m.Address == address).ToListAsync(Cancel));

    private static Task<T> On<T>(StaffApp app, string address, Func<Accounts, StaffUser, Task<T>> act) =>
        In(app, async (accounts, users) => await act(accounts, (await users.FindByNameAsync(address))!));

    private static Task<T> In<T>(StaffApp app, Func<Accounts, UserManager<StaffUser>, Task<T>> act) =>
        app.In(services => act(services.GetRequiredService<Accounts>(), services.GetRequiredService<UserManager<StaffUser>>()));
}
