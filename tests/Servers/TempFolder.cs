namespace Alerts.Tests.Servers;

/// <summary>A new folder that any user may write to, since PostgreSQL refuses to run as root; removed with all in it on disposal.</summary>
public sealed class TempFolder : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    public TempFolder()
    {
        Path = Directory.CreateTempSubdirectory("alerts-").FullName;
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(Path, Everybody);
        }
    }

    public string Path { get; }

    /// <summary>The full path of <paramref name="name"/> in this folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
