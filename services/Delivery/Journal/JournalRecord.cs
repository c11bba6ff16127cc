using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Alerts.Delivery.Ledger;

namespace Alerts.Delivery.Journal;

/// <summary>
/// The two records of a journal, in bytes: <c>length (2), CRC-32C of the rest (4), kind (1), mailing (16), batch (4), subscriber (16), attempts before (4)</c>, and for a
/// reply <c>attempts (4), state (1), uncertain (1), at (8), next attempt at (8, 0 for none), text (the rest, UTF-8)</c>. Little-endian; instants are UTC ticks.
/// </summary>
internal static class JournalRecord
{
    public const int MaxLength = HeaderLength + ReplyLength + (LedgerRow.MaxReply * 3);

    private const int HeaderLength = 2 + 4;
    private const int BeginLength = 1 + 16 + 4 + 16 + 4;
    private const int ReplyLength = BeginLength + 4 + 1 + 1 + 8 + 8;
    private const byte Begin = 1;
    private const byte Reply = 2;

    /// <summary>Writes that the content of a mail is about to be sent. Returns the length.</summary>
    public static int WriteBegin(Span<byte> to, BatchKey batch, Guid subscriberId, int attemptsBefore)
    {
        WriteKey(to[HeaderLength..], Begin, batch, subscriberId, attemptsBefore);
        return Finish(to, BeginLength);
    }

    /// <summary>Writes what came of it. Returns the length.</summary>
    public static int WriteReply(Span<byte> to, Outcome outcome)
    {
        var body = to[HeaderLength..];
        WriteKey(body, Reply, outcome.Batch, outcome.SubscriberId, outcome.AttemptsBefore);
        BinaryPrimitives.WriteInt32LittleEndian(body[BeginLength..], outcome.Attempts);
        body[BeginLength + 4] = (byte)outcome.State;
        body[BeginLength + 5] = outcome.Uncertain ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(body[(BeginLength + 6)..], outcome.At.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(body[(BeginLength + 14)..], outcome.NextAttemptAt?.UtcTicks ?? 0);
        var text = outcome.Reply.AsSpan();
        text = text[..Math.Min(text.Length, LedgerRow.MaxReply)];
        return Finish(to, ReplyLength + Encoding.UTF8.GetBytes(text, body[ReplyLength..]));
    }

    /// <summary>
    /// Reads the records of one process in the order they were written, up to the first that is torn: nothing after it was ever confirmed. Returns the replies, and the
    /// mails begun that nobody answered.
    /// </summary>
    public static (List<Outcome> Replies, List<Unanswered> Unanswered) Read(IEnumerable<byte[]> files)
    {
        var replies = new List<Outcome>();
        var begun = new Dictionary<(Guid, Guid), Unanswered>();
        foreach (var file in files)
        {
            var rest = file.AsSpan();
            while (TryRead(ref rest, out var body))
            {
                var batch = new BatchKey(new Guid(body[1..17]), BinaryPrimitives.ReadInt32LittleEndian(body[17..]));
                var subscriber = new Guid(body[21..37]);
                var attemptsBefore = BinaryPrimitives.ReadInt32LittleEndian(body[37..]);
                if (body[0] == Begin)
                {
                    begun[(batch.MailingId, subscriber)] = new Unanswered(batch, subscriber, attemptsBefore);
                    continue;
                }

                begun.Remove((batch.MailingId, subscriber));
                var next = BinaryPrimitives.ReadInt64LittleEndian(body[(BeginLength + 14)..]);
                replies.Add(new Outcome(
                    batch,
                    subscriber,
                    attemptsBefore,
                    BinaryPrimitives.ReadInt32LittleEndian(body[BeginLength..]),
                    (DeliveryState)body[BeginLength + 4],
                    body.Length > ReplyLength ? Encoding.UTF8.GetString(body[ReplyLength..]) : null,
                    new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(body[(BeginLength + 6)..]), TimeSpan.Zero),
                    next == 0 ? null : new DateTimeOffset(next, TimeSpan.Zero),
                    body[BeginLength + 5] == 1));
            }
        }

        return (replies, [.. begun.Values]);
    }

    /// <summary>A mail whose content was begun and whose reply isn't known.</summary>
    public readonly record struct Unanswered(BatchKey Batch, Guid SubscriberId, int AttemptsBefore);

    private static void WriteKey(Span<byte> body, byte kind, BatchKey batch, Guid subscriberId, int attemptsBefore)
    {
        body[0] = kind;
        batch.MailingId.TryWriteBytes(body[1..]);
        BinaryPrimitives.WriteInt32LittleEndian(body[17..], batch.Number);
        subscriberId.TryWriteBytes(body[21..]);
        BinaryPrimitives.WriteInt32LittleEndian(body[37..], attemptsBefore);
    }

    private static int Finish(Span<byte> to, int length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[2..], Checksum(to.Slice(HeaderLength, length)));
        return HeaderLength + length;
    }

    private static bool TryRead(ref Span<byte> rest, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (rest.Length < HeaderLength)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (rest.Length < HeaderLength + length)
        {
            return false;
        }

        body = rest.Slice(HeaderLength, length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(rest[2..]) != Checksum(body) || !(body.Length == BeginLength && body[0] == Begin || body.Length >= ReplyLength && body[0] == Reply))
        {
            return false;
        }

        rest = rest[(HeaderLength + length)..];
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> body)
    {
        var crc = uint.MaxValue;
        while (body.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(body));
            body = body[8..];
        }

        foreach (var one in body)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
