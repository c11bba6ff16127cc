using System.Diagnostics;
using System.Net;

namespace Alerts.Tests.Servers;

/// <summary>The built product, run as a user would: <c>dotnet alerts.dll</c>, in a folder of its own, told what to do by its environment.</summary>
/// <remarks>It is the one built along with the tests (<c>artifacts/bin/Alerts.App/debug</c> for tests in <c>artifacts/bin/Integration/debug</c>), or the one that ALERTS_DLL names.</remarks>
public sealed class AlertsProcess : Server
{
    private readonly AlertsSettings settings;

    public AlertsProcess(AlertsSettings? settings = null)
    {
        this.settings = settings ?? new AlertsSettings();
        Data = this.settings.Data ?? Folder["data"];
        Http = new HttpClient { BaseAddress = Url };
    }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    /// <summary>Speaks to this process.</summary>
    public HttpClient Http { get; }

    /// <summary>The data folder: the same whenever this process is started again. Removed on disposal, unless it was given.</summary>
    public string Data { get; }

    /// <summary>Serves, and returns when <c>/health/ready</c> says so. After a stop or a kill it starts again: same port, same data.</summary>
    /// <exception cref="InvalidOperationException">It exited, or was not ready within three minutes; the message has its last output.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => StartProcessAsync(cancellationToken);

    /// <summary>Runs a verb with the same settings, whether the process serves or not: <c>RunAsync("keys", "add", "test", "--role", "admin")</c>. For at most two minutes.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(TimeSpan.FromMinutes(2), arguments);

    /// <summary>The same, for at most so long.</summary>
    public Task<CommandResult> RunAsync(TimeSpan within, params string[] arguments) => ChildProcess.RunAsync(Program(arguments), within);

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await base.DisposeAsync();
    }

    private protected override Task<ChildProcess> LaunchAsync() => ChildProcess.StartAsync(Program([]));

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private ProcessStartInfo Program(IEnumerable<string> arguments)
    {
        var program = new ProcessStartInfo("dotnet", [Executable(), .. arguments]) { WorkingDirectory = Folder.Path };
        program.Environment["ASPNETCORE_URLS"] = Url.ToString();
        program.Environment["ASPNETCORE_ENVIRONMENT"] = settings.Environment;

        foreach (var (key, value) in settings.ByKey(Data, Url.ToString()))
        {
            program.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return program;
    }

    private static string Executable()
    {
        if (Environment.GetEnvironmentVariable("ALERTS_DLL") is { Length: > 0 } given)
        {
            return given;
        }

        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(built.Parent!.Parent!.FullName, "Alerts.App", built.Name, "alerts.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"There is no {path}. Build services/App, or name an alerts.dll in ALERTS_DLL.");
    }
}
