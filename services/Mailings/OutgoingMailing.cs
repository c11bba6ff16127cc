using Alerts.Contracts;
using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Mailings;

/// <summary>
/// A mailing as its maker keeps it: who was selected so far, page by page, until it is sealed. All changes below are saved with the messages that report them in one
/// transaction, so a maker that is killed goes on at the page where it stood.
/// </summary>
public sealed class OutgoingMailing
{
    /// <summary>The most readers in one page, and in one batch.</summary>
    public const int PageSize = 500;

    /// <summary>See <see cref="MailingPrepared.MailingId"/>.</summary>
    public required Guid Id { get; init; }

    public required string Cause { get; init; }

    public required string Priority { get; init; }

    public required List<string> Lists { get; init; }

    /// <summary>The readers are those who held one of the lists at this revision.</summary>
    public required long Revision { get; init; }

    /// <summary>The fan-out takes readers with this frequency; null for all frequencies (urgent).</summary>
    public Frequency? Frequency { get; init; }

    /// <summary>False when the maker adds the pages itself (a digest's cut).</summary>
    public required bool FansOut { get; init; }

    /// <summary>The event that it is a notice about. Null for all other mail.</summary>
    public Guid? EventId { get; init; }

    /// <summary>A notice's fan-out takes readers in these regions who allow notices, whatever their frequency (none named: everywhere). Null: it takes nobody from the audience.</summary>
    public List<string>? Regions { get; init; }

    /// <summary>A notice's fan-out begins with those who said that they come: it is still at these.</summary>
    public bool Attending { get; private set; }

    public bool IsNotice => EventId is not null;

    public required DateTimeOffset PreparedAt { get; init; }

    /// <summary>The last reader looked at; <see cref="Guid.Empty"/> before the first page.</summary>
    public Guid After { get; private set; }

    /// <summary>Pages so far, with or without recipients.</summary>
    public int Pages { get; private set; }

    /// <summary>Batches so far: pages with recipients.</summary>
    public int Batches { get; private set; }

    public long Candidates { get; private set; }

    public long Recipients { get; private set; }

    public DateTimeOffset? SealedAt { get; private set; }

    public DateTimeOffset? CancelledAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Records a mailing and queues its content. Saved by the caller; a second one of the same cause fails on its key.</summary>
    /// <param name="frequency">Whom the fan-out takes; ignored when the maker adds the pages itself.</param>
    public static OutgoingMailing Prepare(MailingsDbContext db, MailingPrepared prepared, long revision, bool fansOut, Frequency? frequency = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(prepared);

        var mailing = new OutgoingMailing
        {
            Id = prepared.MailingId,
            Cause = prepared.Cause,
            Priority = prepared.Priority,
            Lists = [.. prepared.Lists],
            Revision = revision,
            Frequency = frequency,
            FansOut = fansOut,
            PreparedAt = prepared.PreparedAt,
        };
        db.Mailings.Add(mailing);
        db.Enqueue(prepared, prepared.PreparedAt);
        return mailing;
    }

    /// <summary>Records a notice about an event and queues its content. Saved by the caller; a second one of the same cause fails on its key.</summary>
    /// <param name="regions">See <see cref="Regions"/>.</param>
    /// <param name="attending">Whether it goes to those who said that they come, apart from whoever else it goes to.</param>
    public static OutgoingMailing PrepareNotice(MailingsDbContext db, MailingPrepared prepared, Guid eventId, IEnumerable<string>? regions, long revision, bool attending)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(prepared);

