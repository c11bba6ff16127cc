namespace Alerts.Tests.Servers;

/// <summary>The browser installed here, for Playwright, which would download one of its own.</summary>
public static class Chromium
{
    /// <summary>What it needs in a container, and what keeps it from asking the network for things of its own.</summary>
    public static IReadOnlyList<string> Arguments { get; } =
        ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    /// <summary>The environment variable CHROMIUM, or else the one installed.</summary>
    public static string ExecutablePath =>
        Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } path ? path : InstalledProgram.Find("chromium", "chromium");
}
