using System.Text;

namespace Alerts.Mailings.Layout;

/// <summary>The beginning of a text, for people.</summary>
public static class Excerpt
{
    private const string SentenceEnds = ".!?…؟۔";
    private const string WideSentenceEnds = "。！？";
    private const string Closers = "\"'”’»)]";

    /// <summary>
    /// The text in one line, cut after a sentence where one ends in the second half of <paramref name="most"/>, else after a word and marked with an ellipsis.
    /// </summary>
    /// <param name="most">In UTF-16 units; at least 20.</param>
    public static string Of(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 20);

        var line = OneLine(text, most * 2);
        if (line.Length <= most)
        {
            return line;
        }

        return SentenceEnd(line, most) is { } sentence ? line[..sentence] : AtWord(line, most - 1) + "…";
    }

    /// <summary>The text with all white space as single spaces and no other control characters: fit for a subject.</summary>
    /// <param name="most">Reading stops after about so many characters.</param>
    public static string OneLine(string text, int most = 1_000)
    {
        ArgumentNullException.ThrowIfNull(text);

        var line = new StringBuilder(Math.Min(text.Length, most));
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
            else if (!char.IsControl(character))
            {
                line.Append(character);
            }

            if (line.Length >= most && !char.IsHighSurrogate(line[^1]))
            {
                break;
            }
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>True when the summary is nothing but the text's beginning, as many feeds have it (cut in the middle of a word), or isn't there.</summary>
    public static bool SaysMore(string text, string summary)
    {
        var line = OneLine(summary);
        return OneLine(text, line.Length + 1).StartsWith(line.TrimEnd('.', '…', ' '), StringComparison.Ordinal);
    }

    private static int? SentenceEnd(string line, int most)
    {
        for (var end = most; end > most / 2; end--)
        {
            var last = end;
            while (last > 1 && Closers.Contains(line[last - 1], StringComparison.Ordinal))
            {
                last--;
            }

            if (WideSentenceEnds.Contains(line[last - 1], StringComparison.Ordinal) || (SentenceEnds.Contains(line[last - 1], StringComparison.Ordinal) && line[end] == ' '))
            {
                return end;
            }
        }

        return null;
    }

    private static string AtWord(string line, int most)
    {
        var end = line.LastIndexOf(' ', most);
        if (end < most / 2)
        {
            // No word ends near: a script without spaces, or a long address.
            end = char.IsHighSurrogate(line[most - 1]) ? most - 1 : most;
        }

        return line[..end].TrimEnd(' ', ',', ';', ':', '-', '–', '—');
    }
}
