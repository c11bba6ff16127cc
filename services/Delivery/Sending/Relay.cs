using Microsoft.Extensions.Logging;

namespace Alerts.Delivery.Sending;

/// <summary>
/// A way out, shared by the workers that are its connections: whether it is there, when to try it again, how fast it may go, and how many connections it bears. It takes
/// no mail while it isn't there; other relays' workers do.
/// </summary>
/// <remarks>
/// Connections grow and shrink as TCP's window does (RFC 5681): one more for every few mails it takes, half of them when it says that it has too much to do. Until that
/// happens for the first time they grow fast.
/// </remarks>
internal sealed partial class Relay(string name, int connections, int weight, double? rate, Func<MailSender> make, TimeProvider clock, ILogger logger)
{
    /// <summary>How many connections it begins with, at most.</summary>
    private const int AtFirst = 4;

    /// <summary>One more connection for so many mails taken: before it first had too much to do, and after.</summary>
    private const int GrowFast = 10;
    private const int GrowSlowly = 100;

    /// <summary>So many mails refused for now, beyond those taken, mean that it has too much to do.</summary>
    private const int TooManyRefusals = 10;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShrinksAtMostEvery = TimeSpan.FromSeconds(1);

    /// <summary>Who took mail so shortly ago, and then refuses a connection, is busy, not away.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly WorkSignal grown = new();
    private int failures;
    private DateTimeOffset retryAt;
    private long workedAt;

    private volatile int bearable = Math.Min(connections, AtFirst);
    private volatile int share = connections;
    private int open;
    private int growAfter = GrowFast;
    private int taken;
    private int refusals;
    private string? refusingDomain;
    private DateTimeOffset shrankAt;

    public string Name => name;

    public int Weight => weight;

    /// <summary>The most there may be.</summary>
    public int Connections { get; } = connections;

    /// <summary>How many there may be just now.</summary>
    public int Allowed => Math.Min(bearable, share);

    /// <summary>How many there are.</summary>
    public int Established => open;

    /// <summary>The first connection is for urgent mail alone, and always warm. The only one can't be.</summary>
    public bool KeepsOneForUrgent => Connections > 1;

    /// <summary>Null: as fast as it takes them.</summary>
    public RateLimit? Rate { get; } = rate is { } perSecond ? new RateLimit(perSecond, clock) : null;

    /// <summary>When it last failed: connections made before that may be gone too.</summary>
    public DateTimeOffset FailedAt { get; private set; }

    /// <summary>Why it can't be used just now; null when it can.</summary>
    public string? DownBecause { get; private set; }

    /// <summary>It went down or came up.</summary>
    public Action Changed { get; set; } = () => { };

    private int Least => Math.Min(Connections, 2);

    public MailSender Open() => make();

    public void Opened() => Interlocked.Increment(ref open);

    public void Closed() => Interlocked.Decrement(ref open);

    /// <summary>Its part of its connections, beside other relays.</summary>
    public void SetShare(double part)
    {
        share = Math.Clamp((int)Math.Ceiling(Connections * part), Least, Connections);
        grown.Wake();
    }

    /// <summary>Waits until there may be so many connections that the one with this index, from 0, is among them.</summary>
    public async Task WaitUntilAllowedAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            var woken = grown.Next;
            if (index < Allowed)
            {
                return;
            }

            await woken.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits while the relay is left alone after a failure.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait;
            lock (gate)
            {
                wait = retryAt - clock.GetUtcNow();
            }

