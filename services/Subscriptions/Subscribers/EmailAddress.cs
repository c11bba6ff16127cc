using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using MimeKit;

namespace Alerts.Subscriptions.Subscribers;

/// <summary>A mail address that can be written to: as it was given, and as it is compared.</summary>
/// <param name="Value">As given, without surrounding blanks.</param>
/// <param name="Normalized">
/// Lower case, the domain in its ASCII form (IDNA). Local parts may differ by case in theory (RFC 5321 §2.4); in practice two such addresses are one person.
/// </param>
public sealed record EmailAddress(string Value, string Normalized)
{
    /// <summary>In octets of UTF-8: a path of 256 without its angle brackets (RFC 5321 §4.5.3.1.3).</summary>
    public const int MaxLength = 254;

    /// <summary>RFC 5321 §4.5.3.1.1.</summary>
    private const int MaxLocalPart = 64;

    /// <summary>RFC 5322 §3.2.3; above ASCII RFC 6531 §3.3 allows all but controls.</summary>
    private static readonly SearchValues<char> Atext =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    /// <summary>What the ASCII form of an international label begins with (RFC 5890 §2.3.2.1).</summary>
    private const string ALabel = "xn--";

    /// <summary>RFC 5890 §2.3.1.</summary>
    private static readonly SearchValues<char> LettersDigitsHyphen = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    private static readonly IdnMapping Idna = new() { UseStd3AsciiRules = true };

    /// <summary>Reads an address; says what is wrong with it when it isn't one. Quoted local parts, tags and international domains are taken.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out EmailAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        var value = text?.Trim() ?? "";
        problem = Problem(value, out var normalized);
        if (problem is not null)
        {
            return false;
        }

        address = new EmailAddress(value, normalized);
        return true;
    }

    private static string? Problem(string value, out string normalized)
    {
        normalized = "";
        if (value.Length == 0)
        {
            return "An address is needed, such as ada@example.org.";
        }

        foreach (var c in value)
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\uFFFD')
            {
                return "The address holds a line break or another character that no address has.";
            }
        }

        if (Encoding.UTF8.GetByteCount(value) > MaxLength)
        {
            return $"The address is longer than {MaxLength} bytes, which no server takes.";
        }

        var at = value.LastIndexOf('@');
        if (at < 0)
        {
            return "The address has no @.";
        }

        var local = value[..at];
        if (local.Length == 0 || Encoding.UTF8.GetByteCount(local) > MaxLocalPart)
        {
            return $"What stands before the @ must have 1 to {MaxLocalPart} bytes.";
        }

        var plain = IsDotAtom(local);
        if (!plain && !IsQuoted(local))
        {
            return "What stands before the @ has a character or a dot where none may be.";
        }

        if (AsciiDomain(value[(at + 1)..]) is not { } domain)
        {
            return "What stands after the @ isn't the name of a domain, such as example.org.";
        }

        normalized = local.Normalize(NormalizationForm.FormC).ToLowerInvariant() + "@" + domain;

        // The sender's own parser has the last word on all but the plain ones: what it can't write on an envelope would only fail later.
        return Encoding.UTF8.GetByteCount(normalized) <= MaxLength && ((plain && Ascii.IsValid(value)) || (MailboxAddress.TryParse(value, out var mailbox) && mailbox.Name is null or ""))
            ? null
            : "The address can't be written to.";
    }

    private static bool IsDotAtom(string local)
    {
        var previous = '.';
        foreach (var c in local)
        {
            if (c == '.' ? previous == '.' : !(Atext.Contains(c) || (c > '\u007F' && !char.IsWhiteSpace(c))))
            {
                return false;
            }

            previous = c;
        }

        return previous != '.';
    }

    private static bool IsQuoted(string local)
    {
        if (local.Length < 3 || local[0] != '"' || local[^1] != '"')
        {
            return false;
        }

        for (var i = 1; i < local.Length - 1; i++)
        {
            if (local[i] == '"' || (local[i] == '\\' && ++i == local.Length - 1))
            {
                return false;
            }
        }

        return true;
    }

    private static string? AsciiDomain(string domain)
    {
        string ascii;
        try
        {
            // What is ASCII already has nothing to convert; an A-label is looked into all the same.
            ascii = (Ascii.IsValid(domain) && !domain.Contains(ALabel, StringComparison.OrdinalIgnoreCase) ? domain : Idna.GetAscii(domain)).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }

        // A name without a dot is a typing error, but for the machine itself.
        return (ascii.Contains('.', StringComparison.Ordinal) || ascii == "localhost")
            && ascii.Split('.').All(label => label.Length is > 0 and <= 63 && !label.AsSpan().ContainsAnyExcept(LettersDigitsHyphen) && label[0] != '-' && label[^1] != '-')
            ? ascii
            : null;
    }
}
