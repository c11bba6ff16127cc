using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Delivery.Mailings;

/// <summary>One recipient's mail, as staff see it.</summary>
/// <param name="Address">Where she gets mail now; null when she gets none. Masked unless an admin asks.</param>
/// <param name="LastReply">What the relay said last, or why nothing was sent; without addresses unless an admin asks.</param>
internal sealed record DeliveryView(
    Guid SubscriberId, string? Address, string State, int Attempts, string? LastReply, bool Uncertain, DateTimeOffset? NextAttemptAt, DateTimeOffset UpdatedAt)
{
    /// <summary>A page of a mailing's deliveries in the order of their subscribers. Addresses aren't in the ledger: the audience is asked for them.</summary>
    /// <param name="take">At most 201.</param>
    public static async Task<List<DeliveryView>> FindAsync(
        DeliveryDb db, IAudience audience, Guid mailing, DeliveryState? state, Guid after, int take, bool admin, CancellationToken cancellationToken)
    {
        var rows = await Rows(db, mailing, state)
            .Where(r => r.Row.SubscriberId > after)
            .OrderBy(r => r.Row.SubscriberId)
            .Take(take)
            .ToListAsync(cancellationToken);
        var reachable = rows.Count == 0 ? null : await audience.StillWantedAsync([], [.. rows.Select(r => r.Row.SubscriberId)], cancellationToken);
        return
        [
            .. rows.Select(r => new DeliveryView(
                r.Row.SubscriberId,
                Shown(r.Row.Address ?? reachable!.GetValueOrDefault(r.Row.SubscriberId)?.Address, admin),
                (r is { Row.State: DeliveryState.Queued, Held: true } ? DeliveryState.Sending : r.Row.State).Word(),
                r.Row.Attempts,
                admin || r.Row.LastReply is null ? r.Row.LastReply : RepliesView.WithoutAddresses(r.Row.LastReply),
                r.Row.Uncertain,
                r.Row.NextAttemptAt,
                r.Row.UpdatedAt)),
        ];
    }

    /// <summary>The first letter and the domain: enough to recognise who is meant, too little to write to her.</summary>
    internal static string? Shown(string? address, bool admin) =>
        admin || address is null ? address : $"{address[..Math.Min(1, address.Length)]}…{address[Math.Max(0, address.LastIndexOf('@'))..]}";

    /// <param name="state">Null for all.</param>
    internal static IQueryable<RowInBatch> Rows(DeliveryDb db, Guid mailing, DeliveryState? state)
    {
        // Batches without any in the state needn't be looked into: where few of a million bounced, that is nearly all.
        var batches = db.Batches.Where(b => b.MailingId == mailing);
        batches = state switch
        {
            null => batches,
            DeliveryState.Queued => batches.Where(b => b.Queued > 0 && b.Owner == null),
            DeliveryState.Sending => batches.Where(b => b.Queued > 0 && b.Owner != null),
            DeliveryState.Accepted => batches.Where(b => b.Accepted > 0),
            DeliveryState.Deferred => batches.Where(b => b.Deferred > 0),
            DeliveryState.Bounced => batches.Where(b => b.Bounced > 0),
            DeliveryState.Suppressed => batches.Where(b => b.Suppressed > 0),
            DeliveryState.Unsubscribed => batches.Where(b => b.Unsubscribed > 0),
            DeliveryState.Expired => batches.Where(b => b.Expired > 0),
            _ => batches.Where(b => b.Cancelled > 0),
        };
        var rows = db.Rows.AsNoTracking().Where(r => r.MailingId == mailing);
        if (state is { } wanted)
        {
            var stored = wanted == DeliveryState.Sending ? DeliveryState.Queued : wanted;
            rows = rows.Where(r => r.State == stored);
        }

        return rows.Join(batches, r => r.Batch, b => b.Number, (r, b) => new RowInBatch { Row = r, Held = b.Owner != null });
    }

    internal sealed class RowInBatch
    {
        public required LedgerRow Row { get; init; }

        public required bool Held { get; init; }
    }
}
