using System.Globalization;
using Alerts.Contracts;
using Alerts.Subscriptions.Subscribers;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Import;

/// <summary>A good row of a file.</summary>
/// <param name="Line">Where it begins; the header is line 1.</param>
internal sealed record ImportRow(long Line, EmailAddress Address, Frequency Frequency, SubscriberDetails Details);

/// <summary>Where the columns of a file stand. Only <c>email</c> must be there; others than these are ignored.</summary>
internal sealed class ImportColumns
{
    private readonly int email, name, frequency, zone, hour, weekday, regions;

    private ImportColumns(CsvDataReader csv)
    {
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < csv.FieldCount; i++)
        {
            places.TryAdd(csv.GetName(i).Trim(), i);
        }

        (email, name, frequency) = (Place("email"), Place("name"), Place("frequency"));
        (zone, hour, weekday, regions) = (Place("zone"), Place("hour"), Place("weekday"), Place("regions"));

        int Place(string column) => places.GetValueOrDefault(column, -1);
    }

    /// <exception cref="ImportException">There is no column <c>email</c>.</exception>
    public static ImportColumns Of(CsvDataReader csv)
    {
        var columns = new ImportColumns(csv);
        return columns.email >= 0
            ? columns
            : throw new ImportException("The first line must name the columns, and one of them must be 'email'; others may be name, frequency, zone, hour, weekday, regions.");
    }

    /// <summary>Reads the row the reader stands on. Null with a reason when it can't be taken.</summary>
    public ImportRow? Read(CsvDataReader csv, long line, Frequency otherwise, out string reason)
    {
        if (!EmailAddress.TryRead(Text(csv, email), out var address, out var problem))
        {
            reason = problem;
            return null;
        }

        var chosen = otherwise;
        if (Text(csv, frequency) is { } word && !Words.TryRead(word, out chosen))
        {
            reason = "The frequency is immediate, daily or weekly.";
            return null;
        }

        var details = new SubscriberDetails
        {
            Name = Text(csv, name),
            Zone = Text(csv, zone),
            Hour = Text(csv, hour) is { } number ? int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1 : null,
            Weekday = Text(csv, weekday),
            Regions = Text(csv, regions)?.Split([' ', ';', '|', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
        var problems = details.Problems();
        reason = problems.Count > 0 ? problems.Values.First()[0] : "";
        return problems.Count > 0 ? null : new ImportRow(line, address, chosen, details);
    }

    private static string? Text(CsvDataReader csv, int column) =>
        column < 0 || column >= csv.RowFieldCount || csv.GetString(column).Trim() is not { Length: > 0 } text ? null : text;
}
