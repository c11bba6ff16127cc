using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Alerts.Tests.Unit.Publishing;

public sealed partial class PageTests : IAsyncLifetime
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    private PublishingApp app = null!;
    private HttpClient anybody = null!;
    private HttpClient editor = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        app = await PublishingApp.StartAsync();
        (anybody, editor) = (app.Client(isEditor: false), app.Client(isEditor: true));
    }

    public ValueTask DisposeAsync()
    {
        anybody.Dispose();
        editor.Dispose();
        return app.DisposeAsync();
    }

    [Fact]
    public async Task The_archive_shows_what_went_to_public_lists_the_newest_first_page_by_page()
    {
        for (var n = 1; n <= 25; n++)
        {
            await PublishAsync($"Post {n}", n == 24 ? "staff" : n == 25 ? "releases" : "refugees");
            app.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var first = await GetAsync("/archive");
        var second = await GetAsync(Link("Older posts", first));
        var ofList = await GetAsync("/archive?list=releases");

        Assert.Equal([25, .. Enumerable.Range(5, 19).Reverse()], Posts(first));
        Assert.Equal([4, 3, 2, 1], Posts(second));
        Assert.Equal([25], Posts(ofList));
        await GetAsync("/archive?list=staff", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_empty_archive_says_so() => Assert.Contains("Nothing has been published here yet.", await GetAsync("/archive"), StringComparison.Ordinal);

    [Fact]
    public async Task A_post_has_a_page_until_it_is_withdrawn()
    {
        var id = await PublishAsync("Harbour <closed> & shut", "refugees");

        var page = await GetAsync($"/posts/{id}");
        Assert.Contains("<h1>Harbour &lt;closed&gt; &amp; shut</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<p>It is <strong>closed</strong>.</p>", page, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"description\" content=\"It is closed.\"", page, StringComparison.Ordinal);

        await WithdrawAsync(id);
        var gone = await GetAsync($"/posts/{id}", HttpStatusCode.Gone);
        Assert.DoesNotContain("Harbour", gone, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_posts_drafts_and_unknown_posts_have_no_page()
    {
        await GetAsync($"/posts/{await PublishAsync("Salaries", "staff")}", HttpStatusCode.NotFound);
        await GetAsync($"/posts/{await WriteAsync("Draft", "refugees", null)}", HttpStatusCode.NotFound);
        await GetAsync($"/posts/{Guid.NewGuid()}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_public_list_is_an_atom_feed_and_unchanged_it_is_not_sent_again()
    {
        var id = await PublishAsync("Harbour closed", "refugees");
        await PublishAsync("Salaries", "staff");

        var feed = XDocument.Parse(await GetAsync("/feeds/refugees.atom")).Root!;
        var entry = Assert.Single(feed.Elements(Atom + "entry"));
        Assert.Equal(("Refugees", "Harbour closed", $"urn:uuid:{id}"), (feed.Element(Atom + "title")!.Value, entry.Element(Atom + "title")!.Value, entry.Element(Atom + "id")!.Value));
        Assert.Contains("<strong>closed</strong>", entry.Element(Atom + "content")!.Value, StringComparison.Ordinal);
        await GetAsync("/feeds/staff.atom", HttpStatusCode.NotFound);

        using var first = await anybody.GetAsync("/feeds/refugees.atom", Cancelled);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/feeds/refugees.atom") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await anybody.SendAsync(again, Cancelled);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task The_editor_shows_how_many_readers_a_post_was_sent_to()
    {
        var id = await PublishAsync("Harbour closed", "refugees");
        await app.InDb(db =>
        {
            db.PostDeliveries.Add(new PostDelivery { MailingId = Guid.NewGuid(), PostId = id, Recipients = 1_300, Accepted = 1_234 });
            db.PostDeliveries.Add(new PostDelivery { MailingId = Guid.NewGuid(), PostId = id, Recipients = 1, Accepted = 1 });
            return db.SaveChangesAsync(Cancelled);
        });

        Assert.Contains("1,235", await GetAsync("/editor", client: editor), StringComparison.Ordinal);
    }

    private Task<Guid> PublishAsync(string title, string list) => WriteAsync(title, list, DateTimeOffset.MinValue);

    private Task<Guid> WriteAsync(string title, string list, DateTimeOffset? publishAt) => app.InScope(async services =>
        (await services.GetRequiredService<PostEditing>().WriteAsync(
            new PostRequest { Title = title, Markdown = "It is **closed**.", Lists = [list], PublishAt = publishAt }, null, Cancelled)).Post!.Id);

    private Task<PostOutcome> WithdrawAsync(Guid id) => app.InScope(async services =>
    {
        var db = services.GetRequiredService<Alerts.Publishing.PublishingDb>();
        return await services.GetRequiredService<PostEditing>().DeleteAsync(await db.Posts.SingleAsync(p => p.Id == id, Cancelled), Cancelled);
    });

    private async Task<string> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK, HttpClient? client = null)
    {
        using var response = await (client ?? anybody).GetAsync(path, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == expected, $"{path} answered {(int)response.StatusCode}: {text}");
        return text;
    }

    private static IEnumerable<int> Posts(string page) =>
        Heading().Matches(page).Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    private static string Link(string text, string page) => WebUtility.HtmlDecode(Regex.Match(page, $"href=\"([^\"]*)\">{text}").Groups[1].Value);

    [GeneratedRegex(@">Post (\d+)</a>")]
    private static partial Regex Heading();
}
