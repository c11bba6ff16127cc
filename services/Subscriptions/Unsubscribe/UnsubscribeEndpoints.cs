using Alerts.Contracts;
using Alerts.ServiceDefaults.Links;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Alerts.Subscriptions.Unsubscribe;

/// <summary>
/// Leaving by a link. <c>POST /u/{token}</c> is what mail programs send (RFC 8058 §3.2) and what the button of <see cref="UnsubscribePage"/> sends: no cookie, no question,
/// and twice is the same as once. The token alone gives the right, so there is nothing to forge a request with.
/// </summary>
internal static class UnsubscribeEndpoints
{
    private const string Incomplete = "This link is not complete. Copy all of it from the mail, or answer that mail.";

    public static void MapUnsubscribe(this IEndpointRouteBuilder routes)
    {
        // Pages are mapped for POST as well; these come first.
        routes.MapPost("/u/{token}", Leave).AllowAnonymous().DisableAntiforgery().WithOrder(-1).ExcludeFromDescription();
        routes.MapPost("/u/{token}/undo", JoinAgain).AllowAnonymous().DisableAntiforgery().WithOrder(-1).ExcludeFromDescription();
    }

    /// <param name="list">Only this one of the lists that the link speaks of.</param>
    /// <param name="page">The page's own button says true: whoever pressed it wants to see a page afterwards. A mail program only wants 200.</param>
    private static async Task<Results<ContentHttpResult, RedirectHttpResult>> Leave(
        string token, LinkTokens tokens, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken, bool page = false, string? list = null)
    {
        var link = tokens.Read(token, LinkPurpose.Unsubscribe);
        if (link is null || UnsubscribeScope.Read(link.Detail)?.Only(list) is not { } scope)
        {
            return TypedResults.Text(Incomplete, statusCode: StatusCodes.Status400BadRequest);
        }

        var left = 0L;
        await using var change = await AudienceChange.BeginAsync(db, clock, ConsentSource.Link, cancellationToken);
        if (await change.FindAsync(link.SubscriberId, cancellationToken) is { } subscriber && subscriber.Holds.Any(s => scope.Covers(s.List, s.Frequency)))
        {
            subscriber.Leave(scope, change);
            await change.CommitAsync(cancellationToken);
            left = change.Revision;
        }

        return page ? TypedResults.LocalRedirect($"/u/{token}" + Query(list).Add("left", $"{left}")) : TypedResults.Text("You are unsubscribed.");
    }

    /// <param name="left">The revision at which she left; only what ended then comes back.</param>
    /// <param name="weekly">As a weekly digest, however often it came before.</param>
    private static async Task<Results<ContentHttpResult, RedirectHttpResult>> JoinAgain(
        string token, long left, LinkTokens tokens, SubscriptionsDb db, TimeProvider clock, CancellationToken cancellationToken, bool weekly = false, string? list = null)
    {
        var link = tokens.Read(token, LinkPurpose.Unsubscribe);
        if (link is null || UnsubscribeScope.Read(link.Detail)?.Only(list) is not { } scope)
        {
            return TypedResults.Text(Incomplete, statusCode: StatusCodes.Status400BadRequest);
        }

        await using var change = await AudienceChange.BeginAsync(db, clock, ConsentSource.Link, cancellationToken);
        if (await change.FindAsync(link.SubscriberId, cancellationToken, endedAt: left) is { } subscriber)
        {
            subscriber.JoinAgain(scope, left, weekly ? Frequency.Weekly : null, change);
            await change.CommitAsync(cancellationToken);
        }

        return TypedResults.LocalRedirect($"/u/{token}" + Query(list).Add("back", "true"));
    }

    private static QueryString Query(string? list) => string.IsNullOrEmpty(list) ? default : QueryString.Create("list", list);
}
