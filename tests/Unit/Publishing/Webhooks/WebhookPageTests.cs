using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alerts.Publishing.Webhooks;
using Alerts.Tests.Unit.Publishing.Editor;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Publishing.Webhooks;

/// <summary>Webhooks in the hands of an admin, by page and by API.</summary>
public sealed partial class WebhookPageTests : EditorTests
{
    private static readonly string[] Published = ["post.published.v1"];

    [Fact]
    public async Task A_webhook_is_added_changed_and_deleted_and_its_secret_shown_once()
    {
        await using var receiver = await Receiver.StartAsync();
        Assert.Contains("There is no webhook yet.", await ReadAsync(Ada, "/admin/webhooks"), StringComparison.Ordinal);

        var added = await SubmitAsync(Ada, "/admin/webhooks", "add-webhook", ("url", receiver.Url), ("facts", "post.published.v1"), ("lists", "staff"), ("on", "yes"));

        var secret = SecretIn(added);
        Assert.NotEmpty(secret);
        var hook = await App.InDb(db => db.Webhooks.AsNoTracking().SingleAsync(Cancelled));
        Assert.Equal((receiver.Url, true, "staff", "post.published.v1"), (hook.Url, hook.IsOn, Assert.Single(hook.Lists), Assert.Single(hook.Facts)));
        Assert.Equal(-1, hook.Secret.AsSpan().IndexOf(Convert.FromBase64String(secret["whsec_".Length..])));
        var path = $"/admin/webhooks/{hook.Id}";
        Assert.DoesNotContain("whsec_", await ReadAsync(Ada, "/admin/webhooks") + await ReadAsync(Ada, path) + await ReadAsync(Ada, $"/api/webhooks/{hook.Id}"), StringComparison.Ordinal);

        Assert.Contains("Saved.", await SubmitAsync(Ada, path, "change-webhook", ("url", receiver.Url), ("facts", "post.withdrawn.v1")), StringComparison.Ordinal);
        Assert.Contains("It took the test: it answered 200.", await SubmitAsync(Ada, path, "test-webhook"), StringComparison.Ordinal);
        var test = Assert.Single(receiver.Calls);
        Assert.Equal(("test.v1", test.SignatureBy(secret)), (test.Type, test.Signature));

        var renewed = SecretIn(await SubmitAsync(Ada, path, "new-secret"));
        receiver.AnswerWith(500);
        Assert.Contains("It didn’t take the test: it answered 500.", await SubmitAsync(Ada, path, "test-webhook"), StringComparison.Ordinal);
        Assert.NotEqual(secret, renewed);
        Assert.Equal(receiver.Calls[1].SignatureBy(renewed), receiver.Calls[1].Signature);
        var page = await ReadAsync(Ada, path);
        Assert.Contains(">delivered<", page, StringComparison.Ordinal);
        Assert.Contains(">failed<", page, StringComparison.Ordinal);
        Assert.Contains(">off<", page, StringComparison.Ordinal);

        Assert.Equal("/admin/webhooks?deleted=true", await SubmitAsync(Ada, path, "delete-webhook"));
        Assert.Contains("Deleted.", await ReadAsync(Ada, "/admin/webhooks?deleted=true"), StringComparison.Ordinal);
        Assert.Equal(0, await App.InDb(db => db.WebhookCalls.CountAsync(Cancelled)));
        await ReadAsync(Ada, path, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("", "post.published.v1", "", "url")]
    [InlineData("harbour", "post.published.v1", "", "url")]
    [InlineData("http://harbour.example/", "post.published.v1", "", "url")]
    [InlineData("https://ada:secret@harbour.example/", "post.published.v1", "", "url")]
    [InlineData("https://harbour.example/", "post.burnt.v1", "", "facts")]
    [InlineData("https://harbour.example/", "post.published.v1", "nowhere", "lists")]
    public async Task What_is_wrong_is_said_beside_the_field(string url, string fact, string list, string field)
    {
        (string, string)[] lists = list.Length > 0 ? [("lists", list)] : [];
        var page = await SubmitAsync(Ada, "/admin/webhooks", "add-webhook", [("url", url), ("facts", fact), ("on", "yes"), .. lists]);
        using var refused = await Ada.PostAsJsonAsync("/api/webhooks", new { url, facts = new[] { fact }, lists = list.Length > 0 ? new[] { list } : [] }, Cancelled);

        Assert.Matches($"id=\"{field}-error\">.", page);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.NotNull((await refused.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["errors"]![field]);
        Assert.Equal(0, await App.InDb(db => db.Webhooks.CountAsync(Cancelled)));
    }

    [Fact]
    public async Task There_are_so_many_and_no_more()
    {
        for (var n = 0; n < Webhook.Most; n++)
        {
            using var added = await Ada.PostAsJsonAsync("/api/webhooks", new { url = $"https://harbour.example/{n}", facts = Published }, Cancelled);
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        }

        using var refused = await Ada.PostAsJsonAsync("/api/webhooks", new { url = "https://harbour.example/", facts = Published }, Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(Webhook.Most, (await Ada.GetFromJsonAsync<JsonArray>("/api/webhooks", Cancelled))!.Count);
    }

    private static string SecretIn(string page) => Secret().Match(WebUtility.HtmlDecode(page)).Value;

    [GeneratedRegex("whsec_[A-Za-z0-9+/=]{44}")]
    private static partial Regex Secret();
}
