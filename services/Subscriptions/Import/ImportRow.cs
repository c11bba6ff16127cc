using System.Collections.Frozen;
using System.Globalization;
using Alerts.Contracts;
using Alerts.Subscriptions.Regions;
using Alerts.Subscriptions.Subscribers;
using Sylvan.Data.Csv;

namespace Alerts.Subscriptions.Import;

/// <summary>A good row of a file.</summary>
/// <param name="Line">Where it begins; the header is line 1.</param>
internal sealed record ImportRow(long Line, EmailAddress Address, Frequency Frequency, SubscriberDetails Details);

/// <summary>
/// Where the columns of a file stand: named as ours are, as other systems' exports name them (listmonk, Mailchimp, Mailman, GOV.UK), or as the admin says. Only the address
/// must be there; columns that aren't known are ignored.
/// </summary>
internal sealed class ImportColumns
{
    /// <summary>How a column may be called, the surest name first: Mailchimp's "Address" is where she lives.</summary>
    private static readonly FrozenDictionary<string, string[]> Names = new Dictionary<string, string[]>
    {
        ["email"] = ["email", "email address", "e-mail", "e-mail address", "email_address", "subscriber email", "mail", "address"],
        ["name"] = ["name", "full name", "display name", "display_name", "real name"],
        ["first name"] = ["first name", "first_name", "firstname", "fname"],
        ["last name"] = ["last name", "last_name", "lastname", "lname", "surname"],
        ["frequency"] = ["frequency"],
        ["zone"] = ["zone", "timezone", "time zone", "time_zone"],
        ["hour"] = ["hour"],
        ["weekday"] = ["weekday"],
        ["regions"] = ["regions"],
        ["status"] = ["status", "subscription_status", "state"],
    }.ToFrozenDictionary();

    /// <summary>What other systems say of those who are to get nothing.</summary>
    private static readonly FrozenSet<string> Gone = FrozenSet.ToFrozenSet(
        ["blocklisted", "blacklisted", "disabled", "unsubscribed", "cleaned", "bounced", "complained", "suppressed", "inactive", "unconfirmed", "pending", "deleted", "nomail"],
        StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, int> places = [];

    private ImportColumns(CsvDataReader csv, IReadOnlyDictionary<string, string> given)
    {
        var header = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < csv.FieldCount; i++)
        {
            header.TryAdd(csv.GetName(i).Trim(), i);
        }

        if (given.Keys.FirstOrDefault(field => !Names.ContainsKey(field)) is { } unknown)
        {
            throw new ImportException($"There is nothing called '{unknown}' that a column could be; there are {string.Join(", ", Names.Keys)}.");
        }

        foreach (var (field, names) in Names)
        {
            if (given.TryGetValue(field, out var column))
            {
                if (column.Length == 0)
                {
                    continue;
                }

                places[field] = header.TryGetValue(column, out var place)
                    ? place
                    : throw new ImportException($"The file has no column '{column}'. It has: {string.Join(", ", header.Keys)}.");
            }
            else if (names.FirstOrDefault(header.ContainsKey) is { } found)
            {
                places[field] = header[found];
            }
        }

        if (!places.ContainsKey("email"))
        {
            throw new ImportException(
                $"The first line must name the columns, and one of them must be 'email' (or {string.Join(", ", Names["email"].Skip(1).Select(n => $"'{n}'"))}). It names: {string.Join(", ", header.Keys)}.");
        }
    }

    /// <summary>Our names of columns, in the order to ask for them.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["email", "name", "first name", "last name", "frequency", "zone", "hour", "weekday", "regions", "status"];

    /// <summary>Our name of a column and what the file calls it, where it is called as we or others call it.</summary>
    public static Dictionary<string, string> Recognise(IReadOnlyCollection<string> header)
    {
        var recognised = new Dictionary<string, string>();
        foreach (var field in Fields)
        {
            if (Names[field].Select(name => header.FirstOrDefault(column => column.Equals(name, StringComparison.OrdinalIgnoreCase))).OfType<string>().FirstOrDefault() is { } found)
            {
                recognised[field] = found;
            }
        }

        return recognised;
    }

    /// <param name="given">What the admin says: our name of a column, and what the file calls it; empty: the file's is to be left out, though it were recognised.</param>
    /// <exception cref="ImportException">There is no column with addresses, or one that was named isn't there.</exception>
    public static ImportColumns Of(CsvDataReader csv, IReadOnlyDictionary<string, string> given) => new(csv, given);

    /// <summary>Reads the row the reader stands on. Null with a reason when it can't be taken.</summary>
    public ImportRow? Read(CsvDataReader csv, long line, Frequency otherwise, KnownRegions known, out string reason)
    {
        if (HasForeignBytes(csv))
        {
            reason = "The row has bytes that aren't in the encoding of the rest of the file.";
            return null;
        }

        if (!EmailAddress.TryRead(Text(csv, "email"), out var address, out var problem))
        {
            reason = problem;
            return null;
        }

        if (Text(csv, "status") is { } status && Gone.Contains(status))
        {
            reason = $"Its status is {status}: who gets nothing there gets nothing here.";
            return null;
        }

        var chosen = otherwise;
        if (Text(csv, "frequency") is { } word && !TryReadFrequency(word, out chosen))
        {
            reason = "The frequency is immediate, daily or weekly.";
            return null;
        }

        IReadOnlyList<string>? regions = null;
        if (Text(csv, "regions") is { } places)
        {
            regions = known.ReadText(places, out var unknown);
            if (unknown is not null)
            {
                reason = $"There is no region '{(unknown.Length <= SubscriberDetails.MaxRegion ? unknown : unknown[..SubscriberDetails.MaxRegion] + "…")}'. Add it under Regions, or take it out of the row.";
                return null;
            }
        }

        var details = new SubscriberDetails
        {
            Name = Text(csv, "name") ?? (string.Join(' ', new[] { Text(csv, "first name"), Text(csv, "last name") }.OfType<string>()) is { Length: > 0 } both ? both : null),
            Zone = Text(csv, "zone"),
            Hour = Text(csv, "hour") is { } number ? int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1 : null,
            Weekday = Text(csv, "weekday"),
            Regions = regions,
        };
        var problems = details.Problems();
        reason = problems.Count > 0 ? problems.Values.First()[0] : "";
        return problems.Count > 0 ? null : new ImportRow(line, address, chosen, details);
    }

    private static bool TryReadFrequency(string word, out Frequency frequency)
    {
        frequency = Frequency.Immediate;
        return word.Equals("immediately", StringComparison.OrdinalIgnoreCase) || Words.TryRead(word, out frequency);
    }

    private bool HasForeignBytes(CsvDataReader csv)
    {
        foreach (var place in places.Values)
        {
            if (place < csv.RowFieldCount && csv.GetFieldSpan(place).Contains('\uFFFD'))
            {
                return true;
            }
        }

        return false;
    }

    private string? Text(CsvDataReader csv, string field) =>
        !places.TryGetValue(field, out var place) || place >= csv.RowFieldCount || csv.GetString(place).Trim() is not { Length: > 0 } text ? null : SpreadsheetText.Read(text);
}
