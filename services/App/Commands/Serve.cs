using Alerts.Contracts;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Staff;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Encryption;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Alerts.App.Commands;

/// <summary>Runs the chosen services until told to stop. Ctrl-C ends what is under way and nothing more; the next start goes on from there.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(string[] configuration, CancellationToken cancellationToken)
    {
        await using var app = AlertsHost.Build(configuration);
        await app.Services.PrepareAsync(wait: true, cancellationToken);
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await AddressEncryption.CheckAsync(scope.ServiceProvider.GetRequiredService<SubscriptionsDb>(), cancellationToken);
        }

        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            await app.StopAsync(CancellationToken.None);
            return CommandLine.Complain($"{exception.Message} Is Alerts running already? Else choose another: --urls http://localhost:5001", CommandLine.Failed);
        }

        await SayWhereToLookAsync(app, cancellationToken);
        using (cancellationToken.Register(app.Lifetime.StopApplication))
        {
            await app.WaitForShutdownAsync(CancellationToken.None);
        }

        return CommandLine.Done;
    }

    private static async Task SayWhereToLookAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var services = AlertsHost.Chosen(app.Configuration);
        var site = app.Services.GetRequiredService<IOptions<AlertsOptions>>().Value;
        Console.WriteLine();
        Console.WriteLine(services == Services.All ? "Alerts is running." : $"Alerts is running ({services.ToString().ToLowerInvariant()}).");
        if (!services.HasFlag(Services.Publishing))
        {
            Console.WriteLine($"  Health        {string.Join(", ", app.Urls)}/health/ready");
            return;
        }

        Console.WriteLine($"  The site      {site.Link("/")}");
        Console.WriteLine($"  Editors       {site.Link("/editor")}");
        if (services == Services.All && !app.Configuration.GetSection("Smtp:Relays").GetChildren().Any())
        {
            Console.WriteLine($"  The mailbox   {site.Link("/mailbox")}  (no relay is set: mails stay on this machine)");
        }

        await using var scope = app.Services.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<Accounts>().InviteFirstAdminAsync(cancellationToken) is { } welcome)
        {
            Console.WriteLine();
            Console.WriteLine("Nobody can sign in yet. Become the first admin here, once, within a day:");
            Console.WriteLine($"  {site.Link(welcome)}");
        }

        Console.WriteLine();
    }
}
