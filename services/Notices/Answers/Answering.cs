using Alerts.Notices.Events;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Answers;

/// <summary>What came of an answer.</summary>
internal enum Answered
{
    Taken,

    /// <summary>As many come as there is room for; the answer before stands.</summary>
    Full,

    /// <summary>The event has begun, or doesn't take place: nothing is answered any more.</summary>
    Closed,
}

/// <summary>How a reader answers: again and again, until the event begins.</summary>
internal static class Answering
{
    /// <summary>Answers that follow each other get their entries for calendars in one mailing.</summary>
    private static readonly TimeSpan InviteAfter = TimeSpan.FromSeconds(5);

    /// <summary>Whether the event takes answers now.</summary>
    public static bool IsOpen(NoticedEvent noticed, DateTimeOffset now) => noticed is { Announced: true, Cancelled: false } && now < noticed.Event.StartsAt;

    /// <summary>How many more can come; null: as many as want to.</summary>
    public static int? Room(NoticedEvent noticed, AnswerCount counts) => noticed.Event.Capacity is { } capacity ? Math.Max(0, capacity - counts.Coming) : null;

    /// <summary>Takes an answer. Two at the same moment take turns: the last place goes to one.</summary>
    public static async Task<Answered> GiveAsync(NoticesDb db, Guid eventId, Guid subscriberId, Choice choice, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var noticed = await db.Events.AsNoTracking().FirstOrDefaultAsync(e => e.EventId == eventId, cancellationToken);
        if (noticed is null || !IsOpen(noticed, now) || await AnswerCount.LockAsync(db, eventId, cancellationToken) is not { } counts)
        {
            return Answered.Closed;
        }

        var answer = await db.Answers.FindAsync([eventId, subscriberId], cancellationToken);
        if (answer?.Choice == choice)
        {
            return Answered.Taken;
        }

        if (choice == Choice.Coming && Room(noticed, counts) == 0)
        {
            return Answered.Full;
        }

        counts.Count(answer?.Choice, choice, now);
        if (answer is null)
        {
            answer = new Answer { EventId = eventId, SubscriberId = subscriberId };
            db.Answers.Add(answer);
        }

        (answer.Choice, answer.AnsweredAt, answer.InviteAt) = (choice, now, choice == Choice.Coming ? now + InviteAfter : null);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Answered.Taken;
    }
}
