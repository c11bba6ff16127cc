using Alerts.Contracts;

namespace Alerts.Delivery.Ledger;

/// <summary>The order in which mails leave: a lower number overtakes a higher one. Numbers are stored.</summary>
public enum Lane : byte
{
    Urgent = 0,
    Normal = 1,
    Bulk = 2,
}

internal static class Lanes
{
    public static Lane Of(string priority) => priority switch
    {
        MailingPriority.Urgent => Lane.Urgent,
        MailingPriority.Bulk => Lane.Bulk,
        _ => Lane.Normal,
    };

    public static string Word(this Lane lane) => lane switch
    {
        Lane.Urgent => MailingPriority.Urgent,
        Lane.Normal => MailingPriority.Normal,
        _ => MailingPriority.Bulk,
    };
}
