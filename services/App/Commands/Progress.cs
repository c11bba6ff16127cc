using Spectre.Console;

namespace Alerts.App.Commands;

/// <summary>Long work shows a bar on a terminal, and a plain line now and then otherwise.</summary>
internal static class Progress
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static Task ShowAsync(string what, long total, Func<Action<long, string>, Task> work) =>
        Console.IsOutputRedirected ? LinesAsync(what, total, work) : BarAsync(what, total, work);

    private static Task BarAsync(string what, long total, Func<Action<long, string>, Task> work) =>
        AnsiConsole.Progress().StartAsync(context =>
        {
            var task = context.AddTask(what, maxValue: Math.Max(1, total));
            return work((done, words) =>
            {
                task.Value = done;
                task.Description = $"{what} · {words}";
            });
        });

    private static Task LinesAsync(string what, long total, Func<Action<long, string>, Task> work)
    {
        var said = TimeProvider.System.GetTimestamp();
        return work((done, words) =>
        {
            if (TimeProvider.System.GetElapsedTime(said) > Quiet)
            {
                said = TimeProvider.System.GetTimestamp();
                Console.WriteLine($"{what}: {words} ({(total == 0 ? 100 : 100 * done / total)} %)");
            }
        });
    }
}
