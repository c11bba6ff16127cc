namespace Alerts.Delivery.Ledger;

/// <summary>Where the mail to one recipient stands. Numbers are stored: they never change.</summary>
public enum DeliveryState : byte
{
    /// <summary>Waits for its turn. In the ledger also while a process holds its batch; see <see cref="Sending"/>.</summary>
    Queued = 0,

    /// <summary>A process holds its batch and will hand it over. Never stored: it is <see cref="Queued"/> in a batch under lease.</summary>
    Sending = 1,

    /// <summary>Handed over: a relay took it (or it lies in the local mailbox). Final.</summary>
    Accepted = 2,

    /// <summary>Refused for now (4xx); tried again at its time.</summary>
    Deferred = 3,

    /// <summary>Refused for good (5xx), or refused for now for 48 hours. Final.</summary>
    Bounced = 4,

    /// <summary>Not sent: the address is suppressed. Final.</summary>
    Suppressed = 5,

    /// <summary>Not sent: at the last moment the reader no longer wanted it (she left, was erased, or paused her mail; the last reply says which). Final.</summary>
    Unsubscribed = 6,

    /// <summary>Not sent: it lost its point before its turn came. Final.</summary>
    Expired = 7,

    /// <summary>Not sent: its mailing was called off. Final.</summary>
    Cancelled = 8,
}

internal static class DeliveryStates
{
    public static bool IsFinal(this DeliveryState state) => state is not (DeliveryState.Queued or DeliveryState.Sending or DeliveryState.Deferred);

    /// <summary>What ended badly may be sent again.</summary>
    public static bool MayBeSentAgain(this DeliveryState state) =>
        state is DeliveryState.Bounced or DeliveryState.Suppressed or DeliveryState.Expired or DeliveryState.Cancelled;

    /// <summary>The word used in the API and in messages.</summary>
    public static string Word(this DeliveryState state) => state.ToString().ToLowerInvariant();
}
