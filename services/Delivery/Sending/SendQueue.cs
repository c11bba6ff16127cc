using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Sending;

/// <summary>
/// The mails that wait for a connection: a short queue for each lane. Whoever is free takes the most urgent; one pick in twenty begins with the least urgent, so that
/// none starves.
/// </summary>
internal sealed class SendQueue : IDisposable
{
    /// <summary>A lane is given more when it holds fewer than this: the rest of a claim waits in its batch.</summary>
    private const int LowWater = Chunk.Size;

    private const int OddPick = 20;

    private readonly Lock gate = new();
    private readonly LinkedList<Mail>[] lanes = [new(), new(), new()];
    private readonly SemaphoreSlim[] room = [new(0), new(0), new(0)];
    private readonly SemaphoreSlim waiting = new(0);
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

        waiting.Release(mails.Count);
    }

    /// <summary>Back to the front: another connection, perhaps another relay's, may take it.</summary>
    public void PutBack(Mail mail)
    {
        lock (gate)
        {
            lanes[(int)mail.Batch.Mailing.Lane].AddFirst(mail);
        }

        waiting.Release();
    }

    /// <summary>Returns when there is a mail to take; somebody else may take it.</summary>
    public async Task WaitForAnyAsync(CancellationToken cancellationToken)
    {
        await waiting.WaitAsync(cancellationToken);
        waiting.Release();
    }

    /// <summary>The mail whose turn it is; null when there was none for so long.</summary>
    public async ValueTask<Mail?> TakeAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (!await waiting.WaitAsync(atMost, cancellationToken))
        {
            return null;
        }

        lock (gate)
        {
            var odd = ++picks % OddPick == 0;
            for (var i = 0; i < lanes.Length; i++)
            {
                var lane = odd ? lanes.Length - 1 - i : i;
                if (lanes[lane].First is { } first)
                {
                    lanes[lane].RemoveFirst();
                    if (lanes[lane].Count == LowWater - 1)
                    {
                        room[lane].Release();
                    }

                    return first.Value;
                }
            }
        }

        throw new InvalidOperationException("The queue counts a mail that it doesn't hold.");
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

    public void Dispose()
    {
        waiting.Dispose();
        Array.ForEach(room, r => r.Dispose());
    }
}
