namespace Alerts.Delivery.Ledger;

/// <summary>What came of one recipient's mail, on its way from a sender through the journal into the ledger.</summary>
/// <param name="AttemptsBefore">The row's attempts when the mail was taken up. A row that has moved on since ignores this outcome, so it may be applied twice.</param>
/// <param name="Attempts">The row's attempts from now on.</param>
/// <param name="State">A final state, <see cref="DeliveryState.Deferred"/>, or <see cref="DeliveryState.Queued"/> for a mail that goes back to the queue.</param>
/// <param name="Reply">What the relay said, or why nothing was sent.</param>
/// <param name="Uncertain">The content was sent and nobody answered.</param>
internal sealed record Outcome(
    BatchKey Batch,
    Guid SubscriberId,
    int AttemptsBefore,
    int Attempts,
    DeliveryState State,
    string? Reply,
    DateTimeOffset At,
    DateTimeOffset? NextAttemptAt = null,
    bool Uncertain = false)
{
    /// <summary>Nothing happened: the row stays as it is, and whoever took it up is done with it.</summary>
    public bool ChangesNothing => State == DeliveryState.Queued && Attempts == AttemptsBefore;

    /// <summary>The content was sent, and the connection broke or the process was killed before an answer came: sent again, with the same Message-ID.</summary>
    /// <remarks>At once the first time; a mail that breaks connections again and again is put off like one refused for now.</remarks>
    public static Outcome Unanswered(BatchKey batch, Guid subscriberId, int attemptsBefore, string why, DateTimeOffset at)
    {
        var attempts = attemptsBefore + 1;
        return attempts == 1
            ? new(batch, subscriberId, attemptsBefore, attempts, DeliveryState.Queued, why, at, Uncertain: true)
            : Refused(batch, subscriberId, attemptsBefore, why, at) with { Uncertain = true };
    }

    /// <summary>A relay refused it for now: tried again later, or, after the last attempt, given up as bounced.</summary>
    public static Outcome Refused(BatchKey batch, Guid subscriberId, int attemptsBefore, string reply, DateTimeOffset at)
    {
        var attempts = attemptsBefore + 1;
        return Backoff.After(attempts) is { } wait
            ? new(batch, subscriberId, attemptsBefore, attempts, DeliveryState.Deferred, reply, at, at + wait)
            : new(batch, subscriberId, attemptsBefore, attempts, DeliveryState.Bounced, reply, at);
    }
}

/// <summary>How long a mail waits that was refused for now (RFC 5321 §4.5.4.1): 1 m, 5 m, 15 m, 1 h, then every 3 h until about 48 hours have passed.</summary>
internal static class Backoff
{
    /// <summary>1 m + 5 m + 15 m + 1 h + 16 × 3 h is just over two days; the attempt after that is the last.</summary>
    public const int MaxAttempts = 21;

    private static readonly TimeSpan[] Steps = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    /// <summary>The wait after so many attempts, give or take a fifth, so that what failed together doesn't come back together. Null: no more.</summary>
    public static TimeSpan? After(int attempts)
    {
        if (attempts >= MaxAttempts)
        {
            return null;
        }

        var step = attempts <= Steps.Length ? Steps[attempts - 1] : TimeSpan.FromHours(3);
        return Jitter(step);
    }

    public static TimeSpan Jitter(TimeSpan wait) => wait * (0.8 + (0.4 * Random.Shared.NextDouble()));
}
