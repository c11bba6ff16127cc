using System.CommandLine;
using Alerts.Delivery.Dkim;

namespace Alerts.App.Commands;

/// <summary><c>alerts dkim new</c> and <c>alerts dkim show</c>: the keys that mails are signed with. They need no database.</summary>
internal static class DkimVerb
{
    public static Command Build(string[] configuration)
    {
        var domain = new Option<string?>("--domain") { Description = "Whose mails they sign. Default: Mail:Dkim:Domain, or the domain of Mail:From." };
        var create = new Command("new", "Makes an RSA and an Ed25519 key, and prints the DNS records to publish.") { domain };
        create.SetAction(async (parsed, _) =>
        {
            await using var app = AlertsHost.BuildForVerb(configuration);
            DkimVerbs.Create(app.Configuration, parsed.GetValue(domain), app.Services.GetRequiredService<TimeProvider>().GetUtcNow(), Console.Out);
            return CommandLine.Done;
        });

        var show = new Command("show", "Prints the DNS records to publish for the keys there are.");
        show.SetAction(async (_, _) =>
        {
            await using var app = AlertsHost.BuildForVerb(configuration);
            return DkimVerbs.Show(app.Configuration, Console.Out) ? CommandLine.Done : CommandLine.Complain("There is no DKIM key. Make keys with: alerts dkim new", CommandLine.Failed);
        });
        return new Command("dkim", "The keys that mails are signed with.") { create, show };
    }
}
