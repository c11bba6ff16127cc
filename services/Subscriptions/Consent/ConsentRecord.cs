using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Consent;

/// <summary>A line of a reader's record, as the API and her own data show it.</summary>
public sealed record ConsentView(DateTimeOffset At, string What, string? List, string? Frequency, string How, string? By, string? Wording)
{
    internal static ConsentView Of(ConsentEntry entry) =>
        new(entry.At, entry.What.Word(), entry.List, entry.Frequency?.Word(), entry.Means.Word(), entry.By, entry.Wording);
}

internal static class ConsentRecord
{
    /// <summary>A reader's record, the newest first.</summary>
    public static async Task<List<ConsentEntry>> OfAsync(this DbSet<ConsentEntry> consents, Guid subscriber, int limit, CancellationToken cancellationToken) =>
        await consents.AsNoTracking().Where(c => c.SubscriberId == subscriber).OrderByDescending(c => c.Revision).ThenByDescending(c => c.Number).Take(limit).ToListAsync(cancellationToken);

    /// <summary>A line in words: "joined city (Daily digest)".</summary>
    public static string InWords(this ConsentEntry entry)
    {
        var list = entry.List is null ? "" : $" {entry.List}" + (entry.Frequency is { } frequency ? $" ({frequency.Label()})" : "");
        return entry.What switch
        {
            ConsentEvent.Asked => $"asked for{list}",
            ConsentEvent.Confirmed => "confirmed the address",
            ConsentEvent.Joined => $"joined{list}",
            ConsentEvent.Changed => $"changed{list}",
            ConsentEvent.Left => $"left{list}",
            ConsentEvent.Paused => "paused",
            ConsentEvent.Resumed => "ended the pause",
            ConsentEvent.AllowedEvents => "allowed notices about events",
            ConsentEvent.RefusedEvents => "refused notices about events",
            ConsentEvent.AllowedUrgent => "allowed urgent posts at once",
            ConsentEvent.RefusedUrgent => "refused urgent posts at once",
            ConsentEvent.Moved => "changed the address",
            ConsentEvent.Suppressed => "suppressed: no more mail",
            ConsentEvent.Lifted => "suppression lifted",
            _ => "erased",
        };
    }

    public static string InWords(this ConsentMeans means) => means switch
    {
        ConsentMeans.Form => "on the sign-up page",
        ConsentMeans.Link => "by a link in a mail",
        ConsentMeans.Preferences => "on the preferences page",
        ConsentMeans.Import => "by import",
        ConsentMeans.Admin => "by staff",
        ConsentMeans.Api => "through the API",
        _ => "by Alerts",
    };
}
