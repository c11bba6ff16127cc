using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Tests.Unit.Publishing.Editor;

/// <summary>What the tests of the composer share: an editor who has forms, with their tokens, and no script.</summary>
public abstract partial class EditorTests : IAsyncLifetime
{
    internal PublishingApp App { get; private set; } = null!;

    protected HttpClient Ada { get; private set; } = null!;

    protected HttpClient Bob { get; private set; } = null!;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        App = await PublishingApp.StartAsync();
        (Ada, Bob) = (App.Client(isEditor: true), App.Client(isEditor: true, "bob"));
    }

    public ValueTask DisposeAsync()
    {
        Ada.Dispose();
        Bob.Dispose();
        GC.SuppressFinalize(this);
        return App.DisposeAsync();
    }

    protected static async Task<string> ReadAsync(HttpClient who, string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        ArgumentNullException.ThrowIfNull(who);
        using var response = await who.GetAsync(path, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode == expected, $"{path} answered {(int)response.StatusCode}: {text}");
        return WebUtility.HtmlDecode(text);
    }

    /// <summary>Opens a page and sends one of its forms.</summary>
    /// <returns>Where it leads, or the page it shows instead.</returns>
    protected static async Task<string> SubmitAsync(HttpClient who, string path, string form, params (string Name, string Value)[] fields)
    {
        ArgumentNullException.ThrowIfNull(who);
        var page = await ReadAsync(who, path);
        var given = fields.Append(("_handler", form)).Append(("__RequestVerificationToken", TokenOf(page)));
        if (!fields.Any(f => f.Name == "change") && Change().Match(page) is { Success: true } change)
        {
            given = given.Append(("change", change.Groups[1].Value));
        }

        return await SendAsync(who, path, given);
    }

    /// <summary>As a page that was opened before is sent.</summary>
    protected static async Task<string> SendAsync(HttpClient who, string path, IEnumerable<(string Name, string Value)> fields)
    {
        ArgumentNullException.ThrowIfNull(who);
        using var body = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var response = await who.PostAsync(path, body, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect, $"{path} answered {(int)response.StatusCode}: {text}");
        return response.Headers.Location is { } location ? (location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString) : WebUtility.HtmlDecode(text);
    }

    /// <summary>As the composer's script keeps what is typed.</summary>
    protected static async Task<JsonNode> KeepAsync(HttpClient who, Guid id, params (string Name, string Value)[] fields)
    {
        ArgumentNullException.ThrowIfNull(who);
        var page = await ReadAsync(who, $"/editor/posts/{id}?new=1");
        using var body = new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", TokenOf(page))).Append(("format", "markdown")).Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
        using var response = await who.PostAsync($"/editor/posts/{id}/copy", body, Cancelled);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancelled));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!;
    }

    /// <summary>Writes a post as a draft and returns its id.</summary>
    protected static async Task<Guid> DraftAsync(HttpClient who, string title = "Harbour closed", string body = "It is **closed**.", string list = "refugees", bool urgent = false)
    {
        var id = Guid.CreateVersion7();
        (string, string)[] fields = [("title", title), ("body", body), ("format", "markdown"), ("lists", list), ("do", "save")];
        Assert.Equal($"/editor/posts/{id}?done=saved", await SubmitAsync(who, $"/editor/posts/{id}?new=1", "compose", urgent ? [.. fields, ("urgent", "true")] : fields));
        return id;
    }

    internal Task<Post> PostAsync(Guid id) => App.InDb(db => db.Posts.AsNoTracking().SingleAsync(p => p.Id == id, Cancelled));

    internal async Task<int> PublishedAsync()
    {
        await App.RunAsync<PublishDuePosts>();
        return (await App.Sent<PostPublished>()).Count;
    }

    protected static string TokenOf(string page) => Token().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();

    [GeneratedRegex("name=\"change\" value=\"([^\"]*)\"")]
    private static partial Regex Change();
}
