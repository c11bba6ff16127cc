using System.Text.Encodings.Web;

namespace Alerts.Mailings.Layout;

/// <summary>
/// What the parts of a mail may weigh. Gmail clips HTML at 102 KB, and a <see cref="Contracts.MailingPrepared"/> has at most 256 KB as JSON, where a letter beyond ASCII
/// takes six bytes or twelve; so content is weighed as JSON, which is never less than its UTF-8.
/// </summary>
public static class MailSize
{
    /// <summary>For the content of the HTML part. The layout adds less than 10 KB.</summary>
    public const int Html = 85_000;

    /// <summary>For the content of the text part.</summary>
    public const int Text = 60_000;

    public static int Of(string content) => JavaScriptEncoder.Default.Encode(content).Length;

    /// <summary>The longest beginning that weighs at most <paramref name="most"/>, cut between characters.</summary>
    public static string Beginning(string content, int most)
    {
        ArgumentNullException.ThrowIfNull(content);

        var weight = 0;
        var end = 0;
        foreach (var rune in content.EnumerateRunes())
        {
            weight += rune.IsAscii && !JavaScriptEncoder.Default.WillEncode(rune.Value) ? 1 : 6 * rune.Utf16SequenceLength;
            if (weight > most)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return content[..end];
    }
}
