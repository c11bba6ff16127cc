using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Notices.Answers;

/// <summary>How notices about an event stand, for staff.</summary>
internal static class AnswerEndpoints
{
    public static void MapNoticesOfEvents(this IEndpointRouteBuilder routes)
    {
        var notices = routes.MapGroup("/api/notices").WithTags("Notices").RequireAuthorization(Policies.Editor);
        notices.MapGet("/{eventId:guid}", Find);
    }

    private static async Task<Results<Ok<NoticesView>, NotFound>> Find(Guid eventId, NoticesDb db, CancellationToken cancellationToken)
    {
        var noticed = await db.Events.AsNoTracking().FirstOrDefaultAsync(e => e.EventId == eventId, cancellationToken);
        var counts = await db.AnswerCounts.AsNoTracking().FirstOrDefaultAsync(c => c.EventId == eventId, cancellationToken);
        if (noticed is null || counts is null)
        {
            return TypedResults.NotFound();
        }

        var reminders = await db.Reminders.AsNoTracking().Where(r => r.EventId == eventId).OrderBy(r => r.DueAt).Take(100).ToListAsync(cancellationToken);
        return TypedResults.Ok(new NoticesView(
            noticed.EventId,
            noticed.Version,
            noticed.ToldVersion,
            noticed.Cancelled,
            noticed.DueAt,
            new AnswersView(counts.Coming, counts.Maybe, counts.No, noticed.Event.Capacity, Answering.Room(noticed, counts) == 0),
            [.. reminders.Select(r => new ReminderView(r.Before, r.StartsAt, r.DueAt, r.SettledAt, r.MailingId))]));
    }
}

/// <summary>What readers were told of an event, and what is to come.</summary>
/// <param name="Version">The version of the event that Notices knows.</param>
/// <param name="ToldVersion">The version that readers were told last; 0 when none was.</param>
/// <param name="DueAt">When a change that waits is told (UTC). Null: nothing waits.</param>
internal sealed record NoticesView(Guid EventId, int Version, int ToldVersion, bool Cancelled, DateTimeOffset? DueAt, AnswersView Answers, IReadOnlyList<ReminderView> Reminders);

/// <summary>How the answers stand.</summary>
/// <param name="Capacity">Null: no limit.</param>
internal sealed record AnswersView(int Coming, int Maybe, int No, int? Capacity, bool Full);

/// <summary>A reminder that waits, or is settled.</summary>
/// <param name="MailingId">Null when it waits, or had lost its point.</param>
internal sealed record ReminderView(string Before, DateTimeOffset StartsAt, DateTimeOffset DueAt, DateTimeOffset? SettledAt, Guid? MailingId);
