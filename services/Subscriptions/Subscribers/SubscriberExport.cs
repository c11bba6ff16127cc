using System.Data;
using System.Globalization;
using System.Text;
using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>
/// Readers as CSV (RFC 4180, UTF-8), with the columns that an import reads: one row a reader and list she holds; who holds none has one row. It streams page by page, in the
/// order the readers came; who changes meanwhile stands in it as she was when her page was read.
/// </summary>
internal static class SubscriberExport
{
    private const int PageSize = 500;

    private static readonly string[] Columns =
        ["email", "name", "list", "frequency", "zone", "hour", "weekday", "regions", "language", "state", "suppressed", "paused until", "since", "confirmed"];

    /// <summary>All readers that a search finds, as CSV. Erased ones have nothing to export.</summary>
    public static async Task<Results<PushStreamHttpResult, ValidationProblem>> Write(
        HttpContext http, SubscriptionsDb db, Audit audit, CancellationToken cancellationToken, string? address = null, string? list = null, string? state = null, string? region = null)
    {
        if (!string.IsNullOrEmpty(state) && !SubscriberSearch.States.Contains(state))
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["state"] = [$"The state is one of {string.Join(", ", SubscriberSearch.States)}."] });
        }

        var filter = new SubscriberFilter(address, list, state, region);
        await audit.RecordAsync(http.User, "exported subscribers", null, filter.Query().Value, cancellationToken);
        return TypedResults.Stream(body => WriteAsync(db, filter, body, cancellationToken), "text/csv", "subscribers.csv");
    }

    internal static async Task WriteAsync(SubscriptionsDb db, SubscriberFilter filter, Stream body, CancellationToken cancellationToken)
    {
        // With the mark: spreadsheets take it for another encoding otherwise.
        await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), bufferSize: 64 * 1024, leaveOpen: true);
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        foreach (var column in Columns)
        {
            table.Columns.Add(column, typeof(string));
        }

        var (after, first) = (Guid.Empty, true);
        while (true)
        {
            var page = await db.FindAsync(filter, after, PageSize, cancellationToken);
            foreach (var subscriber in page)
            {
                Add(table, subscriber, filter.List);
                after = subscriber.Id;
            }

            await using (var csv = CsvDataWriter.Create(text, new CsvDataWriterOptions { WriteHeaders = first, NewLine = "\r\n" }))
            {
                await csv.WriteAsync(table.CreateDataReader(), cancellationToken);
            }

            await text.FlushAsync(cancellationToken);
            if (page.Count < PageSize)
            {
                return;
            }

            first = false;
            table.Clear();
        }
    }

    /// <param name="only">The list that was asked for; null: each she holds.</param>
    private static void Add(DataTable table, Subscriber subscriber, string? only)
    {
        if (subscriber.State == SubscriberState.Erased)
        {
            return;
        }

        var held = subscriber.Holds.Where(s => string.IsNullOrEmpty(only) || s.List == only).OrderBy(s => s.List, StringComparer.Ordinal).Select(s => (s.List, Frequency: s.Frequency.Word()));
        foreach (var (list, frequency) in held.DefaultIfEmpty(("", "")))
        {
            string[] row =
            [
                subscriber.Address ?? "", subscriber.Name ?? "", list, frequency, subscriber.Zone, subscriber.Hour.ToString(CultureInfo.InvariantCulture), subscriber.Weekday.Word(),
                string.Join(';', subscriber.Regions), subscriber.Language, subscriber.State.Word(), At(subscriber.SuppressedAt), At(subscriber.PausedUntil), At(subscriber.CreatedAt), At(subscriber.ConfirmedAt),
            ];
            table.Rows.Add([.. row.Select(SpreadsheetText.Write)]);
        }
    }

    private static string At(DateTimeOffset? instant) => instant?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
