using System.Net.Mail;

namespace Alerts.ServiceDefaults.Web;

public static class Sender
{
    /// <summary>What the site is called: the name in <see cref="MailOptions.From"/>, which readers know from their mails.</summary>
    public static string SenderName(this MailOptions mail)
    {
        ArgumentNullException.ThrowIfNull(mail);

        return MailAddress.TryCreate(mail.From, out var from) && from.DisplayName.Length > 0 ? from.DisplayName : "Alerts";
    }
}
