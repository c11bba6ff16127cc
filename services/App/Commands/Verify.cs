using System.Globalization;
using Alerts.Contracts;
using Alerts.Delivery;
using Alerts.Delivery.Verify;
using Alerts.Digests;
using Alerts.Notices;
using Alerts.ServiceDefaults;
using Alerts.Subscriptions;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace Alerts.App.Commands;

/// <summary>Recounts the books and says what doesn't add up: a table on a terminal, a line for each mailing otherwise.</summary>
internal static class Verify
{
    /// <summary>A table stands in memory: of more mailings than this only those that don't add up, or are under way, are listed.</summary>
    private const int MostListed = 200;

    public static async Task<int> RunAsync(IServiceProvider services, Guid? mailing, CancellationToken cancellationToken)
    {
        var verification = new Verification(
            services.GetRequiredService<DeliveryDb>(),
            [services.GetRequiredService<NoticesDb>(), services.GetRequiredService<DigestsDb>(), services.GetRequiredService<SubscriptionsDb>()],
            services.GetRequiredService<IAudience>(),
            Path.Combine(services.GetRequiredService<IOptions<AlertsOptions>>().Value.Data, "journal"),
            services.GetRequiredService<TimeProvider>());
        var recounts = mailing is { } one
            ? new[] { await verification.OneAsync(one, cancellationToken) ?? throw new WrongUseException($"There is no mailing {one}.") }.ToAsyncEnumerable()
            : verification.AllAsync(cancellationToken);

        var table = Console.IsOutputRedirected ? null : NewTable();
        var (all, underWay, wrong) = (0L, 0L, 0L);
        await foreach (var recount in recounts.WithCancellation(cancellationToken))
        {
            all++;
            wrong += recount.AddsUp ? 0 : 1;
            underWay += recount.AddsUp && recount.Stage == RecountStage.UnderWay ? 1 : 0;
            if (table is null)
            {
                Say(recount);
            }
            else if (table.Rows.Count < MostListed)
            {
                table.AddRow([.. Cells(recount).Select(cell => new Markup(cell.EscapeMarkup()))]);
                foreach (var finding in recount.Findings)
                {
                    table.AddRow(new Markup(""), new Markup($"[red]{finding.EscapeMarkup()}[/]"));
                }
            }
        }

        if (table is { Rows.Count: > 0 })
        {
            AnsiConsole.Write(table);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{all} {(all == 1 ? "mailing" : "mailings")}: {all - underWay - wrong} add up, {underWay} under way, {wrong} {(wrong == 1 ? "doesn't" : "don't")} add up."));
        return wrong == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private static Table NewTable()
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in (string[])["Mailing", "Subject", "Recipients", "Accepted", "Open", "Unsent", "Uncertain", "Books"])
        {
            table.AddColumn(column is "Mailing" or "Subject" or "Books" ? new TableColumn(column) : new TableColumn(column).RightAligned());
        }

        return table;
    }

    private static IEnumerable<string> Cells(Recount recount)
    {
        var books = recount.Books;
        yield return recount.MailingId.ToString();
        yield return recount.Subject;
        foreach (var count in (long[])[books.Recipients, books.Accepted, books.Open, books.Recipients - books.Accepted - books.Open, books.Uncertain])
        {
            yield return count.ToString(CultureInfo.InvariantCulture);
        }

        yield return Words(recount);
    }

    private static void Say(Recount recount)
    {
        var books = recount.Books;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{recount.MailingId}  {Words(recount)}: {books.Recipients} recipients, {books.Accepted} accepted, {books.Open} open, {books.Recipients - books.Accepted - books.Open} unsent, {books.Uncertain} uncertain  {recount.Subject}"));
        foreach (var finding in recount.Findings)
        {
            Console.WriteLine($"  {finding}");
        }
    }

    private static string Words(Recount recount)
    {
        var words = recount switch
        {
            { AddsUp: false } => "doesn't add up",
            { Stage: RecountStage.UnderWay } => "under way",
            { Stage: RecountStage.Forgotten } => "adds up (counts only)",
            _ => "adds up",
        };
        return recount.InJournals == 0 ? words : $"{words}, {recount.InJournals} replies in journals";
    }
}
