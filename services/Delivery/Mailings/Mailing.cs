using Alerts.Contracts;
using Alerts.Delivery.Ledger;
using Alerts.ServiceDefaults.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Delivery.Mailings;

/// <summary>
/// One content on its way to many readers: what its makers said of it, and what people decided about it. Its messages come in any order, so it may be known by a batch,
/// its totals or its cancellation before its content is there.
/// </summary>
public sealed class Mailing
{
    /// <summary>See <see cref="MailingPrepared.MailingId"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>When we first heard of it.</summary>
    public required DateTimeOffset HeardAt { get; init; }

    /// <summary>See <see cref="MailingPrepared.Cause"/>. Empty until it is prepared, as are kind and subject.</summary>
    public string Cause { get; private set; } = "";

    public string Kind { get; private set; } = "";

    public string Subject { get; private set; } = "";

    /// <summary>See <see cref="MailingPrepared.SenderName"/>.</summary>
    public string? SenderName { get; private set; }

    /// <summary>Null until it is prepared.</summary>
    public Lane? Lane { get; private set; }

    public List<string> Lists { get; private set; } = [];

    public Guid? GroupId { get; private set; }

    /// <summary>Its content is there: mails may leave.</summary>
    public DateTimeOffset? PreparedAt { get; private set; }

    public DateTimeOffset? ReleasedAt { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Its totals are there.</summary>
    public DateTimeOffset? SealedAt { get; private set; }

    public int SealedBatches { get; private set; }

    public long SealedRecipients { get; private set; }

    public long Candidates { get; private set; }

    /// <summary>Candidates left out when they were selected, by reason.</summary>
    public Dictionary<string, long> Excluded { get; private set; } = [];

    /// <summary>See <see cref="MailingPrepared.ToThoseTold"/>.</summary>
    public Guid? ToThoseTold { get; private set; }

    /// <summary>Where <see cref="ToThoseTold"/> is: batches of other mailings looked into so far for those who were told.</summary>
    public int ToldPages { get; private set; }

    /// <summary>Batches made of these, their readers, and how many these would have been if some hadn't been among the recipients already.</summary>
    public int ToldBatches { get; private set; }

    public long ToldRecipients { get; private set; }

    public long ToldCandidates { get; private set; }

    /// <summary>All who were told are among the recipients.</summary>
    public DateTimeOffset? ToldSealedAt { get; private set; }

    public DateTimeOffset? PausedAt { get; private set; }

    public DateTimeOffset? CancelledAt { get; private set; }

    public string? CancelledBy { get; private set; }

    public string? CancelledWhy { get; private set; }

    /// <summary>Sealed, and every delivery has ended.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    public void Prepare(MailingPrepared prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);

        Cause = prepared.Cause;
        Kind = prepared.Kind;
        Subject = prepared.Subject;
        SenderName = prepared.SenderName;
        Lane = Ledger.Lanes.Of(prepared.Priority);
        Lists = [.. prepared.Lists];
        GroupId = prepared.GroupId;
        ReleasedAt = prepared.ReleasedAt;
        ExpiresAt = prepared.ExpiresAt;
        ToThoseTold = prepared.ToThoseTold;
        PreparedAt = prepared.PreparedAt;
    }

    public void Seal(MailingSealed totals, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(totals);

        SealedAt = now;
        SealedBatches = totals.Batches;
        SealedRecipients = totals.Recipients;
        Candidates = totals.Candidates;
        Excluded = new(totals.Excluded);
    }

    /// <summary>Looked into one more batch of another mailing: so many were told by it, and so many of them weren't among the recipients yet.</summary>
    /// <returns>The number of the batch that holds them. The maker's own never come to such a number.</returns>
    internal int AddTold(int candidates, int recipients)
    {
        ToldPages++;
        ToldBatches += recipients > 0 ? 1 : 0;
        ToldRecipients += recipients;
        ToldCandidates += candidates;
        return Told.ToldPage.FirstNumber + ToldPages;
    }

    internal void SealTold(DateTimeOffset now) => ToldSealedAt ??= now;

    /// <summary>One more mailing told of its event what was old already.</summary>
    internal void OpenTold() => ToldSealedAt = null;

    /// <summary>False when there is nothing to pause.</summary>
    public bool Pause(DateTimeOffset now)
    {
        if (CompletedAt is not null || CancelledAt is not null)
        {
            return false;
        }

        PausedAt ??= now;
        return true;
    }

    /// <summary>False when it has ended.</summary>
    public bool Resume()
    {
        if (CompletedAt is not null || CancelledAt is not null)
        {
            return false;
        }

        PausedAt = null;
        return true;
    }

