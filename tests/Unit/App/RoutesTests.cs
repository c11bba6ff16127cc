using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Alerts.App;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.App;

/// <summary>Every route of the whole product, walked without an account, as an editor in a browser, with an editor's key, and as somebody who still lacks the second factor asked of her.</summary>
public sealed class RoutesTests(RoutesTests.Host host) : IClassFixture<RoutesTests.Host>
{
    /// <summary>What anybody may open: what readers use, what machines ask, and the way in. A route that is to be public is put here on purpose.</summary>
    private static readonly string[] Public =
    [
        "/", "/archive", "/posts/{", "/events", "/events/{", "/digests/{", "/digests/events/", "/feeds/", "/images/",
        "/subscribe", "/confirm/", "/preferences/", "/u/", "/move/", "/rsvp/", "/privacy", "/imprint",
        "/staff/sign-in", "/staff/sign-in/code", "/staff/forgotten", "/staff/welcome/{", "/staff/passkeys/for-sign-in",
        "/health/live", "/health/ready", "/metrics", "/openapi/{documentName}.json", "/{**path",

        // The script of the API's reference, which is a library's; the reference itself is an editor's.
        "/staff/api/scalar.js", "/staff/api/scalar.aspnetcore.js", "/staff/api/favicon.svg",
    ];

    [Fact]
    public async Task Without_an_account_nothing_opens_but_what_is_public()
    {
        var open = new List<string>();
        var walked = 0;
        foreach (var route in host.Routes)
        {
            using var answer = await Host.SendAsync(host.Anonymous, route);
            var refused = answer.StatusCode == HttpStatusCode.Unauthorized || (answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location?.AbsolutePath == "/staff/sign-in");
            if (!refused && !IsPublic(route))
            {
                open.Add($"{route.Method} {route.Pattern}: {(int)answer.StatusCode}");
            }

            walked++;
        }

        Assert.True(open.Count == 0, "Open to anybody, and not on the list of what is public:\n" + string.Join('\n', open));
        Assert.InRange(walked, 80, 1_000);
    }

    [Fact]
    public async Task An_editor_gets_403_on_every_page_and_call_that_is_an_admins()
    {
        var wrong = new List<string>();
        var admins = host.Routes.Where(r => r.Policies.Contains(Policies.Admin)).ToList();
        foreach (var route in admins)
        {
            foreach (var (who, client) in new[] { ("browser", host.EditorsBrowser), ("key", host.EditorsKey) })
            {
                using var answer = await Host.SendAsync(client, route);
                if (answer.StatusCode != HttpStatusCode.Forbidden)
                {
                    wrong.Add($"{route.Method} {route.Pattern} by {who}: {(int)answer.StatusCode}");
                }
            }
        }

        Assert.True(wrong.Count == 0, "An editor isn't refused:\n" + string.Join('\n', wrong));
        Assert.Contains(admins, r => r.Pattern == "/staff/people");
        Assert.Contains(admins, r => r is { Pattern: "/api/lists/", Method: "POST" } or { Pattern: "/api/lists", Method: "POST" });
    }

    [Fact]
    public void What_administers_is_an_admins()
    {
        string[] forEditors = ["/admin/mailings"];

        var open = host.Routes.Where(r => r.Pattern.StartsWith("/admin", StringComparison.Ordinal) && !r.Policies.Contains(Policies.Admin) && !forEditors.Any(e => r.Pattern.StartsWith(e, StringComparison.Ordinal))).ToList();

        Assert.True(open.Count == 0, "Below /admin and not an admin's:\n" + string.Join('\n', open));
    }

    [Fact]
    public async Task Whoever_lacks_the_second_factor_asked_of_all_gets_no_further_than_her_account()
    {
        await host.AskForSecondFactorAsync(true);
        try
        {
            var wrong = new List<string>();
            foreach (var route in host.Routes.Where(r => !IsPublic(r) && r.Pattern is not ("/staff/account" or "/staff/sign-out" or "/staff/passkeys/for-adding")))
            {
                using var answer = await Host.SendAsync(host.EditorsBrowser, route);
                var sentThere = answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location?.OriginalString == "/staff/account";
                if (!sentThere && answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.NotFound))
                {
                    wrong.Add($"{route.Method} {route.Pattern}: {(int)answer.StatusCode}");
                }
            }

            Assert.True(wrong.Count == 0, "Open without the second factor:\n" + string.Join('\n', wrong));
            using var account = await host.EditorsBrowser.GetAsync("/staff/account", TestContext.Current.CancellationToken);
            Assert.Contains("ask for a second factor", await account.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            await host.AskForSecondFactorAsync(false);
        }
    }

