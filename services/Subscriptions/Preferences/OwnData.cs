using System.Text.Json;
using Alerts.ServiceDefaults.Links;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Subscribers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Preferences;

/// <summary>All that is kept about a reader, as a file for herself (GDPR art. 15 and 20).</summary>
/// <param name="Consent">The newest first; at most 10,000 lines.</param>
internal sealed record OwnData(SubscriberView Reader, IEnumerable<ConsentView> Consent)
{
    private const int MostLines = 10_000;
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/preferences/{token}/data", DownloadAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<Results<FileContentHttpResult, NotFound>> DownloadAsync(string token, LinkTokens tokens, SubscriptionsDb db, CancellationToken cancellationToken)
    {
        if (tokens.Read(token, LinkPurpose.Preferences) is not { } link
            || await db.Subscribers.AsNoTracking().Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held))
                .FirstOrDefaultAsync(s => s.Id == link.SubscriberId && s.State == SubscriberState.Confirmed, cancellationToken) is not { } reader)
        {
            return TypedResults.NotFound();
        }

        // Who of the staff did it is their data, not hers.
        var consent = (await db.Consents.OfAsync(reader.Id, MostLines, cancellationToken)).Select(c => ConsentView.Of(c) with { By = null });
        return TypedResults.File(JsonSerializer.SerializeToUtf8Bytes(new OwnData(SubscriberView.Of(reader), consent), Readable), "application/json", "my-data.json");
    }
}
