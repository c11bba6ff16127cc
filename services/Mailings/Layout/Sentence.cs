namespace Alerts.Mailings.Layout;

/// <summary>Small pieces of English that mails share.</summary>
public static class Sentence
{
    private const int MostNamed = 5;

    /// <summary>“a”, “a and b”, “a, b and c”; after five, “a, b, c, d, e and 3 more”.</summary>
    public static string List(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);

        return names.Count switch
        {
            0 => "",
            1 => names[0],
            > MostNamed => $"{string.Join(", ", names.Take(MostNamed))} and {names.Count - MostNamed} more",
            _ => $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}",
        };
    }
}
