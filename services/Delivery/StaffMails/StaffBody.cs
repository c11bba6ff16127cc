using Alerts.Mailings.Layout;

namespace Alerts.Delivery.StaffMails;

/// <summary>What a mail to the staff says, in the layout of all mails.</summary>
internal static class StaffBody
{
    /// <param name="text">Plain; an empty line parts paragraphs.</param>
    /// <param name="link">Where the button leads, absolute. Null: no button.</param>
    public static Task<MailBody> RenderAsync(MailTemplates templates, string title, string text, string? link, string? button, CancellationToken cancellationToken)
    {
        var paragraphs = text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return templates.RenderAsync(
            typeof(StaffBody).Assembly,
            "staff",
            new { Title = title, Preheader = paragraphs.FirstOrDefault() ?? "", Why = "You get this mail because you have an account here, or are about to.", Paragraphs = paragraphs, Link = link, Button = button },
            cancellationToken);
    }
}