    [Fact]
    public async Task No_page_fails_on_what_is_no_form()
    {
        var failed = new List<string>();
        foreach (var route in host.Routes.Where(r => r.Method == "POST" && !r.Pattern.StartsWith("/api", StringComparison.Ordinal)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, route.Path) { Headers = { { "Accept", "text/html" } } };
            using var answer = await host.EditorsBrowser.SendAsync(request, TestContext.Current.CancellationToken);
            if (answer.StatusCode >= HttpStatusCode.InternalServerError)
            {
                failed.Add($"{route.Pattern}: {(int)answer.StatusCode}");
            }
        }

        Assert.True(failed.Count == 0, "Failed on a post without a form:\n" + string.Join('\n', failed));
    }

    [Fact]
    public async Task A_call_that_another_site_makes_with_the_cookie_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/posts") { Content = new StringContent("{}", Encoding.UTF8, "application/json"), Headers = { { "Sec-Fetch-Site", "same-site" } } };

        using var answer = await host.EditorsBrowser.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_change_by_the_API_is_in_the_log_before_and_after()
    {
        using var added = await host.AdminsKey.PostAsync("/api/lists", Json("""{"slug":"rivers","name":"Rivers","description":"","visibility":"public"}"""), TestContext.Current.CancellationToken);
        using var changed = await host.AdminsKey.PatchAsync("/api/lists/rivers", Json("""{"name":"Rivers and lakes"}"""), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (added.StatusCode, changed.StatusCode));

        var entry = (await host.AuditAsync()).Single(e => e.What == "PATCH /api/lists/{slug}");

        Assert.Equal(("an admin's", "rivers"), (entry.Who, entry.Target));
        Assert.Contains("Name: Rivers → Rivers and lakes", entry.Changes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_says_that_a_readers_details_changed_and_not_from_what_to_what()
    {
        using var list = await host.AdminsKey.PostAsync("/api/lists", Json("""{"slug":"lakes","name":"Lakes","description":"","visibility":"public"}"""), TestContext.Current.CancellationToken);
        using var added = await host.AdminsKey.PostAsync(
            "/api/subscribers", Json("""{"address":"grace.secret@example.org","name":"Grace Secret","confirmed":true,"subscriptions":[{"list":"lakes","frequency":"daily"}]}"""), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);

        var entry = (await host.AuditAsync()).Single(e => e.What.StartsWith("POST /api/subscribers", StringComparison.Ordinal));

        Assert.Contains("Subscriber", entry.Changes, StringComparison.Ordinal);
        Assert.DoesNotContain("ecret", entry.Changes, StringComparison.Ordinal);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static bool IsPublic(Route route) =>
        route.IsAsset || Public.Any(p => p.EndsWith('/') || p.EndsWith('{') || p.StartsWith("/{", StringComparison.Ordinal) ? p == "/" ? route.Pattern == "/" : route.Pattern.StartsWith(p, StringComparison.Ordinal) : route.Pattern == p);

    /// <summary>A route and a method it takes.</summary>
    /// <param name="Policies">That it names; none: the one of all that name none.</param>
    internal sealed record Route(string Method, string Pattern, string Path, IReadOnlyList<string> Policies, IReadOnlyList<string> Takes, bool IsAsset);

    /// <summary>All services in one process, on a port of its own.</summary>
    public sealed class Host : IAsyncLifetime
    {
        private const string Password = "correct horse battery";

        private readonly string folder = Directory.CreateTempSubdirectory("alerts-test-").FullName;
        private WebApplication? app;

        internal IReadOnlyList<Route> Routes { get; private set; } = [];

        internal HttpClient Anonymous { get; private set; } = null!;

        internal HttpClient EditorsBrowser { get; private set; } = null!;

        internal HttpClient EditorsKey { get; private set; } = null!;

        internal HttpClient AdminsKey { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            // What the style sheet and scripts are is written beside the product, not beside its tests.
            var product = Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.FullName, "Alerts.App", new DirectoryInfo(AppContext.BaseDirectory).Name);
            foreach (var file in Directory.EnumerateFiles(product, "alerts.staticwebassets.*.json"))
            {
                File.Copy(file, Path.Combine(AppContext.BaseDirectory, Path.GetFileName(file)), overwrite: true);
            }

            app = AlertsHost.Build(["--Data=" + folder, "--urls=http://127.0.0.1:0", "--Environment=Development", "--applicationName=alerts"]);
            await app.Services.PrepareAsync(wait: true, CancellationToken.None);
            await app.StartAsync();
            Routes = [.. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(Of).DistinctBy(r => (r.Method, r.Pattern))];

            await using var scope = app!.Services.CreateAsyncScope();
            var accounts = scope.ServiceProvider.GetRequiredService<Accounts>();
            foreach (var (address, role) in new[] { ("admin@example.org", Policies.Admin), ("editor@example.org", Policies.Editor) })
            {
                var path = await accounts.InviteAsync(address, role, CancellationToken.None);
                await accounts.AcceptAsync((await accounts.FindInvitationAsync(path.Split('/')[^1], CancellationToken.None))!, address, Password, CancellationToken.None);
            }

            Anonymous = Client();
            EditorsKey = Client(await accounts.AddKeyAsync("an editor's", Policies.Editor, CancellationToken.None));
            AdminsKey = Client(await accounts.AddKeyAsync("an admin's", Policies.Admin, CancellationToken.None));
            EditorsBrowser = Client();
            await SignInAsync(EditorsBrowser);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in new[] { Anonymous, EditorsBrowser, EditorsKey, AdminsKey })
            {
                client?.Dispose();
            }

            if (app is not null)
            {
                await app.StopAsync();
                await app.DisposeAsync();
            }

            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }

        internal static async Task<HttpResponseMessage> SendAsync(HttpClient client, Route route)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Path);
            request.Headers.Accept.ParseAdd("text/html");
            if (route.Method is not ("GET" or "HEAD"))
            {
                // What it doesn't take it isn't found for.
                request.Content = route.Takes switch
                {
                    [] => new FormUrlEncodedContent([]),
                    var takes when takes.Contains("application/json") => Json("{}"),
                    var takes when takes.Contains("multipart/form-data") => new MultipartFormDataContent { { new StringContent("x"), "x" } },
                    var takes when takes.Contains("application/x-www-form-urlencoded") => new FormUrlEncodedContent([]),
                    [var first, ..] => new ByteArrayContent("x"u8.ToArray()) { Headers = { ContentType = new(first) } },
                };
            }

            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        }

