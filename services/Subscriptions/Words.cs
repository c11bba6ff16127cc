using Alerts.Contracts;

namespace Alerts.Subscriptions;

/// <summary>How the API, forms and files write the few things one may choose among: in small letters.</summary>
internal static class Words
{
    public static string Word<T>(this T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Reads a word, however its letters are cased; no numbers, no combinations.</summary>
    public static bool TryRead<T>(string? text, out T value) where T : struct, Enum
    {
        var word = text.AsSpan().Trim();
        foreach (var each in Enum.GetValues<T>())
        {
            if (word.Equals(each.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                value = each;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>What a reader reads.</summary>
    public static string Label(this Frequency frequency) => frequency switch
    {
        Frequency.Immediate => "At once",
        Frequency.Daily => "Daily digest",
        _ => "Weekly digest",
    };
}
