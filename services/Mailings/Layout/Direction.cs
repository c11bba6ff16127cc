using System.Text;

namespace Alerts.Mailings.Layout;

/// <summary>Which way a text runs, after its first strong character (Unicode UAX #9, rule P2), by the blocks of the right-to-left scripts.</summary>
public static class Direction
{
    /// <summary><c>rtl</c> or <c>ltr</c>, fit for the HTML attribute <c>dir</c>.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetter(rune))
            {
                return rune.Value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF)
                    ? "rtl"
                    : "ltr";
            }
        }

        return "ltr";
    }
}
