using System.Net;
using System.Text;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Publishing.Editor;

public sealed class ComposerTests : EditorTests
{
    [Fact]
    public async Task An_editor_writes_a_post_without_script()
    {
        using var begun = await Ada.GetAsync("/editor/posts/new", Cancelled);
        var path = begun.Headers.Location!.OriginalString;
        Assert.Matches("^/editor/posts/[0-9a-f-]{36}\\?new=1$", path);

        var to = await SubmitAsync(Ada, path, "compose", ("title", "Harbour closed"), ("body", "It is **closed**."), ("format", "markdown"), ("lists", "refugees"), ("lists", "staff"), ("tags", "sea, port"), ("do", "save"));

        Assert.Contains("Saved.", await ReadAsync(Ada, to), StringComparison.Ordinal);
        var post = await App.InDb(db => db.Posts.AsNoTracking().SingleAsync(Cancelled));
        Assert.Equal((PostState.Draft, "refugees staff", "sea port", "Harbour closed"), (post.State, string.Join(' ', post.Lists), string.Join(' ', post.Tags), post.Title));
        Assert.Contains($"<a href=\"/editor/posts/{post.Id}\">Harbour closed</a>", await ReadAsync(Ada, "/editor"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_said_beside_the_field_and_what_was_typed_stays()
    {
        var id = Guid.CreateVersion7();

        var page = await SubmitAsync(Ada, $"/editor/posts/{id}?new=1", "compose", ("title", ""), ("body", "Kept text"), ("format", "markdown"), ("do", "publish"));

        Assert.Contains("id=\"title-error\">Give the post a title.", page, StringComparison.Ordinal);
        Assert.Contains("id=\"lists-error\">Name at least one list.", page, StringComparison.Ordinal);
        Assert.Contains(">Kept text</textarea>", page, StringComparison.Ordinal);
        Assert.Contains(">Kept text</textarea>", await ReadAsync(Ada, $"/editor/posts/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_ends_mid_text_loses_nothing()
    {
        var id = Guid.CreateVersion7();
        await KeepAsync(Ada, id, ("title", "Half a"), ("body", "Half a sentence, and the"), ("lists", "refugees"));

        // Nothing of it is a post, and nobody else sees it; she finds it where she left it.
        Assert.Equal(0, await App.InDb(db => db.Posts.CountAsync(Cancelled)));
        Assert.Contains($"<a href=\"/editor/posts/{id}\">Half a</a>", await ReadAsync(Ada, "/editor"), StringComparison.Ordinal);
        Assert.DoesNotContain("Half a", await ReadAsync(Bob, "/editor"), StringComparison.Ordinal);
        Assert.Contains(">Half a sentence, and the</textarea>", await ReadAsync(Ada, $"/editor/posts/{id}"), StringComparison.Ordinal);
        await ReadAsync(Bob, $"/editor/posts/{id}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_two_editors_who_save_the_second_is_shown_both_texts_and_none_is_lost()
    {
        var id = await DraftAsync(Ada, body: "The harbour is closed.");
        var before = (await PostAsync(id)).Change;
        var told = await KeepAsync(Bob, id, ("title", "Harbour closed"), ("body", "The harbour is closed until noon."), ("lists", "refugees"), ("change", $"{before}"));
        Assert.Equal("", told["others"]!.GetValue<string>());
        Assert.Contains("bob has typed in this post, too", await ReadAsync(Ada, $"/editor/posts/{id}"), StringComparison.Ordinal);
        await SubmitAsync(Ada, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "The harbour is closed. Ferries run."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"));

        var page = await SubmitAsync(Bob, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "The harbour is closed until noon."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"), ("change", $"{before}"));

        Assert.Contains("changed by somebody else since you began", page, StringComparison.Ordinal);
        Assert.Contains("The harbour is closed. Ferries run.</textarea>", page, StringComparison.Ordinal);
        Assert.Contains("The harbour is closed until noon.</textarea>", page, StringComparison.Ordinal);
        Assert.Equal("The harbour is closed. Ferries run.", (await PostAsync(id)).Markdown);
        Assert.Contains("The harbour is closed until noon.</textarea>", await ReadAsync(Bob, $"/editor/posts/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Having_seen_both_texts_the_second_editor_may_save_hers()
    {
        var id = await DraftAsync(Ada, body: "One.");
        var before = (await PostAsync(id)).Change;
        await SubmitAsync(Ada, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Two."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"));
        await SubmitAsync(Bob, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Three."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"), ("change", $"{before}"));

        var to = await SubmitAsync(Bob, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Two and three."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"));

        Assert.Equal($"/editor/posts/{id}?done=saved", to);
        Assert.Equal("Two and three.", (await PostAsync(id)).Markdown);
    }

    [Fact]
    public async Task Every_saved_text_can_be_seen_and_taken_up_again()
    {
        var id = await DraftAsync(Ada, body: "The old text.");
        App.Clock.Advance(TimeSpan.FromMinutes(1));
        await SubmitAsync(Bob, $"/editor/posts/{id}", "compose", ("title", "Harbour open"), ("body", "The new text."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"));
        var versions = await App.InDb(db => db.PostVersions.AsNoTracking().OrderBy(v => v.Id).ToListAsync(Cancelled));
        Assert.Equal(["ada", "bob"], versions.Select(v => v.Who));

        var page = await ReadAsync(Ada, $"/editor/posts/{id}/versions");
        Assert.Contains("<del>Harbour closed</del>", page, StringComparison.Ordinal);
        Assert.Contains("<mark>new</mark>", page, StringComparison.Ordinal);
        var to = await SubmitAsync(Ada, $"/editor/posts/{id}/versions", "restore", ("version", versions[0].Id.ToString()));

        Assert.Contains(">The old text.</textarea>", await ReadAsync(Ada, to), StringComparison.Ordinal);
        Assert.Equal("The new text.", (await PostAsync(id)).Markdown);
    }

    [Fact]
    public async Task The_mail_is_shown_as_it_will_be_with_headers_size_and_what_to_look_at()
    {
        var id = Guid.CreateVersion7();
        var long_ = new string('x', 80);

        var mail = await KeepAsync(Ada, id, ("title", long_), ("body", "Look [here](https://example.org).\n\n![](https://elsewhere.example/a.png)"), ("lists", "refugees"));

        Assert.Equal(long_, mail["subject"]!.GetValue<string>());
        var headers = mail["headers"]!.AsArray().ToDictionary(h => h!["name"]!.GetValue<string>(), h => h!["value"]!.GetValue<string>());
        Assert.Equal("<refugees.lists.localhost>", headers["List-Id"]);
        Assert.Equal("List-Unsubscribe=One-Click", headers["List-Unsubscribe-Post"]);
        Assert.Contains("multipart/alternative", headers["Content-Type"], StringComparison.Ordinal);
        Assert.InRange(mail["bytes"]!.GetValue<int>(), 2_000, 20_000);
        Assert.Contains("here (https://example.org)", mail["text"]!.GetValue<string>(), StringComparison.Ordinal);
        var checks = mail["checks"]!.AsArray().ToDictionary(c => c!["what"]!.GetValue<string>(), c => c!["state"]!.GetValue<string>());
        Assert.Equal(("Look", "Good", "Look", "Look", "Good"), (checks["Subject"], checks["Lists"], checks["Links"], checks["Pictures"], checks["Size"]));

        var shown = await ReadAsync(Ada, $"/editor/posts/{id}/mail?mode=dark");
        Assert.Contains("@media all", shown, StringComparison.Ordinal);
        Assert.Contains("Unsubscribe", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mail_is_shown_in_a_sandbox()
    {
        using var mail = await Ada.GetAsync($"/editor/posts/{await DraftAsync(Ada)}/mail", Cancelled);

        var policy = Assert.Single(mail.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("sandbox", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_megabytes_of_pasted_HTML_come_back_as_clean_text()
    {
        var page = await ReadAsync(Ada, $"/editor/posts/{Guid.CreateVersion7()}?new=1");
        var pasted = new StringBuilder("<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p.MsoNormal{color:red}</style></head><body><!--[if gte mso 9]><xml></xml><![endif]-->");
        for (var i = 0; pasted.Length < 2_000_000; i++)
        {
            pasted.Append("<p class=MsoNormal style='mso-margin:0' onclick='steal()'>Line <b>").Append(i).Append("</b><o:p></o:p> <script>steal()</script><img src='data:image/png;base64,").Append('A', 2_000).Append("'><a href='javascript:steal()'>x</a></p>");
        }

        using var body = new FormUrlEncodedContent([KeyValuePair.Create("html", pasted.ToString()), KeyValuePair.Create("__RequestVerificationToken", TokenOf(page))]);
        using var answer = await Ada.PostAsync("/editor/paste", body, Cancelled);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var html = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("html").GetString()!;
        Assert.Contains("Line <b>500</b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("steal", html, StringComparison.Ordinal);
        Assert.DoesNotContain("data:", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Mso", html, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("links")]
    public async Task What_the_script_sends_needs_the_token_of_the_page(string what)
    {
        using var body = new FormUrlEncodedContent([KeyValuePair.Create("title", "Forged")]);
        using var answer = await Ada.PostAsync($"/editor/posts/{Guid.CreateVersion7()}/{what}", body, Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, await App.InDb(db => db.WorkingCopies.CountAsync(Cancelled)));
    }

    [Fact]
    public async Task A_published_post_is_corrected_with_or_without_a_mail_about_it()
    {
        var id = await DraftAsync(Ada);
        await SubmitAsync(Ada, $"/editor/posts/{id}/publish", "publish", ("when", "now"), ("zone", "UTC"));
        App.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await PublishedAsync());

        await SubmitAsync(Ada, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Quietly corrected."), ("format", "markdown"), ("lists", "refugees"), ("do", "save"));
        var to = await SubmitAsync(Ada, $"/editor/posts/{id}", "compose", ("title", "Harbour closed"), ("body", "Corrected aloud."), ("format", "markdown"), ("lists", "refugees"), ("tell", "true"), ("do", "save"));

        Assert.EndsWith("done=told", to, StringComparison.Ordinal);
        Assert.Equal([false, true], (await App.Sent<PostCorrected>()).Select(correction => correction.Mail));
    }
}
