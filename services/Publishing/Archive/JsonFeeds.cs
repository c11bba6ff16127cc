using System.Text.Json;
using System.Text.Json.Serialization;
using Alerts.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Alerts.Publishing.Archive;

/// <summary>Public lists as JSON Feeds (jsonfeed.org, version 1.1).</summary>
internal static class JsonFeeds
{
    /// <summary>The newest posts only: feeds are asked for often.</summary>
    private const int Size = 20;

    private const string Version = "https://jsonfeed.org/version/1.1";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private sealed record JsonFeed(string Version, string Title, string? Description, string HomePageUrl, string FeedUrl, IReadOnlyList<JsonItem> Items);

    private sealed record JsonItem(
        string Id, string Url, string Title, string? Summary, string ContentHtml, string ContentText, DateTimeOffset DatePublished, DateTimeOffset? DateModified, IReadOnlyList<string> Tags);

    public static void MapJsonFeeds(this IEndpointRouteBuilder routes) => routes.MapGet("/feeds/{list}.json", Feed).AllowAnonymous().ExcludeFromDescription();

    private static async Task<Results<FileContentHttpResult, NotFound>> Feed(
        string list, PublicPosts posts, IOptions<AlertsOptions> options, HttpResponse response, CancellationToken cancellationToken)
    {
        if ((await posts.ListsAsync(cancellationToken)).FirstOrDefault(l => l.Slug == list) is not { } about)
        {
            return TypedResults.NotFound();
        }

        var site = options.Value;
        var items = (await posts.NewestAsync(list, Size, cancellationToken)).Select(post => new JsonItem(
            $"urn:uuid:{post.Id}", post.LinkOn(site), post.Title, post.Summary.Length > 0 ? post.Summary : null, post.Html, post.Text,
            post.DatedAt ?? post.ReleasedAt!.Value, post.UpdatedAt > post.ReleasedAt ? post.UpdatedAt : null, post.Tags));
        var feed = new JsonFeed(
            Version, about.Name, about.Description.Length > 0 ? about.Description : null, site.Link($"/archive?list={about.Slug}"), site.Link($"/feeds/{about.Slug}.json"), [.. items]);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(feed, Format);
        response.Headers.CacheControl = "public, max-age=60";
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)[..16]);
        return TypedResults.File(bytes, "application/feed+json; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }
}
