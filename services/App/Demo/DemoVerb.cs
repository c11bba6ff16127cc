using System.CommandLine;
using Alerts.App.Commands;

namespace Alerts.App.Demo;

/// <summary><c>alerts demo</c>: the same as the button on the first page of an empty product.</summary>
internal static class DemoVerb
{
    public static Command Create(string[] configuration)
    {
        var command = new Command("demo", "Fills an empty database with lists, readers at example.org and posts.");
        command.SetAction((_, cancellationToken) => Verbs.OnDatabasesAsync(configuration, async services =>
        {
            if (!await services.GetRequiredService<DemoNewsroom>().LoadAsync(cancellationToken))
            {
                return CommandLine.Complain("The database isn't empty: the demo is for a fresh one. Choose another folder with --Data demo.", CommandLine.Failed);
            }

            Console.WriteLine("The demo is loaded. Start alerts, and look at the first page and the mailbox.");
            return CommandLine.Done;
        }, cancellationToken));
        return command;
    }
}
