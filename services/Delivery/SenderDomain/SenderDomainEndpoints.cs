using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Alerts.Delivery.SenderDomain;

internal static class SenderDomainEndpoints
{
    public static void MapSenderDomain(this IEndpointRouteBuilder routes)
    {
        var domain = routes.MapGroup("/api/sender-domain").WithTags("Sender domain").RequireAuthorization(Policies.Admin);
        domain.MapGet("/", Get);
        domain.MapPost("/check", Check);
    }

    private static async Task<Ok<SenderDomainView>> Get(DeliveryDb db, Inspection inspection, CancellationToken cancellationToken) =>
        TypedResults.Ok(SenderDomainView.Of(inspection, await DomainCheck.LastAsync(db, inspection.Domain, cancellationToken)));

    /// <summary>Asks DNS now. It takes some seconds where DNS doesn't answer.</summary>
    private static async Task<Ok<SenderDomainView>> Check(DeliveryDb db, Inspection inspection, TimeProvider clock, CancellationToken cancellationToken) =>
        TypedResults.Ok(SenderDomainView.Of(
            inspection,
            inspection.NotNeeded is null
                ? await DomainCheck.KeepAsync(db, inspection.Domain, await inspection.RunAsync(cancellationToken), clock.GetUtcNow(), cancellationToken)
                : null));
}

/// <param name="NotNeeded">Why there is nothing to check; null when there is.</param>
/// <param name="CheckedAt">Null while it never was.</param>
internal sealed record SenderDomainView(string Domain, string? NotNeeded, DateTimeOffset? CheckedAt, IReadOnlyList<FindingView> Findings)
{
    public static SenderDomainView Of(Inspection inspection, DomainCheck? check) =>
        new(inspection.Domain, inspection.NotNeeded, check?.CheckedAt, [.. (check?.Findings ?? []).Select(f => new FindingView(f.Name, f.Verdict.ToWords(), f.Required, f.Words, f.Put))]);
}

/// <param name="Verdict">right, missing, wrong, not asked (DNS didn't answer) or unknown (it can't be known from here).</param>
/// <param name="Put">What to put into DNS.</param>
internal sealed record FindingView(string Name, string Verdict, bool Required, string Words, DnsRecord? Put);