    /// <summary>False when it had been cancelled or completed before.</summary>
    public bool Cancel(string by, string why, DateTimeOffset at)
    {
        if (CancelledAt is not null || CompletedAt is not null)
        {
            return false;
        }

        (CancelledAt, CancelledBy, CancelledWhy) = (at, by.Truncate(200), why.Truncate(500));
        return true;
    }

    internal void Complete(DateTimeOffset now) => CompletedAt = now;

    /// <summary>
    /// The mailing under a lock that lasts until the transaction ends, known from now on if it wasn't. SQLite has one writer and needs no lock.
    /// </summary>
    /// <param name="exclusive">False: others may read it under the same kind of lock meanwhile, but nobody may change it.</param>
    internal static async Task<Mailing> LockAsync(DeliveryDb db, Guid id, DateTimeOffset now, bool exclusive, CancellationToken cancellationToken)
    {
        if (await Locked() is { } mailing)
        {
            return mailing;
        }

        // Two processes hear of it at once: one of them finds it there.
        const string none = "[]";
        const string nobody = "{}";
        var insert = db.Database.IsNpgsql()
            ? (FormattableString)$"""
               INSERT INTO delivery."Mailings" ("Id", "HeardAt", "Cause", "Kind", "Subject", "Lists", "SealedBatches", "SealedRecipients", "Candidates", "Excluded", "ToldPages", "ToldBatches", "ToldRecipients", "ToldCandidates")
               VALUES ({id}, {now.UtcDateTime}, '', '', '', {none}, 0, 0, 0, {nobody}, 0, 0, 0, 0) ON CONFLICT DO NOTHING
               """
            : $"""
               INSERT INTO "Mailings" ("Id", "HeardAt", "Cause", "Kind", "Subject", "Lists", "SealedBatches", "SealedRecipients", "Candidates", "Excluded", "ToldPages", "ToldBatches", "ToldRecipients", "ToldCandidates")
               VALUES ({id}, {now.UtcDateTime}, '', '', '', {none}, 0, 0, 0, {nobody}, 0, 0, 0, 0) ON CONFLICT DO NOTHING
               """;
        await db.Database.ExecuteSqlAsync(insert, cancellationToken);
        return (await Locked())!;

        async Task<Mailing?> Locked()
        {
            var one = db.Mailings.Where(m => m.Id == id);
            if (db.Database.IsNpgsql())
            {
                one = exclusive
                    ? db.Mailings.FromSql($"""SELECT * FROM delivery."Mailings" WHERE "Id" = {id} FOR UPDATE""")
                    : db.Mailings.FromSql($"""SELECT * FROM delivery."Mailings" WHERE "Id" = {id} FOR SHARE""");
            }

            return (await one.ToListAsync(cancellationToken)).SingleOrDefault();
        }
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Mailing>
    {
        public void Configure(EntityTypeBuilder<Mailing> builder)
        {
            builder.ToTable("Mailings");
            builder.Property(m => m.Cause).HasMaxLength(300);
            builder.Property(m => m.Kind).HasMaxLength(30);
            builder.Property(m => m.Lists).IsJson();
            builder.Property(m => m.Excluded).IsJson();
            builder.Property(m => m.CancelledBy).HasMaxLength(200);
            builder.Property(m => m.CancelledWhy).HasMaxLength(500);
            builder.HasIndex(m => new { m.HeardAt, m.Id });
            builder.HasIndex(m => m.CompletedAt);
            builder.HasIndex(m => m.Cause);
            builder.HasIndex(m => m.GroupId);

            // Those whose told are still to be found: few at any time.
            builder.HasIndex(m => m.HeardAt).HasDatabaseName("IX_Mailings_ToTell")
                .HasFilter($"\"{nameof(ToThoseTold)}\" IS NOT NULL AND \"{nameof(ToldSealedAt)}\" IS NULL");
        }
    }
}

/// <summary>What a mailing says: kept apart from the mailing, whose row is read often.</summary>
public sealed class MailingContent
{
    public required Guid MailingId { get; init; }

    public required string Html { get; init; }

    public required string Text { get; init; }

    public string? Calendar { get; init; }

    /// <summary>See <see cref="MailingPrepared.AttendeeCalendar"/>.</summary>
    public string? AttendeeCalendar { get; init; }

    internal static MailingContent Of(MailingPrepared prepared) => new()
    {
        MailingId = prepared.MailingId,
        Html = prepared.Html,
        Text = prepared.Text,
        Calendar = prepared.Calendar,
        AttendeeCalendar = prepared.AttendeeCalendar,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<MailingContent>
    {
        public void Configure(EntityTypeBuilder<MailingContent> builder)
        {
            builder.ToTable("MailingContents");
            builder.HasKey(c => c.MailingId);
        }
    }
}

internal static class Words
{
    /// <summary>The text, cut off after so many characters, but not within one.</summary>
    public static string Truncate(this string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
