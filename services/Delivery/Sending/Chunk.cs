using Alerts.Contracts;
using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Sending;

/// <summary>
/// The recipients that are asked about together, just before their mails leave: does she still want it, and where does she get it now? An answer is good for half a second;
/// where a slow relay lets mails wait longer, those left are asked about again.
/// </summary>
internal sealed class Chunk : IDisposable
{
    /// <summary>How many recipients are asked about at once.</summary>
    public const int Size = 250;

    private static readonly TimeSpan GoodFor = TimeSpan.FromMilliseconds(500);

    private readonly IAudience audience;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim asking = new(1);
    private DateTimeOffset askedAt = DateTimeOffset.MinValue;

    public Chunk(HeldBatch batch, IEnumerable<LedgerRow> rows, IAudience audience, TimeProvider clock)
    {
        (Batch, this.audience, this.clock) = (batch, audience, clock);
        Mails = [.. rows.Select(row => new Mail(this, row))];
    }

    public HeldBatch Batch { get; }

    public IReadOnlyList<Mail> Mails { get; }

    /// <summary>Makes sure that the answer for the mails left is fresh.</summary>
    public async ValueTask AskAsync(CancellationToken cancellationToken)
    {
        if (clock.GetUtcNow() - askedAt < GoodFor)
        {
            return;
        }

        await asking.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            if (now - askedAt < GoodFor)
            {
                return;
            }

            var left = Mails.Where(m => !m.Done).ToList();
            var answers = await audience.StillWantedAsync(Batch.Mailing.Mailing.Lists, [.. left.Select(m => m.SubscriberId)], cancellationToken);
            foreach (var mail in left)
            {
                (mail.Address, mail.Unwanted) = Read(mail, answers.GetValueOrDefault(mail.SubscriberId));
            }

            askedAt = now;
        }
        finally
        {
            asking.Release();
        }
    }

    public void Dispose() => asking.Dispose();

    private static (string?, (DeliveryState, string)?) Read(Mail mail, Reachable? answer) => answer switch
    {
        null => (null, (DeliveryState.Unsubscribed, Exclusion.Unsubscribed)),
        { Excluded: Exclusion.Suppressed } => (null, (DeliveryState.Suppressed, Exclusion.Suppressed)),
        _ when mail.ExplicitAddress is { } address => (address, null),
        { Excluded: { } why } => (null, (DeliveryState.Unsubscribed, why)),
        { Address: { } address } => (address, null),
        _ => (null, (DeliveryState.Unsubscribed, Exclusion.Unsubscribed)),
    };
}
