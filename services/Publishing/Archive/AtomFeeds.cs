using System.ServiceModel.Syndication;
using System.Xml;
using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Alerts.Publishing.Archive;

/// <summary>Public lists as Atom feeds (RFC 4287).</summary>
internal static class AtomFeeds
{
    /// <summary>The newest posts only: feeds are asked for often.</summary>
    private const int Size = 20;

    public static void MapAtomFeeds(this IEndpointRouteBuilder routes) => routes.MapGet("/feeds/{list}.atom", Feed).AllowAnonymous().ExcludeFromDescription();

    private static async Task<Results<FileContentHttpResult, NotFound>> Feed(
        string list, PublicPosts posts, TimeProvider clock, IOptions<AlertsOptions> options, HttpResponse response, CancellationToken cancellationToken)
    {
        if ((await posts.ListsAsync(cancellationToken)).FirstOrDefault(l => l.Slug == list) is not { } about)
        {
            return TypedResults.NotFound();
        }

        var newest = await posts.NewestAsync(list, Size, cancellationToken);
        var changed = newest.Select(post => (DateTimeOffset?)Changed(post)).Max();
        response.Headers.CacheControl = "public, max-age=60";

        // A withdrawn post changes the tag, too: the ids are in it.
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($"{about}{string.Concat(newest.Select(post => $"{post.Id}{post.Version}"))}")))[..32];
        return TypedResults.Bytes(Write(about, newest, changed ?? clock.GetUtcNow(), options.Value), "application/atom+xml; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static byte[] Write(AudienceList list, List<Post> newest, DateTimeOffset changed, AlertsOptions site)
    {
        var address = new Uri(site.Link($"/feeds/{list.Slug}.atom"));
        var feed = new SyndicationFeed(list.Name, list.Description, new Uri(site.Link($"/archive?list={list.Slug}")), address.AbsoluteUri, changed, newest.Select(post => Entry(post, site)));
        feed.Links.Add(SyndicationLink.CreateSelfLink(address));

        // RFC 4287 §4.1.1: a feed names an author unless all its entries do.
        feed.Authors.Add(new SyndicationPerson { Name = list.Name });
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false) }))
        {
            new Atom10FeedFormatter(feed).WriteTo(writer);
        }

        return stream.ToArray();
    }

    private static SyndicationItem Entry(Post post, AlertsOptions site)
    {
        var entry = new SyndicationItem
        {
            Id = $"urn:uuid:{post.Id}",
            Title = new TextSyndicationContent(post.Title),
            Summary = new TextSyndicationContent(post.Summary),
            Content = new TextSyndicationContent(post.Html, TextSyndicationContentKind.Html),
            PublishDate = post.DatedAt ?? post.ReleasedAt!.Value,
            LastUpdatedTime = Changed(post),
        };
        entry.Links.Add(SyndicationLink.CreateAlternateLink(new Uri(post.LinkOn(site))));
        foreach (var tag in post.Tags)
        {
            entry.Categories.Add(new SyndicationCategory(tag));
        }

        return entry;
    }

    private static DateTimeOffset Changed(Post post) => post.UpdatedAt > post.ReleasedAt ? post.UpdatedAt : post.ReleasedAt!.Value;
}
