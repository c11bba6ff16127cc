using System.CommandLine;
using System.Globalization;
using Alerts.App.Demo;
using Alerts.Delivery;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Sending;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Sources;
using Alerts.ServiceDefaults;
using Alerts.ServiceDefaults.Bus;
using Alerts.ServiceDefaults.Staff;
using Alerts.Subscriptions;
using Alerts.Subscriptions.Encryption;
using Alerts.Subscriptions.Import;
using Alerts.Subscriptions.Lists;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.App.Commands;

/// <summary>Every verb but <c>serve</c>. They write rows and start no bus: a running process goes on with what they wrote, or the next one to start does.</summary>
internal static class Verbs
{
    public static IEnumerable<Command> All(string[] configuration)
    {
        var serve = new Command("serve", "Runs the services (the default).");
        serve.SetAction((_, cancellationToken) => Serve.RunAsync(configuration, cancellationToken));
        yield return serve;
        yield return Migrate(configuration);
        yield return Lists(configuration);
        yield return ImportFeed(configuration);
        yield return ImportSubscribers(configuration);
        yield return Cut(configuration);
        yield return Sending(configuration);
        yield return Recount(configuration);
        yield return SendAgain(configuration);
        yield return DkimVerb.Build(configuration);
        yield return DomainVerb.Build(configuration);
        yield return AddressesVerb.Build(configuration);
        yield return Keys(configuration);
        yield return Users(configuration);
        yield return DemoVerb.Create(configuration);
    }

    /// <summary>Errors whose message is written for the user.</summary>
    public static bool IsExpected(Exception exception) => exception is FeedException or ImportException or HttpRequestException;

    /// <summary>Runs a verb on up-to-date databases.</summary>
    public static async Task<int> OnDatabasesAsync(string[] configuration, Func<IServiceProvider, Task<int>> run, CancellationToken cancellationToken, bool checkAddresses = true)
    {
        await using var app = AlertsHost.BuildForVerb(configuration);
        await app.Services.PrepareAsync(wait: false, cancellationToken);
        await using var scope = app.Services.CreateAsyncScope();
        if (checkAddresses)
        {
            await AddressEncryption.CheckAsync(scope.ServiceProvider.GetRequiredService<SubscriptionsDb>(), cancellationToken);
        }

        return await run(scope.ServiceProvider);
    }

