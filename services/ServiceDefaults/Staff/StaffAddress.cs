using System.Net.Mail;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>The mail address that is a staff member's name here.</summary>
public static class StaffAddress
{
    /// <summary>RFC 5321 §4.5.3.1.</summary>
    public const int MaxLength = 254;

    /// <summary>A bare address: no name, no angle brackets, no spaces.</summary>
    public static bool IsGood(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.Any(char.IsWhiteSpace) && !text.Contains('"', StringComparison.Ordinal)
        && MailAddress.TryCreate(text, out var address) && address.Address == text;
}
