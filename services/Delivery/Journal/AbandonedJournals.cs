using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Journal;

/// <summary>The journals of processes that ended without folding them. Whoever can lock all files of one may replay it.</summary>
internal static class AbandonedJournals
{
    /// <summary>The owners whose journals are in the folder, unlocked.</summary>
    public static List<AbandonedJournal> Open(string folder, Guid exceptOwner)
    {
        var abandoned = new List<AbandonedJournal>();
        if (!Directory.Exists(folder))
        {
            return abandoned;
        }

        var files = Directory.EnumerateFiles(folder, "*.journal").Select(path => (Path: path, Owner: OwnerOf(path))).Where(f => f.Owner is not null && f.Owner != exceptOwner);
        foreach (var owner in files.GroupBy(f => f.Owner!.Value, f => f.Path))
        {
            if (AbandonedJournal.TryOpen(owner.Key, [.. owner.Order(StringComparer.Ordinal)]) is { } journal)
            {
                abandoned.Add(journal);
            }
        }

        return abandoned;
    }

    private static Guid? OwnerOf(string path) =>
        Path.GetFileNameWithoutExtension(path).Split('-') is [var owner, _] && Guid.TryParseExact(owner, "N", out var id) ? id : null;
}

/// <summary>The journal of a process that is no more, locked by us.</summary>
internal sealed class AbandonedJournal : IDisposable
{
    private readonly List<FileStream> files;

    private AbandonedJournal(Guid owner, List<FileStream> files) => (Owner, this.files) = (owner, files);

    public Guid Owner { get; }

    /// <summary>Null when its owner, or another process that replays it, still holds it.</summary>
    public static AbandonedJournal? TryOpen(Guid owner, IReadOnlyList<string> paths)
    {
        var files = new List<FileStream>();
        try
        {
            foreach (var path in paths)
            {
                files.Add(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            }

            return new AbandonedJournal(owner, files);
        }
        catch (IOException)
        {
            files.ForEach(file => file.Dispose());
            return null;
        }
    }

    /// <summary>The replies it holds and, as outcomes, the mails begun and unanswered.</summary>
    public List<Outcome> Read(DateTimeOffset now)
    {
        var (replies, unanswered) = JournalRecord.Read(files.Select(Bytes));
        return
        [
            .. replies,
            .. unanswered.Select(u => Outcome.Unanswered(u.Batch, u.SubscriberId, u.AttemptsBefore, "The process ended before the relay had answered.", now)),
        ];
    }

    /// <summary>All of it is in the ledger.</summary>
    public void Discard()
    {
        foreach (var file in files)
        {
            File.Delete(file.Name);
        }
    }

    public void Dispose() => files.ForEach(file => file.Dispose());

    private static byte[] Bytes(FileStream file)
    {
        var bytes = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(bytes);
        return bytes;
    }
}
