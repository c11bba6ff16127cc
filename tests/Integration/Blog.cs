using System.Text;

namespace Alerts.Tests.Integration;

/// <summary>A blog's category feed as many sites write it: RSS 2.0, newest first, nothing dated.</summary>
internal static class Blog
{
    public static async Task<string> WriteAsync(string folder, string name, IEnumerable<int> posts, Func<int, string>? body = null)
    {
        var items = new StringBuilder();
        foreach (var number in posts.OrderDescending())
        {
            items.Append(System.Globalization.CultureInfo.InvariantCulture, $"""
                <item>
                <title>{Title(number).Replace("&", "&amp;", StringComparison.Ordinal)}</title>
                <link>https://blog.example/{number}/</link>
                <guid isPermaLink="true">https://blog.example/{number}/</guid>
                <description>In short: number {number}.</description>
                <content:encoded><![CDATA[<p>{body?.Invoke(number) ?? $"The whole of number {number}."}</p><p><a href="/more/{number}">Read on</a></p>]]></content:encoded>
                </item>

                """);
        }

        var file = Path.Combine(folder, "feed.xml");
        await File.WriteAllTextAsync(file, $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
            <channel><title>Border notes</title><link>https://blog.example/category/{name}/</link><description>Notes</description>
            {items}</channel></rss>
            """, TestContext.Current.CancellationToken);
        return file;
    }

    public static string Title(int number) => $"Note {number}: fish & chips at the border";
}
