using Alerts.Delivery.Ledger;
using Alerts.Delivery.Mailings;
using Alerts.Delivery.Rendering;

namespace Alerts.Delivery.Sending;

/// <summary>A mailing some of whose batches this process holds: its rows as they were read, its mail as bytes, and whether it may be sent right now.</summary>
/// <param name="broken">Why its content can't be made into a mail; null when it can.</param>
internal sealed class HeldMailing(Mailing mailing, RenderedMailing? rendered, string? broken)
{
    public Mailing Mailing => mailing;

    public Lane Lane { get; } = mailing.Lane ?? Lane.Bulk;

    public RenderedMailing Rendered => rendered ?? throw new InvalidOperationException(broken);

    public string? Broken => broken;

    /// <summary>Paused or cancelled since; looked up every quarter of a second.</summary>
    public volatile bool Halted;
}

/// <summary>A batch this process holds under a lease.</summary>
internal sealed class HeldBatch(BatchKey key, HeldMailing mailing, int recipients, DateTimeOffset leaseUntil)
{
    private long leaseUntil = leaseUntil.UtcTicks;

    public BatchKey Key => key;

    public HeldMailing Mailing => mailing;

    /// <summary>How many of its recipients aren't in the ledger yet. Only the fold counts down.</summary>
    public int Outstanding { get; set; } = recipients;

    public DateTimeOffset LeaseUntil
    {
        get => new(Interlocked.Read(ref leaseUntil), TimeSpan.Zero);
        set => Interlocked.Exchange(ref leaseUntil, value.UtcTicks);
    }

    /// <summary>Why its mails can't be taken up just now; null when they can.</summary>
    public volatile string? Trouble;
}

/// <summary>One mail waiting for a connection.</summary>
internal sealed class Mail(Chunk chunk, LedgerRow row)
{
    public Chunk Chunk => chunk;

    public HeldBatch Batch => chunk.Batch;

    public Guid SubscriberId => row.SubscriberId;

    public string? Name => row.Name;

    public bool Attends => row.Attends;

    public int Attempts => row.Attempts;

    /// <summary>Where to, when the row itself says so (the confirmation of a new address).</summary>
    public string? ExplicitAddress => row.Address;

    /// <summary>Where to, as last asked; null when she is to get nothing.</summary>
    public string? Address { get; set; }

    /// <summary>The domain of <see cref="Address"/>.</summary>
    public ReadOnlySpan<char> Domain => Address is { } address ? address.AsSpan(address.LastIndexOf('@') + 1) : default;

    /// <summary>The domain among whose mails under way it counts; null for most.</summary>
    public Domain? Entered { get; set; }

    /// <summary>What its domain says to all mail just now: it isn't tried, and counts as refused.</summary>
    public string? PutOff { get; set; }

    /// <summary>When to try again, because too many wait for its domain already.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Why she is to get nothing, and the state she ends in.</summary>
    public (DeliveryState State, string Why)? Unwanted { get; set; }

    /// <summary>How often a connection broke over it before its content was sent.</summary>
    public int Losses { get; set; }

    /// <summary>Handed over, or ended otherwise.</summary>
    public bool Done { get; set; }

    /// <summary>It needs no connection to end: its mailing was paused or called off, or it has lost its point.</summary>
    public bool IsMoot(DateTimeOffset now) => Batch.Mailing.Halted || Batch.Mailing.Mailing.ExpiresAt <= now;

    /// <summary>What becomes of it then.</summary>
    public Outcome Moot(DateTimeOffset now) => Ended(Batch.Mailing.Halted ? DeliveryState.Queued : DeliveryState.Expired, null, now);

    public Outcome Ended(DeliveryState state, string? why, DateTimeOffset at) => new(Batch.Key, SubscriberId, Attempts, Attempts, state, why, at);

    /// <summary>A relay said its last word about it.</summary>
    public Outcome Answered(DeliveryState state, string reply, DateTimeOffset at) => new(Batch.Key, SubscriberId, Attempts, Attempts + 1, state, reply, at);
}
