using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Sending;

/// <summary>
/// The mails that wait for a connection: a short queue for each lane. Whoever is free takes the most urgent; one pick in twenty begins with the least urgent, so that
/// none starves. A relay's rate is asked with the mail at hand, whose lane is known, and the lane is chosen anew after each wait.
/// </summary>
internal sealed class SendQueue(Domains domains, TimeProvider clock) : IDisposable
{
    /// <summary>A lane is given more when it holds fewer than this: the rest of a claim waits in its batch.</summary>
    private const int LowWater = Chunk.Size;

    private const int OddPick = 20;

    /// <summary>Whoever waits for a relay's rate looks so often whether something more urgent has come.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly Lock gate = new();
    private readonly LinkedList<Mail>[] lanes = [new(), new(), new()];
    private readonly SemaphoreSlim[] room = [new(0), new(0), new(0)];
    private readonly WorkSignal any = new();
    private readonly WorkSignal urgent = new();
    private int picks;

    public void Add(IReadOnlyCollection<Mail> mails)
    {
        lock (gate)
        {
            foreach (var mail in mails)
            {
                lanes[(int)mail.Batch.Mailing.Lane].AddLast(mail);
            }
        }

        Wake(mails);
    }

    /// <summary>Back to the front: another connection, perhaps another relay's, may take it.</summary>
    public void PutBack(Mail mail)
    {
        lock (gate)
        {
            _ = LeaveDomain(mail);
            (mail.PutOff, mail.NotBefore) = (null, null);
            lanes[(int)mail.Batch.Mailing.Lane].AddFirst(mail);
        }

        Wake([mail]);
    }

    /// <summary>The mail has ended, or waits in the ledger: its domain has room for another.</summary>
    public void Done(Mail mail)
    {
        if (mail.Entered is null)
        {
            return;
        }

        Mail? next;
        lock (gate)
        {
            next = LeaveDomain(mail);
        }

        if (next is not null)
        {
            Wake([next]);
        }
    }

    /// <summary>A relay has answered: a domain that refuses mail after mail for now is left alone for a while.</summary>
    public void Answered(Mail mail, Reply reply)
    {
        var kind = reply.Kind;
        if (kind is not ReplyKind.Deferred && !(kind is ReplyKind.Accepted && domains.Any))
        {
            return;
        }

        lock (gate)
        {
            if (kind is ReplyKind.Deferred)
            {
                domains.Refused(mail, reply.Text);
            }
            else
            {
                domains.Accepted(mail);
            }
        }
    }

    /// <summary>Takes back in what was put aside for its domain and may go by now; called every 50 ms.</summary>
    public void TakeBackIn()
    {
        if (!domains.Any)
        {
            return;
        }

        List<Mail> ready;
        lock (gate)
        {
            ready = domains.TakeReady();
            foreach (var mail in Enumerable.Reverse(ready))
            {
                lanes[(int)mail.Batch.Mailing.Lane].AddFirst(mail);
            }
        }

        Wake(ready);
    }

    /// <summary>Takes out what needs no connection to end, so that a pause or a cancellation doesn't wait for a relay that is slow or away.</summary>
    public List<Mail> TakeMoot()
    {
        var now = clock.GetUtcNow();
        var moot = new List<Mail>();
        lock (gate)
        {
            for (var lane = 0; lane < lanes.Length; lane++)
            {
                if (TakeMoot(lanes[lane], now, moot) > 0 && lanes[lane].Count < LowWater)
                {
                    room[lane].Release();
                }
            }

            domains.TakeMoot(now, moot);
        }

        return moot;
    }

    /// <summary>Returns when there is a mail to take; somebody else may take it.</summary>
    public async Task WaitForAnyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var woken = any.Next;
            lock (gate)
            {
                if (lanes.Any(l => l.Count > 0))
                {
                    return;
                }
            }

            await woken.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The mail whose turn it is; null when there was none for so long.</summary>
    /// <param name="rate">The rate of the relay that is to have it.</param>
    /// <param name="urgentOnly">Whether it is for the connection kept for urgent mail.</param>
    public async ValueTask<Mail?> TakeAsync(RateLimit? rate, bool urgentOnly, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            var woken = (urgentOnly ? urgent : any).Next;
            TimeSpan wait;
            lock (gate)
            {
                if (Pick(rate, urgentOnly, out wait) is { } mail)
                {
                    return mail;
                }
            }

            var left = atMost - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < Tick ? Tick : wait < LookAgain ? wait : LookAgain, clock, cancellationToken);
            }
            else
            {
                await WorkSignal.WaitAsync(woken, left, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>Waits until a lane runs low.</summary>
    public async Task WaitForRoomAsync(Lane lane, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (gate)
            {
                if (lanes[(int)lane].Count < LowWater)
                {
                    return;
                }
            }

            await room[(int)lane].WaitAsync(cancellationToken);
        }
    }

    /// <summary>The domains for which mails are put aside.</summary>
    public List<string> DomainsWaitedFor()
    {
        lock (gate)
        {
            return [.. domains.Waiting];
        }
    }

    /// <summary>Whether mail of this lane must wait for the rate.</summary>
    public bool IsAtRate(RateLimit rate, Lane lane)
    {
        lock (gate)
        {
            return rate.Wait(lane == Lane.Urgent) > TimeSpan.Zero;
        }
    }

    public void Dispose() => Array.ForEach(room, r => r.Dispose());

    internal static int TakeMoot(LinkedList<Mail> mails, DateTimeOffset now, List<Mail> moot)
    {
        var before = moot.Count;
        for (var node = mails.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.IsMoot(now))
            {
                mails.Remove(node);
                moot.Add(node.Value);
            }

            node = next;
        }

        return moot.Count - before;
    }

    private Mail? Pick(RateLimit? rate, bool urgentOnly, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var odd = !urgentOnly && (picks + 1) % OddPick == 0;
        for (var i = 0; i < (urgentOnly ? 1 : lanes.Length); i++)
        {
            var lane = odd ? lanes.Length - 1 - i : i;
            while (lanes[lane].First is { } first)
            {
                // The odd pick may use the reserve too: where urgent mail alone comes to the rate, nothing else is ever left.
                wait = rate?.Wait(reserved: odd || lane == (int)Lane.Urgent) ?? TimeSpan.Zero;
                if (wait > TimeSpan.Zero)
                {
                    return null;
                }

                lanes[lane].RemoveFirst();
                if (lanes[lane].Count == LowWater - 1)
                {
                    room[lane].Release();
                }

                if (domains.Enter(first.Value))
                {
                    picks += urgentOnly ? 0 : 1;
                    if (first.Value is { PutOff: null, NotBefore: null })
                    {
                        rate?.Take();
                    }

                    return first.Value;
                }
            }
        }

        return null;
    }

    private Mail? LeaveDomain(Mail mail)
    {
        if (domains.Leave(mail) is not { } next)
        {
            return null;
        }

        lanes[(int)next.Batch.Mailing.Lane].AddFirst(next);
        return next;
    }

    private void Wake(IReadOnlyCollection<Mail> mails)
    {
        if (mails.Any(m => m.Batch.Mailing.Lane == Lane.Urgent))
        {
            urgent.Wake();
        }

        if (mails.Count > 0)
        {
            any.Wake();
        }
    }
}