    private static Command Migrate(string[] configuration)
    {
        var command = new Command("migrate", "Brings every database up to date and declares all queues.");
        command.SetAction((_, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            await BusExtensions.DeclareQueuesAsync(services.GetRequiredService<IConfiguration>(), AlertsHost.AddAllConsumers, cancellationToken);
            Console.WriteLine("Every database is up to date.");
            return CommandLine.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Lists(string[] configuration)
    {
        var slug = new Argument<string>("SLUG") { Description = "Short name in addresses: a-z, 0-9 and -." };
        var name = new Option<string?>("--name") { Description = "What readers see. Default: the slug." };
        var description = new Option<string>("--description") { DefaultValueFactory = _ => "" };
        var visibility = new Option<string>("--visibility") { Description = "public, unlisted or private.", DefaultValueFactory = _ => "public" };
        var add = new Command("add", "Adds a list.") { slug, name, description, visibility };
        add.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            var list = new NewList
            {
                Slug = parsed.GetValue(slug)!,
                Name = parsed.GetValue(name) ?? parsed.GetValue(slug)!,
                Description = parsed.GetValue(description)!,
                Visibility = parsed.GetValue(visibility)!,
            };
            var problem = await ListVerbs.AddAsync(services.GetRequiredService<SubscriptionsDb>(), services.GetRequiredService<TimeProvider>(), list, cancellationToken);
            if (problem is not null)
            {
                return CommandLine.Complain(problem, CommandLine.Failed);
            }

            Console.WriteLine($"The list {list.Slug} is there.");
            return CommandLine.Done;
        }, cancellationToken));

        var command = new Command("lists", "Shows the lists.") { add };
        command.SetAction((_, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            foreach (var list in await ListVerbs.AllAsync(services.GetRequiredService<SubscriptionsDb>(), cancellationToken))
            {
                Console.WriteLine($"{list.Slug}\t{list.Visibility}\t{list.Name}");
            }

            return CommandLine.Done;
        }, cancellationToken));
        return command;
    }

    private static Command ImportFeed(string[] configuration)
    {
        var feed = new Argument<string>("FILE|URL") { Description = "An RSS, Atom or JSON feed." };
        var list = new Option<string[]>("--list") { Description = "The list its posts go to; may be given several times.", Required = true };
        var command = new Command("import-feed", "Publishes what is new in a feed. Reading it again changes nothing.") { feed, list };
        command.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            var imported = await services.GetRequiredService<FeedImport>().ImportAsync(parsed.GetValue(feed)!, parsed.GetValue(list)!, cancellationToken);
            Console.WriteLine(imported.ToString());
            return CommandLine.Done;
        }, cancellationToken));
        return command;
    }

    private static Command ImportSubscribers(string[] configuration)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "CSV with the columns email,name,frequency,zone,hour,weekday,regions, or an export of listmonk, Mailchimp, Mailman or GOV.UK; only the address is needed." };
        var list = new Option<string>("--list") { Required = true };
        var confirmed = new Option<bool>("--confirmed") { Description = "These readers have agreed elsewhere; without it each is asked by mail." };
        var columns = new Option<string[]>("--column") { Description = "What the file calls a column, such as email=Adresse; may be given several times." };
        var command = new Command("import-subscribers", "Imports readers. Who has left the list stays away. Running it again goes on where it stopped.") { file, list, confirmed, columns };
        command.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            var order = new ImportOrder
            {
                List = parsed.GetValue(list)!,
                Confirmed = parsed.GetValue(confirmed),
                Columns = ReadColumns(parsed.GetValue(columns) ?? []),
                Source = Path.GetFileName(parsed.GetValue(file)!.ToString()),
            };
            await using var csv = parsed.GetValue(file)!.OpenRead();
            var import = services.GetRequiredService<SubscriberImport>();
            var done = new ImportProgress();
            await Progress.ShowAsync("Importing", csv.Length, report => import.RunAsync(
                csv,
                order,
                done,
                (progress, rejected, _) =>
                {
                    foreach (var reject in rejected)
                    {
                        Console.Error.WriteLine($"line {reject.Line}: {reject.Reason}");
                    }

                    report(progress.Bytes, string.Create(CultureInfo.InvariantCulture, $"{progress.Rows:N0} rows"));
                    return Task.CompletedTask;
                },
                cancellationToken));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{done.Rows} rows: {done.Added} added, {done.Joined} joined, {done.Already} already there, {done.KeptOut} kept out (left before, suppressed or erased), {done.Rejected} rejected."));
            return CommandLine.Done;
        }, cancellationToken));
        return command;
    }

    /// <exception cref="ImportException">One isn't written as ours=theirs.</exception>
    private static Dictionary<string, string> ReadColumns(string[] options)
    {
        var columns = new Dictionary<string, string>();
        foreach (var option in options)
        {
            columns[option.Split('=')[0].Trim()] = option.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? option[(at + 1)..].Trim()
                : throw new ImportException($"--column {option}: write it like email=Adresse, our name first.");
        }

        return columns;
    }

    private static Command Cut(string[] configuration)
    {
        var now = new Option<bool>("--now") { Description = "Whatever the hour.", Required = true };
        var command = new Command("cut", "Cuts every digest that has anything owed.") { now };
        command.SetAction((_, cancellationToken) => OnDatabasesAsync(configuration, services => CutNow.RunAsync(services, cancellationToken), cancellationToken));
        return command;
    }

    private static Command Sending(string[] configuration)
    {
        var command = new Command("sending", "Stops all sending, or starts it again.");
        command.Subcommands.Add(Switch("stop", "Nothing more is handed over, by any process, within a second.", stop: true));
        command.Subcommands.Add(Switch("start", "Sending goes on where it stopped.", stop: false));
        return command;

        Command Switch(string verb, string description, bool stop)
        {
            var one = new Command(verb, description);
            one.SetAction((_, cancellationToken) => OnDatabasesAsync(configuration, async services =>
            {
                var at = services.GetRequiredService<TimeProvider>().GetUtcNow();
                var db = services.GetRequiredService<DeliveryDb>();
                await (stop ? SendingSwitch.StopAsync(db, "the command line", at, cancellationToken) : SendingSwitch.StartAsync(db, "the command line", cancellationToken));
                Console.WriteLine(stop ? "All sending is stopped. Start it again with: alerts sending start" : "Sending goes on.");
                return CommandLine.Done;
            }, cancellationToken));
            return one;
        }
    }

    private static Command Recount(string[] configuration)
    {
        var mailing = new Argument<string?>("MAILING") { Description = "The id of one mailing. Default: all of them.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("verify", "Recounts the books of mailings, and names what doesn't add up. It changes nothing, and may run while mails leave.") { mailing };
        command.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, services => Verify.RunAsync(services, parsed.GetValue(mailing) is { } id ? MailingId(id) : null, cancellationToken), cancellationToken));
        return command;
    }

    private static Command SendAgain(string[] configuration)
    {
        var mailing = new Argument<string>("MAILING") { Description = "The id of the mailing." };
        var state = new Option<string>("--state") { Description = $"Whose mail ended so: {string.Join(", ", Resend.States)}.", Required = true };
        state.AcceptOnlyFromAmong([.. Resend.States]);
        var command = new Command("resend", "Sends a mailing again, as a mailing of its own, to exactly those whose mail ended badly.") { mailing, state };
        command.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            var id = MailingId(parsed.GetValue(mailing)!);
            var db = services.GetRequiredService<DeliveryDb>();
            if (!await db.Mailings.AnyAsync(m => m.Id == id, cancellationToken))
            {
                throw new WrongUseException($"There is no mailing {id}.");
            }

            var made = await Resend.MakeAsync(db, id, parsed.GetValue(state)!, services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken);
            if (made.MailingId is not { } again)
            {
                return CommandLine.Complain(made.Problem!, CommandLine.Failed);
            }

            Console.WriteLine($"Sent again to {made.Recipients} {(made.Recipients == 1 ? "reader" : "readers")}, as the mailing {again}.");
            return CommandLine.Done;
        }, cancellationToken));
        return command;
    }

    private static Command Keys(string[] configuration)
    {
        var name = new Argument<string>("NAME") { Description = "What it is for." };
        var role = Role();
        var add = new Command("add", "Makes an API key and prints it, this once.") { name, role };
        add.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            var key = await services.GetRequiredService<Accounts>().AddKeyAsync(parsed.GetValue(name)!, parsed.GetValue(role)!, cancellationToken);
            await services.GetRequiredService<Audit>().RecordAsync(Audit.CommandLine, "made a key", parsed.GetValue(name), parsed.GetValue(role), cancellationToken);
            Console.WriteLine(key);
            return CommandLine.Done;
        }, cancellationToken));
        return new Command("keys", "API keys.") { add };
    }

    private static Command Users(string[] configuration)
    {
        var address = new Argument<string>("ADDRESS");
        var role = Role();
        var add = new Command("add", "Invites a member of staff: prints a link, good for a day, by which they set a password.") { address, role };
        add.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            if (!StaffAddress.IsGood(parsed.GetValue(address)))
            {
                throw new WrongUseException($"'{parsed.GetValue(address)}' isn't a mail address.");
            }

            var path = await services.GetRequiredService<Accounts>().InviteAsync(parsed.GetValue(address), parsed.GetValue(role)!, cancellationToken);
            await services.GetRequiredService<Audit>().RecordAsync(Audit.CommandLine, "invited", parsed.GetValue(address), $"as {parsed.GetValue(role)}", cancellationToken);
            Console.WriteLine(services.GetRequiredService<IOptions<AlertsOptions>>().Value.Link(path));
            return CommandLine.Done;
        }, cancellationToken));
        var whose = new Argument<string>("ADDRESS");
        var reset = new Command("reset-second-factor", "Removes authenticator and passkeys of an account, for who lost them: the password signs in until they are set up anew.") { whose };
        reset.SetAction((parsed, cancellationToken) => OnDatabasesAsync(configuration, async services =>
        {
            if (await services.GetRequiredService<UserManager<StaffUser>>().FindByNameAsync(parsed.GetValue(whose)!) is not { } user)
            {
                return CommandLine.Complain($"There is no account of {parsed.GetValue(whose)}.", CommandLine.Failed);
            }

            await services.GetRequiredService<Accounts>().ResetSecondFactorAsync(user, cancellationToken);
            await services.GetRequiredService<Audit>().RecordAsync(Audit.CommandLine, "reset a second factor", user.UserName, null, cancellationToken);
            Console.WriteLine($"{user.UserName} signs in by password now. A mail says so.");
            return CommandLine.Done;
        }, cancellationToken));
        return new Command("users", "Staff accounts.") { add, reset };
    }

    private static Guid MailingId(string text) =>
        Guid.TryParse(text, out var id) ? id : throw new WrongUseException($"'{text}' isn't the id of a mailing: they are on the page of mailings, and alerts verify lists them.");

    private static Option<string> Role()
    {
        var role = new Option<string>("--role") { Description = "editor or admin", Required = true };
        role.AcceptOnlyFromAmong(Policies.Editor, Policies.Admin);
        return role;
    }
}
