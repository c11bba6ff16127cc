namespace Alerts.ServiceDefaults.Staff;

/// <summary>What people call the browser and the system of a User-Agent, good enough to know one's own again.</summary>
internal static class BrowserName
{
    // The first that is found: most claim to be several.
    private static readonly (string Token, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Token, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    public static string Of(string? userAgent)
    {
        var browser = Named(Browsers, userAgent);
        return browser is null ? "A browser" : Named(Systems, userAgent) is { } system ? $"{browser} on {system}" : browser;
    }

    private static string? Named((string Token, string Name)[] known, string? userAgent) =>
        known.FirstOrDefault(k => userAgent?.Contains(k.Token, StringComparison.Ordinal) == true).Name;
}
