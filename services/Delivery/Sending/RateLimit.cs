namespace Alerts.Delivery.Sending;

/// <summary>
/// So many mails a second, and no more: a bucket that fills at the rate. Its lower part, a fifth of a second's mails, is for urgent mail alone, so that a bulk mailing at the
/// rate can't hold it back; on top lies only what the timers' coarseness needs. Not safe for threads: the queue asks under its lock.
/// </summary>
/// <remarks>Not .NET's <c>TokenBucketRateLimiter</c>: that knows no reserve, and no <see cref="TimeProvider"/>.</remarks>
internal sealed class RateLimit(double perSecond, TimeProvider clock)
{
    private readonly double reserve = Reserve(perSecond);
    private readonly double capacity = Capacity(perSecond);
    private double tokens = Capacity(perSecond);
    private long filledAt = clock.GetTimestamp();

    /// <summary>How long until a mail may go; zero: now.</summary>
    /// <param name="reserved">Whether it may use what is reserved.</param>
    public TimeSpan Wait(bool reserved)
    {
        var now = clock.GetTimestamp();
        tokens = Math.Min(capacity, tokens + (perSecond * clock.GetElapsedTime(filledAt, now).TotalSeconds));
        filledAt = now;
        var missing = (reserved ? 1 : reserve + 1) - tokens;
        return missing > 1e-9 ? TimeSpan.FromSeconds(Math.Min(missing / perSecond, 3_600)) : TimeSpan.Zero;
    }

    /// <summary>How many mails that aren't urgent may go now.</summary>
    public int Ready => Wait(reserved: false) > TimeSpan.Zero ? 0 : (int)(tokens - reserve);

    /// <summary>A mail goes.</summary>
    public void Take() => tokens--;

    private static double Reserve(double perSecond) => Math.Max(1, perSecond * 0.2);

    private static double Capacity(double perSecond) => Reserve(perSecond) + Math.Max(1, perSecond * 0.05);
}
