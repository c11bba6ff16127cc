using Microsoft.Extensions.Configuration;

namespace Alerts.Delivery.Dkim;

/// <summary>What the command line does with DKIM keys.</summary>
public static class DkimVerbs
{
    /// <summary>Makes two keys, and says what to publish.</summary>
    /// <param name="domain">Null for that of <c>Mail:Dkim:Domain</c> or <c>Mail:From</c>.</param>
    /// <exception cref="InvalidOperationException">There are keys already, or the domain isn't one.</exception>
    public static void Create(IConfiguration configuration, string? domain, DateTimeOffset now, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);

        var keys = DkimKeys.Create(configuration, domain, now);
        output.WriteLine($"Two keys for {keys.Domain} are in {Path.GetFullPath(DkimKeys.Folder(configuration, keys.Domain))}, readable by you alone.");
        WriteRecords(keys, output);
        output.WriteLine("Once they are published, restart Delivery: it signs with both.");
    }

    /// <summary>Says what to publish for the keys there are; false if there are none.</summary>
    /// <exception cref="InvalidOperationException">A key isn't right.</exception>
    public static bool Show(IConfiguration configuration, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);

        var keys = DkimKeys.Read(configuration);
        WriteRecords(keys, output);
        return keys.All.Count > 0;
    }

    private static void WriteRecords(DkimKeys keys, TextWriter output)
    {
        foreach (var key in keys.All)
        {
            output.WriteLine();
            output.WriteLine($"Publish this TXT record ({key.Algorithm}):");
            output.WriteLine($"  {keys.NameOf(key)}");
            output.WriteLine($"  {key.Record}");
        }

        if (keys.All.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("In a zone file, a value longer than 255 characters is written as several strings in quotes, one after the other.");
        }
    }
}