            if (wait <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    /// <summary>It hung up, or took nothing: left alone for a second, then two, four … up to a minute.</summary>
    public void Failed(string reason)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            FailedAt = now;
            Shrink(now);
            if (retryAt > now)
            {
                // Other connections to it failed at the same time: that is one failure.
                return;
            }

            var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 6)));
            failures++;
            retryAt = now + Ledger.Backoff.Jitter(pause < LongestPause ? pause : LongestPause);
            var wasUp = DownBecause is null;
            DownBecause = reason;
            if (wasUp)
            {
                LogDown(name, reason);
                Changed();
            }
        }
    }

    /// <summary>It refused one connection. While it takes mail over others that is one too many, and no failure.</summary>
    public void Refused(string reason)
    {
        if (failures == 0 && clock.GetUtcNow().UtcTicks - Volatile.Read(ref workedAt) < Lately.Ticks)
        {
            TooMuch(reason);
        }
        else
        {
            Failed(reason);
        }
    }

    /// <summary>It said that it has too much to do (421 in the middle of a session, a connection too many): half of the connections go.</summary>
    public void TooMuch(string reason)
    {
        lock (gate)
        {
            if (Shrink(clock.GetUtcNow()))
            {
                LogTooMuch(name, bearable, reason);
            }
        }
    }

    /// <summary>It took a mail.</summary>
    public void Accepted(DateTimeOffset now)
    {
        Works(now);
        if (refusals > 0)
        {
            Interlocked.Decrement(ref refusals);
        }

        // Not while fewer are used than may be: those it refuses just now are no reason for more.
        if (bearable < Connections && open >= Allowed && Interlocked.Increment(ref taken) >= growAfter)
        {
            lock (gate)
            {
                (taken, bearable) = (0, Math.Min(bearable + 1, Connections));
            }

            grown.Wake();
        }
    }

    /// <summary>It refused a mail for now. One domain's refusals are that domain's affair.</summary>
    public void Deferred(ReadOnlySpan<char> domain, string reply, DateTimeOffset now)
    {
        Works(now);
        if (domain.Equals(refusingDomain, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        refusingDomain = domain.ToString();
        if (Interlocked.Increment(ref refusals) >= TooManyRefusals)
        {
            refusals = 0;
            TooMuch(reply);
        }
    }

    /// <summary>It answered about a mail, whatever it said.</summary>
    public void Works(DateTimeOffset now)
    {
        Volatile.Write(ref workedAt, now.UtcTicks);
        if (DownBecause is null && failures == 0)
        {
            return;
        }

        lock (gate)
        {
            var wasDown = DownBecause is not null;
            (DownBecause, failures, retryAt) = (null, 0, default);
            if (wasDown)
            {
                LogUp(name);
                Changed();
            }
        }
    }

    private bool Shrink(DateTimeOffset now)
    {
        growAfter = GrowSlowly;
        taken = 0;
        if (now - shrankAt < ShrinksAtMostEvery)
        {
            return false;
        }

        shrankAt = now;
        bearable = Math.Max(Least, bearable / 2);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Relay {Relay} can't be used ({Reason}); mail waits for it, or takes another relay")]
    private partial void LogDown(string relay, string reason);

    [LoggerMessage(LogLevel.Information, "Relay {Relay} has too much to do ({Reason}); at most {Connections} connections for now")]
    private partial void LogTooMuch(string relay, int connections, string reason);

    [LoggerMessage(LogLevel.Information, "Relay {Relay} takes mail again")]
    private partial void LogUp(string relay);
}

/// <summary>
/// All ways out of this process. All of them take mail from one queue, so a relay's share of the mail is its share of the connections: each uses
/// <c>connections × weight ⁄ the greatest weight</c>, counted over the relays that are up, at least two.
/// </summary>
internal sealed class Relays
{
    public Relays(IReadOnlyList<Relay> all)
    {
        All = all;
        foreach (var relay in all)
        {
            relay.Changed = Share;
        }

        Share();
    }

    public IReadOnlyList<Relay> All { get; }

    private void Share()
    {
        var up = All.Where(r => r.DownBecause is null).Select(r => r.Weight).DefaultIfEmpty(1).Max();
        foreach (var relay in All)
        {
            relay.SetShare((double)relay.Weight / Math.Max(up, relay.Weight));
        }
    }
}