        var mailing = new OutgoingMailing
        {
            Id = prepared.MailingId,
            Cause = prepared.Cause,
            Priority = prepared.Priority,
            Lists = [.. prepared.Lists],
            Revision = revision,
            FansOut = true,
            EventId = eventId,
            Regions = regions?.ToList(),
            Attending = attending,
            PreparedAt = prepared.PreparedAt,
        };
        db.Mailings.Add(mailing);
        db.Enqueue(prepared, prepared.PreparedAt);
        return mailing;
    }

    /// <summary>See <see cref="OutboxMessage.Rank"/>.</summary>
    private short Rank => Priority switch { MailingPriority.Urgent => OutboxMessage.UrgentRank, MailingPriority.Normal => 1, _ => 2 };

    /// <summary>Records a page of candidates and queues a batch of those who are not excluded.</summary>
    /// <param name="candidates">1 to <see cref="PageSize"/>, in order of their ids.</param>
    /// <param name="attends">Those of them who come to the event of a notice.</param>
    public void AddPage(MailingsDbContext db, IReadOnlyList<Candidate> candidates, DateTimeOffset now, IReadOnlySet<Guid>? attends = null)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfZero(candidates.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(candidates.Count, PageSize);

        AddBatch(
            db,
            [.. candidates.Where(c => c.Excluded is null).Select(c => new Recipient { SubscriberId = c.SubscriberId, Name = c.Name, Attends = attends?.Contains(c.SubscriberId) == true })],
            candidates.Where(c => c.Excluded is not null).GroupBy(c => c.Excluded!).ToDictionary(g => g.Key, g => (long)g.Count()),
            now);
        After = candidates[^1].SubscriberId;
    }

    /// <summary>All who said that they come are among its recipients: the audience follows from its beginning.</summary>
    public void EndAttending() => (Attending, After) = (false, Guid.Empty);

    /// <summary>Records a page and queues its recipients.</summary>
    public void AddBatch(MailingsDbContext db, IReadOnlyList<Recipient> recipients, IReadOnlyDictionary<string, long> excluded, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(recipients);
        ArgumentNullException.ThrowIfNull(excluded);

        Pages++;
        var candidates = recipients.Count + excluded.Values.Sum();
        Candidates += candidates;
        Recipients += recipients.Count;
        db.MailingPages.Add(new MailingPage { MailingId = Id, Number = Pages, Recipients = recipients.Count, Excluded = new(excluded) });
        if (recipients.Count > 0)
        {
            Batches++;
            db.Enqueue(new RecipientsAdded { MailingId = Id, Batch = Pages, Recipients = recipients }, now, Rank);
        }
    }

    /// <summary>Closes the books: queues the totals. The pages before must be saved, or be in this context.</summary>
    public Task SealAsync(MailingsDbContext db, DateTimeOffset now, CancellationToken cancellationToken) => SealAsync(db, [this], now, cancellationToken);

    /// <summary>Closes the books of several mailings, which must be known to the context.</summary>
    /// <param name="mailings">At most a few hundred.</param>
    public static async Task SealAsync(MailingsDbContext db, IReadOnlyCollection<OutgoingMailing> mailings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(mailings);
        if (mailings.Count == 0)
        {
            return;
        }

        var ids = mailings.Select(m => m.Id).ToList();
        var saved = await db.MailingPages.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.MailingId)).ToListAsync(cancellationToken);
        var added = db.ChangeTracker.Entries<MailingPage>().Where(e => e.State == EntityState.Added).Select(e => e.Entity);
        var pages = saved.Concat(added).ToLookup(p => p.MailingId);
        foreach (var mailing in mailings)
        {
            mailing.SealedAt = now;
            db.Enqueue(
                new MailingSealed
                {
                    MailingId = mailing.Id,
                    Batches = mailing.Batches,
                    Recipients = mailing.Recipients,
                    Candidates = mailing.Candidates,
                    Excluded = pages[mailing.Id].SelectMany(p => p.Excluded).GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Sum(e => e.Value)),
                },
                now);
        }
    }

    public void Cancelled(DateTimeOffset at) => CancelledAt ??= at;

    public void Completed(DateTimeOffset at) => CompletedAt ??= at;

    internal sealed class Mapping : IEntityTypeConfiguration<OutgoingMailing>
    {
        public void Configure(EntityTypeBuilder<OutgoingMailing> builder)
        {
            builder.ToTable("Mailings");
            builder.Property(m => m.Cause).HasMaxLength(200);
            builder.Property(m => m.Priority).HasMaxLength(10);

            // Two processes fan out the same page: one of them saves it, the other finds that it has moved on.
            builder.Property(m => m.Pages).IsConcurrencyToken();
            builder.Property(m => m.Regions!).IsJson();
            builder.Ignore(m => m.IsNotice);
            builder.Property(m => m.Attending).IsConcurrencyToken();
            builder.HasIndex(m => m.SealedAt);
            builder.HasIndex(m => m.PreparedAt);
        }
    }
}

/// <summary>What the maker recorded of one page: the books that the ledger is compared with.</summary>
public sealed class MailingPage
{
    public required Guid MailingId { get; init; }

    /// <summary>From 1; also the batch's number.</summary>
    public required int Number { get; init; }

    public required int Recipients { get; init; }

    /// <summary>Readers left out, by reason.</summary>
    public required Dictionary<string, long> Excluded { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<MailingPage>
    {
        public void Configure(EntityTypeBuilder<MailingPage> builder)
        {
            builder.ToTable("MailingPages");
            builder.HasKey(p => new { p.MailingId, p.Number });
            builder.Property(p => p.Excluded).IsJson();
        }
    }
}
