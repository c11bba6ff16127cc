using Alerts.Delivery.Ledger;
using Alerts.Delivery.Sending;
using Microsoft.Win32.SafeHandles;

namespace Alerts.Delivery.Journal;

/// <summary>
/// What this process has sent and not yet told the ledger: an append-only file under the operating system's lock. <c>begin</c> is written before a mail's content leaves,
/// the reply when it has come; each record is with the operating system before the call returns, so a process killed between the two leaves at most one mail per
/// connection in doubt. What the ledger has taken over is dropped with the file it stands in.
/// </summary>
/// <remarks>Power loss may take the records of the last 50 ms, the time between two fsyncs.</remarks>
internal sealed class DeliveryJournal : IDisposable
{
    /// <summary>A longer file is left for a new one at the next fold.</summary>
    public const long MaxFile = 1 << 20;

    /// <summary>How many outcomes may wait for the ledger before senders must wait too.</summary>
    public const int MaxUnfolded = 5_000;

    /// <summary>So many are folded without waiting for their time.</summary>
    private const int ManyUnfolded = 1_000;

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly byte[] buffer = new byte[JournalRecord.MaxLength];
    private readonly Dictionary<(Guid Mailing, Guid Subscriber), (BatchKey Batch, int AttemptsBefore)> begun = [];
    private readonly WorkSignal many = new();
    private List<Outcome> unfolded = [];
    private JournalFile file;
    private bool dirty;

    public DeliveryJournal(string folder, TimeProvider clock)
    {
        this.folder = Directory.CreateDirectory(folder).FullName;
        Owner = Guid.CreateVersion7(clock.GetUtcNow());
        file = JournalFile.Create(this.folder, Owner, generation: 0);
    }

    /// <summary>Names this run of this process: the holder of its leases, and the first part of its files' names.</summary>
    public Guid Owner { get; }

    /// <summary>How many outcomes wait for the ledger.</summary>
    public int Unfolded
    {
        get
        {
            lock (gate)
            {
                return unfolded.Count;
            }
        }
    }

    /// <summary>To be called once the server waits for the content, before its first byte leaves.</summary>
    public void Begin(BatchKey batch, Guid subscriberId, int attemptsBefore)
    {
        lock (gate)
        {
            begun[(batch.MailingId, subscriberId)] = (batch, attemptsBefore);
            Append(JournalRecord.WriteBegin(buffer, batch, subscriberId, attemptsBefore));
        }
    }

    /// <summary>Records what came of a mail, for the ledger.</summary>
    /// <param name="asked">False when no relay was asked (left, expired …): then it need not survive us, the next process finds out by itself.</param>
    public void Reply(Outcome outcome, bool asked = true)
    {
        lock (gate)
        {
            begun.Remove((outcome.Batch.MailingId, outcome.SubscriberId));
            unfolded.Add(outcome);
            if (unfolded.Count == ManyUnfolded)
            {
                many.Wake();
            }

            if (!asked)
            {
                return;
            }

            try
            {
                Append(JournalRecord.WriteReply(buffer, outcome));
            }
            catch (IOException)
            {
                // The disk is full. The reply is known here and goes to the ledger; the next mail can't begin.
            }
        }
    }

    /// <summary>Returns when many outcomes wait for the ledger, or after so long.</summary>
    public async Task WaitForManyAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var woken = many.Next;
        if (Unfolded < ManyUnfolded)
        {
            await WorkSignal.WaitAsync(woken, atMost, cancellationToken);
        }
    }

    /// <summary>
    /// What is to be folded into the ledger now. Once that has committed, the returned file (if any) holds nothing that is still needed and is to be discarded.
    /// </summary>
    public (List<Outcome> Outcomes, JournalFile? Done) Take()
    {
        lock (gate)
        {
            var outcomes = unfolded;
            unfolded = [];
            if (file.Length < MaxFile)
            {
                return (outcomes, null);
            }

            // What has begun and has no reply yet must be known to the new file too.
            var done = file;
            file = JournalFile.Create(folder, Owner, done.Generation + 1);
            foreach (var ((_, subscriber), (batch, attemptsBefore)) in begun)
            {
                Append(JournalRecord.WriteBegin(buffer, batch, subscriber, attemptsBefore));
            }

            return (outcomes, done);
        }
    }

    /// <summary>Asks the disk to keep what was written; called every 50 ms.</summary>
    public void Flush()
    {
        JournalFile flushed;
        lock (gate)
        {
            if (!dirty)
            {
                return;
            }

            (dirty, flushed) = (false, file);
        }

        flushed.Flush();
    }

    /// <summary>Everything is folded and nothing is begun: the journal goes.</summary>
    public void Finish()
    {
        lock (gate)
        {
            if (begun.Count == 0 && unfolded.Count == 0)
            {
                file.Discard();
            }
        }
    }

    public void Dispose() => file.Dispose();

    private void Append(int length)
    {
        file.Append(buffer.AsSpan(0, length));
        dirty = true;
    }
}

/// <summary>One file of a journal, <c>{owner}-{generation}.journal</c>, held under an exclusive lock which the operating system lifts when the process ends, however it ends.</summary>
internal sealed class JournalFile : IDisposable
{
    private readonly FileStream stream;
    private readonly SafeFileHandle handle;
    private readonly Lock closing = new();
    private bool closed;

    private JournalFile(FileStream stream, int generation)
    {
        this.stream = stream;
        handle = stream.SafeFileHandle;
        Generation = generation;
    }

    public int Generation { get; }

    public long Length { get; private set; }

    public static JournalFile Create(string folder, Guid owner, int generation)
    {
        var path = Path.Combine(folder, $"{owner:N}-{generation:D8}.journal");
        return new JournalFile(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0), generation);
    }

    public void Append(ReadOnlySpan<byte> record)
    {
        RandomAccess.Write(handle, record, Length);
        Length += record.Length;
    }

    public void Flush()
    {
        lock (closing)
        {
            if (!closed)
            {
                RandomAccess.FlushToDisk(handle);
            }
        }
    }

    public void Discard()
    {
        Dispose();
        File.Delete(stream.Name);
    }

    public void Dispose()
    {
        lock (closing)
        {
            closed = true;
            stream.Dispose();
        }
    }
}
