namespace Alerts.Tests.Servers;

internal static class InstalledProgram
{
    /// <summary>The full path of a program: in <paramref name="folders"/>, on the PATH, or where Debian keeps what only administrators run.</summary>
    /// <exception cref="FileNotFoundException">It isn't installed; the message says what to do.</exception>
    public static string Find(string name, string package, params IEnumerable<string> folders)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(path).Append("/usr/sbin").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{name} is not installed. Install {package}, or run infra/test.sh, which does.");
    }
}
