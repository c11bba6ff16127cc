using AngleSharp.Html.Parser;

namespace Alerts.Mailings.Layout;

/// <summary>A picture of a post.</summary>
/// <param name="Text">What it shows, in words; may be empty.</param>
public sealed record Picture(string Address, string Text)
{
    private const int AddressLength = 1_000;
    private const int TextLength = 200;

    /// <summary>The first picture of cleaned HTML that has an address of the web. Null when there is none.</summary>
    public static Picture? FirstOf(string html)
    {
        ArgumentNullException.ThrowIfNull(html);

        if (!html.Contains("<img", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        foreach (var picture in new HtmlParser().ParseDocument(html).Images)
        {
            var address = picture.GetAttribute("src") ?? "";
            if (address.Length <= AddressLength && Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp))
            {
                return new Picture(address, Excerpt.Of(picture.GetAttribute("alt") ?? "", TextLength));
            }
        }

        return null;
    }
}
