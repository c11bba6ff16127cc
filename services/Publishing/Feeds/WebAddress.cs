namespace Alerts.Publishing.Feeds;

internal static class WebAddress
{
    /// <summary>Longer ones are not followed by browsers everywhere, and only swell a mail.</summary>
    private const int MaxLength = 2_000;

    /// <summary>An absolute http or https address, or null for what is none, not even with <paramref name="baseAddress"/>.</summary>
    public static Uri? Resolve(Uri? baseAddress, string? reference)
    {
        reference = PlainText.OneLine(reference);
        if (reference.Length is 0 or > MaxLength)
        {
            return null;
        }

        if (reference.StartsWith("//", StringComparison.Ordinal))
        {
            reference = $"{baseAddress?.Scheme ?? Uri.UriSchemeHttps}:{reference}";
        }

        // "/path" alone is an absolute file address on Unix, hence the look at the scheme.
        var isAddress = (Uri.TryCreate(reference, UriKind.Absolute, out var address) && IsWeb(address))
            || (baseAddress is not null && Uri.TryCreate(baseAddress, reference, out address) && IsWeb(address));
        return isAddress && address!.AbsoluteUri.Length <= MaxLength ? address : null;
    }

    public static bool IsWeb(Uri address) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp) && address.Host.Length > 0;
}
