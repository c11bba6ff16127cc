using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Alerts.Tests.Servers;

/// <summary>A program run for a test. Its last output is kept, and it ends when the test process ends, even by SIGKILL.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LinesKept = 1_000;
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(30);
    private static readonly BlockingCollection<Action> Starts = StartingThread();

    private readonly Process process;
    private readonly string name;
    private readonly Queue<string> lines = new();

    private ChildProcess(Process process, string name)
    {
        this.process = process;
        this.name = name;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>The last thousand lines of stdout and stderr, as they came.</summary>
    public string Output
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }
    }

    /// <param name="program">What to run. Its output is redirected here.</param>
    /// <param name="user">Who runs it when we are root.</param>
    /// <param name="signalAtOurEnd">What it is sent when the test process has gone.</param>
    public static async Task<ChildProcess> StartAsync(ProcessStartInfo program, string? user = null, Signal signalAtOurEnd = Signal.SigTerm) =>
        new(await StartProcessAsync(program, user, signalAtOurEnd), Path.GetFileName(program.FileName));

    /// <summary>Runs a program to its end, feeding it <paramref name="input"/>; kills it when that takes longer than <paramref name="within"/>.</summary>
    public static async Task<CommandResult> RunAsync(
        ProcessStartInfo program, TimeSpan within, string? user = null, string input = "", CancellationToken cancellationToken = default)
    {
        using var process = await StartProcessAsync(program, user, Signal.SigTerm);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(within);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bound.Token);
            var error = process.StandardError.ReadToEndAsync(bound.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), bound.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(bound.Token);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{program.FileName} {string.Join(' ', program.ArgumentList)} did not end within {within.TotalSeconds:0.#} s.");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Asks until it is <paramref name="ready"/>.</summary>
    /// <exception cref="InvalidOperationException">It exited instead, or took too long, and was killed; the message has its last output.</exception>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> ready, TimeSpan within, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(within);
        try
        {
            while (!await ready(bound.Token))
            {
                if (process.HasExited)
                {
                    await process.WaitForExitAsync(bound.Token); // For the rest of its output.
                    throw NotReady($"exited with {process.ExitCode}");
                }

                await Task.Delay(50, bound.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await KillAsync();
            throw NotReady($"was not ready within {within.TotalSeconds:0.#} s");
        }
    }

    /// <summary>Sends a signal and waits for the exit code; after half a minute sends SIGKILL.</summary>
    public async Task<int> StopAsync(Signal signal)
    {
        if (!process.HasExited)
        {
            _ = SendSignal(process.Id, signal);
        }

        using var bound = new CancellationTokenSource(StopBound);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }

        return process.ExitCode;
    }

    /// <summary>SIGKILL to the process and those it started.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private static Task<Process> StartProcessAsync(ProcessStartInfo program, string? user, Signal signalAtOurEnd)
    {
        string[] identity = user is not null && Environment.IsPrivilegedProcess ? [$"--reuid={user}", $"--regid={user}", "--init-groups"] : [];
        var start = new ProcessStartInfo(
            InstalledProgram.Find("setpriv", "util-linux"),
            [.. identity, $"--pdeathsig={signalAtOurEnd}", "--", program.FileName, .. program.ArgumentList])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = program.WorkingDirectory,
        };
        start.Environment.Clear();
        foreach (var (name, value) in program.Environment)
        {
            start.Environment[name] = value;
        }

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }

    /// <summary>
    /// Linux sends the parent-death signal when the <em>thread</em> that started a process ends, and pool threads come and go:
    /// so one thread, which ends with the test process, starts them all.
    /// </summary>
    private static BlockingCollection<Action> StartingThread()
    {
        var starts = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        {
            IsBackground = true,
            Name = "Starts child processes",
        };
        thread.Start();
        return starts;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, Signal signal);

    private InvalidOperationException NotReady(string what) => new($"{name} {what}. Its last output:\n{Output}");

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > LinesKept)
            {
                lines.Dequeue();
            }
        }
    }
}
