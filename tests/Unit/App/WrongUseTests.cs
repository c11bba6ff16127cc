using Alerts.App;

namespace Alerts.Tests.Unit.App;

/// <summary>Wrong use is answered by one line and exit code 2, before anything is begun.</summary>
public sealed class WrongUseTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("alerts-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("--services", "delivery")]
    [InlineData("--Services", "nonsense")]
    [InlineData("--nonsense")]
    [InlineData("nonsense")]
    [InlineData("--PublicUrl")]
    [InlineData("keys", "add", "website", "--role", "owner")]
    [InlineData("import-subscribers")]
    public async Task It_is_refused(params string[] args) =>
        Assert.Equal(CommandLine.WrongUse, await CommandLine.RunAsync(["--Data=" + folder, "--urls=http://127.0.0.1:0", .. args]));
}
