using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Alerts.Mailings.Templates;

/// <summary>A colour of sRGB, and how well it is read (WCAG 2.2, relative luminance and contrast ratio).</summary>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>What text needs on its background: WCAG 2.2, success criterion 1.4.3 (AA).</summary>
    public const double Readable = 4.5;

    public static readonly Colour White = new(255, 255, 255);

    /// <summary>The sheet a mail is written on in the dark.</summary>
    public static readonly Colour DarkSheet = new(0x1e, 0x21, 0x26);

    /// <summary>From <c>#rrggbb</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Colour colour)
    {
        var good = text is ['#', ..] && text.Length == 7 && int.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        colour = good ? new Colour(Convert.ToByte(text![1..3], 16), Convert.ToByte(text[3..5], 16), Convert.ToByte(text[5..7], 16)) : default;
        return good;
    }

    /// <summary>1 (the same) to 21 (black on white).</summary>
    public double ContrastTo(Colour other)
    {
        var (one, two) = (Luminance, other.Luminance);
        return (Math.Max(one, two) + 0.05) / (Math.Min(one, two) + 0.05);
    }

    /// <summary>The nearest to this, on the way to black or to white, that is read on a background.</summary>
    public Colour ReadableOn(Colour background)
    {
        var end = background.Luminance > 0.18 ? default : White;
        for (var step = 0; step <= 100; step++)
        {
            var tried = Towards(end, step / 100.0);
            if (tried.ContrastTo(background) >= Readable)
            {
                return tried;
            }
        }

        return end;
    }

    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private double Luminance => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    private static double Linear(byte channel)
    {
        var value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    private Colour Towards(Colour end, double part)
    {
        return new Colour(Mix(Red, end.Red), Mix(Green, end.Green), Mix(Blue, end.Blue));

        byte Mix(byte from, byte to) => (byte)Math.Round(from + ((to - from) * part));
    }
}
