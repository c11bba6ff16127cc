using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

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

    /// <summary>A line in words: "joined city (Daily digest)", in the language of the page.</summary>
    public static string InWords(this ConsentEntry entry, IStringLocalizer<Reader> text)
    {
        var list = entry.Frequency is { } frequency ? $"{entry.List} ({text[frequency.Label()]})" : entry.List ?? "";
        return entry.What switch
        {
            ConsentEvent.Asked => text["asked for {0}", list],
            ConsentEvent.Confirmed => text["confirmed the address"],
            ConsentEvent.Joined => text["joined {0}", list],
            ConsentEvent.Changed => text["changed {0}", list],
            ConsentEvent.Left => text["left {0}", list],
            ConsentEvent.Paused => text["paused"],
            ConsentEvent.Resumed => text["ended the pause"],
            ConsentEvent.AllowedEvents => text["allowed notices about events"],
            ConsentEvent.RefusedEvents => text["refused notices about events"],
            ConsentEvent.AllowedUrgent => text["allowed urgent news at once"],
            ConsentEvent.RefusedUrgent => text["refused urgent news at once"],
            ConsentEvent.Moved => text["changed the address"],
            ConsentEvent.Suppressed => text["suppressed: no more mail"],
            ConsentEvent.Lifted => text["suppression lifted"],
            _ => text["erased"],
        };
    }

    public static string InWords(this ConsentMeans means, IStringLocalizer<Reader> text) => means switch
    {
        ConsentMeans.Form => text["on the sign-up page"],
        ConsentMeans.Link => text["by a link in a mail"],
        ConsentMeans.Preferences => text["on the preferences page"],
        ConsentMeans.Import => text["by import"],
        ConsentMeans.Admin => text["by staff"],
        ConsentMeans.Api => text["through the API"],
        _ => text["by the system"],
    };
}
