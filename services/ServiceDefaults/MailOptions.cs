using System.ComponentModel.DataAnnotations;

namespace Alerts.ServiceDefaults;

/// <summary>Who mails are from. Bound from the section <c>Mail</c> and checked at start.</summary>
public sealed class MailOptions
{
    public const string Section = "Mail";

    /// <summary>The From header: an address, or a name and an address. Default: <c>Alerts &lt;alerts@localhost&gt;</c>.</summary>
    [Required]
    public string From { get; set; } = "Alerts <alerts@localhost>";

    /// <summary>The Reply-To header. Default: none.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>The domain of envelope senders, to which bounces return. Default: the domain of <see cref="From"/>.</summary>
    public string? BounceDomain { get; set; }

    /// <summary>The sender's postal address, which the law wants in every footer (CAN-SPAM §7704(a)(5)). Default: none.</summary>
    public string? PostalAddress { get; set; }
}
