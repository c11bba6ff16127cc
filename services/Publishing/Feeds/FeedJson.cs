using System.Text.Json;

namespace Alerts.Publishing.Feeds;

/// <summary>Reads JSON Feed 1.0 and 1.1 (jsonfeed.org).</summary>
internal static class FeedJson
{
    /// <summary>Null when it is JSON of another kind.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static RawFeed? Read(string text, Uri? address)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || Text(root, "version")?.Contains("jsonfeed.org/version/", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        var site = WebAddress.Resolve(address, Text(root, "home_page_url"));
        var items = Array(root, "items").Where(item => item.ValueKind == JsonValueKind.Object);
        return new RawFeed(new RawText(Text(root, "title"), IsHtml: false), site, [.. items.Select(item => ReadItem(item, site ?? address))]);
    }

    private static RawEntry ReadItem(JsonElement item, Uri? site)
    {
        var link = WebAddress.Resolve(site, Text(item, "url")) ?? WebAddress.Resolve(site, Text(item, "external_url"));
        return new RawEntry
        {
            Id = Text(item, "id"),
            Title = new RawText(Text(item, "title"), IsHtml: false),
            Link = link,
            Content = Text(item, "content_html") is { } html ? new RawText(html, IsHtml: true) : new RawText(Text(item, "content_text"), IsHtml: false),
            Summary = new RawText(Text(item, "summary"), IsHtml: false),
            Published = FeedDate.Parse(Text(item, "date_published")),
            Updated = FeedDate.Parse(Text(item, "date_modified")),
            Tags = [.. Array(item, "tags").Select(Text).OfType<string>()],
            Base = link ?? site,
        };
    }

    private static JsonElement[] Array(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>Numbers count as text: ids are often given so.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are no UTF-8.
            return null;
        }
    }
}
