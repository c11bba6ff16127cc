using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Digests.Cuts;

/// <summary>Someone asked to cut every digest that has anything owed, whatever the hour.</summary>
public sealed class CutRequest
{
    public required Guid Id { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>The cut waits until Digests has taken these messages, so that what was published just before is in it.</summary>
    public required List<Guid> AfterMessages { get; init; }

    /// <summary>The digests that are asked for.</summary>
    public required Served Serves { get; init; }

    /// <summary>The cut that carries it out. Null until the messages are there.</summary>
    public Guid? CutId { get; set; }

    /// <summary>When that cut was finished (UTC).</summary>
    public DateTimeOffset? DoneAt { get; set; }

    /// <summary>How many different digests were made.</summary>
    public int Editions { get; set; }

    /// <summary>How many readers got one.</summary>
    public long Readers { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<CutRequest>
    {
        public void Configure(EntityTypeBuilder<CutRequest> builder)
        {
            builder.ToTable("CutRequests");
            builder.HasIndex(r => r.DoneAt);
            builder.Property(r => r.AfterMessages).IsJson();
        }
    }
}

/// <summary>How the command line and others ask for a cut. A running Digests carries it out within a second or two.</summary>
public static class CutRequests
{
    /// <summary>Saves a request.</summary>
    /// <param name="afterMessages">The ids of messages on their way to Digests that must be in it: what waits for Digests in Publishing's outbox.</param>
    /// <param name="serves">Which digests.</param>
    /// <returns>Its id, for <see cref="FindAsync"/>.</returns>
    public static async Task<Guid> AskAsync(DigestsDb db, IReadOnlyCollection<Guid> afterMessages, DateTimeOffset now, CancellationToken cancellationToken, Served serves = Served.Both)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(afterMessages);

        var request = new CutRequest { Id = Guid.CreateVersion7(now), RequestedAt = now, AfterMessages = [.. afterMessages], Serves = serves };
        db.CutRequests.Add(request);
        await db.SaveChangesAsync(cancellationToken);
        return request.Id;
    }

    /// <summary>What became of a request: it is carried out when <see cref="CutRequest.DoneAt"/> is set. Null when there is none of this id.</summary>
    public static Task<CutRequest?> FindAsync(DigestsDb db, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);

        return db.CutRequests.AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, cancellationToken);
    }

    /// <summary>The requests that no cut carries out yet and whose messages have all been taken; at most 100.</summary>
    internal static async Task<List<CutRequest>> ReadyAsync(DigestsDb db, CancellationToken cancellationToken)
    {
        var ready = new List<CutRequest>();
        foreach (var request in await db.CutRequests.Where(r => r.DoneAt == null && r.CutId == null).OrderBy(r => r.Id).Take(100).ToListAsync(cancellationToken))
        {
            if (await AllTakenAsync(db, request.AfterMessages, cancellationToken))
            {
                ready.Add(request);
            }
        }

        return ready;
    }

    private static async Task<bool> AllTakenAsync(DigestsDb db, List<Guid> messages, CancellationToken cancellationToken)
    {
        foreach (var some in messages.Distinct().Chunk(500))
        {
            if (await db.TakenMessages.CountAsync(m => EF.Parameter(some).Contains(m.MessageId), cancellationToken) < some.Length)
            {
                return false;
            }
        }

        return true;
    }
}