        internal async Task AskForSecondFactorAsync(bool asked)
        {
            await using var scope = app!.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<StaffDb>();
            await db.Rules.ExecuteDeleteAsync(TestContext.Current.CancellationToken);
            db.Rules.Add(new StaffRules { SecondFactor = asked });
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        internal async Task<List<AuditEntry>> AuditAsync()
        {
            await using var scope = app!.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<StaffDb>().Audit.AsNoTracking().ToListAsync(TestContext.Current.CancellationToken);
        }

        private HttpClient Client(string? key = null)
        {
            var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app!.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
            if (key is not null)
            {
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            }

            return client;
        }

        private static async Task SignInAsync(HttpClient browser)
        {
            var page = await browser.GetStringAsync("/staff/sign-in");
            var token = System.Text.RegularExpressions.Regex.Match(page, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = token,
                ["Form.Address"] = "editor@example.org",
                ["Form.Password"] = Password,
            });
            using var answer = await browser.PostAsync("/staff/sign-in", form);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }

        private static IEnumerable<Route> Of(RouteEndpoint endpoint)
        {
            var policies = endpoint.Metadata.OfType<IAuthorizeData>().Select(a => a.Policy).OfType<string>().ToList();
            var asset = endpoint.Metadata.Any(m => m.GetType().FullName?.Contains("StaticAsset", StringComparison.Ordinal) == true);
            var takes = endpoint.Metadata.OfType<IAcceptsMetadata>().SelectMany(a => a.ContentTypes).ToList();
            var pattern = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } named ? named : ["GET", "POST"];
            return methods.Where(m => m is not "OPTIONS").Select(method => new Route(method, pattern, Fill(endpoint.RoutePattern), policies, takes, asset));
        }

        /// <summary>The pattern with something in each of its parameters that the constraints allow.</summary>
        private static string Fill(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => parameter.ParameterPolicies.Select(p => p.Content).ToList() switch
            {
                var p when p.Contains("guid") => "00000000-0000-0000-0000-000000000001",
                var p when p.Contains("int") || p.Contains("long") => "1",
                _ => parameter.IsCatchAll ? "nothing" : parameter.Name == "documentName" ? "v1" : "x",
            },
            _ => "",
        }))));
    }
}
