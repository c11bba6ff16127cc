using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Alerts.Notices.Answers;

/// <summary>Whether a reader comes to an event. Numbers are stored.</summary>
public enum Choice : byte
{
    No = 0,
    Maybe = 1,
    Coming = 2,
}

/// <summary>What a reader answered last; one row an event and reader.</summary>
public sealed class Answer
{
    public required Guid EventId { get; init; }

    public required Guid SubscriberId { get; init; }

    public Choice Choice { get; set; }

    public DateTimeOffset AnsweredAt { get; set; }

    /// <summary>She said that she comes, and is to get the event's entry for her calendar. Null when there is nothing to send.</summary>
    public DateTimeOffset? InviteAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Answer>
    {
        public void Configure(EntityTypeBuilder<Answer> builder)
        {
            builder.ToTable("Answers");

            // A reader counts once, however often she answers.
            builder.HasKey(a => new { a.EventId, a.SubscriberId });
            builder.HasIndex(a => a.SubscriberId);
            builder.HasIndex(a => a.InviteAt).HasFilter($"\"{nameof(InviteAt)}\" IS NOT NULL");
        }
    }
}

/// <summary>How an event's answers stand: counted with each answer under a lock, so that no more can come than there is room for.</summary>
public sealed class AnswerCount
{
    public required Guid EventId { get; init; }

    public int Coming { get; private set; }

    public int Maybe { get; private set; }

    public int No { get; private set; }

    /// <summary>Since when Publishing doesn't know these. Null: it was told.</summary>
    public DateTimeOffset? ReportAt { get; private set; }

    /// <summary>How many mailings with entries for calendars there were.</summary>
    public int Invitations { get; private set; }

    /// <param name="before">Null: she hadn't answered.</param>
    /// <param name="after">Null: her answer is gone.</param>
    internal void Count(Choice? before, Choice? after, DateTimeOffset now)
    {
        Add(before, -1);
        Add(after, 1);
        ReportAt ??= now;
    }

    internal void Reported() => ReportAt = null;

    internal int NextInvitation() => ++Invitations;

    private void Add(Choice? choice, int one)
    {
        switch (choice)
        {
            case Choice.Coming: Coming += one; break;
            case Choice.Maybe: Maybe += one; break;
            case Choice.No: No += one; break;
            default: break;
        }
    }

    /// <summary>The counts under a lock that lasts until the transaction ends. SQLite has one writer and needs no lock.</summary>
    internal static async Task<AnswerCount?> LockAsync(NoticesDb db, Guid eventId, CancellationToken cancellationToken)
    {
        var one = db.Database.IsNpgsql()
            ? db.AnswerCounts.FromSql($"""SELECT * FROM notices."AnswerCounts" WHERE "EventId" = {eventId} FOR UPDATE""")
            : db.AnswerCounts.Where(c => c.EventId == eventId);
        return (await one.ToListAsync(cancellationToken)).SingleOrDefault();
    }

    internal sealed class Mapping : IEntityTypeConfiguration<AnswerCount>
    {
        public void Configure(EntityTypeBuilder<AnswerCount> builder)
        {
            builder.ToTable("AnswerCounts");
            builder.HasKey(c => c.EventId);
            builder.HasIndex(c => c.ReportAt).HasFilter($"\"{nameof(ReportAt)}\" IS NOT NULL");
        }
    }
}
