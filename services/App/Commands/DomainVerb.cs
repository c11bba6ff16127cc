using System.CommandLine;
using Alerts.Delivery.SenderDomain;

namespace Alerts.App.Commands;

/// <summary><c>alerts domain check</c>: what receivers find when they look the sender's domain up.</summary>
internal static class DomainVerb
{
    public static Command Build(string[] configuration)
    {
        var check = new Command("check", "Looks the sender's domain up as receivers do; exits with 1 while something they require isn't right.");
        check.SetAction((_, cancellationToken) => Verbs.OnDatabasesAsync(
            configuration,
            async services => await DomainVerbs.CheckAsync(services, Console.Out, cancellationToken) ? CommandLine.Done : CommandLine.Failed,
            cancellationToken));
        return new Command("domain", "The domain that mails are from.") { check };
    }
}
