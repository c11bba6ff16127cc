using System.CommandLine;
using System.Data.Common;
using Alerts.App.Commands;
using Microsoft.Extensions.Options;

namespace Alerts.App;

/// <summary>
/// <c>alerts [VERB] [--Key value …]</c>. Verbs have options of their own; <c>--Key value</c> sets configuration (docs/configuration.md). Exit codes: 0 done, 1 failed,
/// 2 wrong use. Errors are one line on standard error that says what to do.
/// </summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;

    private static readonly string[] ConfigurationKeys =
        ["Services", "Data", "PublicUrl", "Bus", "Database", "Smtp", "Subscribers", "Mail", "Clock", "Feeds", "Logging", "Serilog", "Metrics", "Kestrel", "Urls", "Environment", "DefaultZone"];

    public static async Task<int> RunAsync(string[] args)
    {
        if (!TakeConfiguration(args, out var configuration, out var rest, out var mistake))
        {
            return Complain(mistake, WrongUse);
        }

        var root = new RootCommand("Alerts carries what an editor publishes to the people who asked for it. Without a verb it serves.");
        foreach (var command in Verbs.All(configuration))
        {
            root.Subcommands.Add(command);
        }

        root.SetAction((_, cancellationToken) => Serve.RunAsync(configuration, cancellationToken));
        var parsed = root.Parse(rest);
        if (parsed.Errors.Count > 0)
        {
            return Complain($"{parsed.Errors[0].Message} See: alerts --help", WrongUse);
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (WrongUseException exception)
        {
            return Complain(exception.Message, WrongUse);
        }
        catch (OptionsValidationException exception)
        {
            return Complain(string.Join(" ", exception.Failures), WrongUse);
        }
        catch (OperationCanceledException)
        {
            return Complain("Interrupted. What was done so far is kept; run it again to go on.", Failed);
        }
        catch (Exception exception) when (Verbs.IsExpected(exception) || exception is DbException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return Complain(exception.Message, Failed);
        }
    }

    public static int Complain(string line, int code)
    {
        Console.Error.WriteLine("alerts: " + line.ReplaceLineEndings(" "));
        return code;
    }

    /// <summary>Parts <c>--Key value</c> and <c>--Key=value</c> of the configuration from the verb and its own options.</summary>
    private static bool TakeConfiguration(string[] args, out string[] configuration, out string[] rest, out string mistake)
    {
        var (taken, left) = (new List<string>(), new List<string>());
        (mistake, configuration, rest) = ("", [], []);
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..].Split('=', 2) : null;
            if (name is null || !ConfigurationKeys.Contains(name[0].Split(':')[0], StringComparer.OrdinalIgnoreCase))
            {
                left.Add(args[i]);
            }
            else if (name.Length == 2)
            {
                taken.Add(args[i]);
            }
            else if (i + 1 < args.Length)
            {
                taken.AddRange([args[i], args[++i]]);
            }
            else
            {
                mistake = $"{args[i]} needs a value.";
                return false;
            }
        }

        (configuration, rest) = ([.. taken], [.. left]);
        return true;
    }
}

/// <summary>The command was used wrongly; the message says how to use it.</summary>
internal sealed class WrongUseException(string message) : Exception(message);
