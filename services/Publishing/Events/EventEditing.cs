using Alerts.Contracts;
using Alerts.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Events;

/// <summary>How an attempt to write or change an event ended: the event, or why not.</summary>
/// <param name="Conflict">A sentence for whoever tried to change what can't be changed (any more).</param>
internal sealed record EventOutcome(Event? Event, Errors? Errors = null, string? Conflict = null)
{
    /// <summary>What was taken for times that the clocks skip or repeat.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What readers are told of.</summary>
    public IReadOnlyList<EventChange> Changes { get; init; } = [];
}

/// <summary>What editors do with events, by the API and by the pages. Each call that succeeds is one transaction, its messages included.</summary>
internal sealed class EventEditing(PublishingDb db, IAudience audience, TimeProvider clock, IOptions<AlertsOptions> site)
{
    private const string Moved = "Somebody else has changed the event meanwhile: read it again, then repeat your change.";
    private const string Begun = "It has begun already: an event is announced before it begins.";

    /// <param name="requestKey">The same key again is the event that was written then. Null: every call writes one.</param>
    public async Task<EventOutcome> WriteAsync(EventRequest request, string? requestKey, CancellationToken cancellationToken)
    {
        if (await FindAsync(requestKey, cancellationToken) is { } before)
        {
            return new EventOutcome(before);
        }

        var now = clock.GetUtcNow();
        var (outcome, content, publishAt) = await ReadAsync(request, null, now, cancellationToken);
        if (content is null)
        {
            return outcome;
        }

        var written = new Event { Id = Guid.CreateVersion7(now), CreatedAt = now, RequestKey = requestKey };
        written.Write(content, now);
        db.Events.Add(written);
        await ScheduleAsync(written, publishAt, now, cancellationToken);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException) when (requestKey is not null)
        {
            // The same request twice at once: the unique index let one through.
            db.ChangeTracker.Clear();
            if (await FindAsync(requestKey, cancellationToken) is not { } other)
            {
                throw;
            }

            return new EventOutcome(other);
        }

        return outcome with { Event = written };
    }

    /// <summary>What <see cref="ChangeAsync"/> would do: the notes, and what readers would be told. Nothing is changed.</summary>
    /// <param name="before">Null for one that isn't written yet.</param>
    public async Task<(EventOutcome Outcome, EventContent? Content)> PreviewAsync(Event? before, EventRequest request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (outcome, content, _) = await ReadAsync(request, before, now, cancellationToken);
        return content is not null && before is { State: EventState.Announced }
            ? (outcome with { Changes = content.ChangesSince(EventContent.Of(before), request.Quiet, now) }, content)
            : (outcome, content);
    }

    /// <summary>Changes an event; if it was announced, those who were told of it hear. The same again changes nothing.</summary>
    public async Task<EventOutcome> ChangeAsync(Event changed, EventRequest request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (outcome, content, publishAt) = await ReadAsync(request, changed, now, cancellationToken);
        if (content is null)
        {
            return outcome;
        }

        if (changed.State is EventState.Cancelled || changed.IsOver(now))
        {
            return new EventOutcome(null, Conflict: changed.IsOver(now) ? "The event is over." : "The event was cancelled, and stays so: write another.");
        }

        if (request.Change is { } change && change != changed.Change)
        {
            return new EventOutcome(null, Conflict: Moved);
        }

        var before = EventContent.Of(changed);
        if (changed.State is EventState.Announced)
        {
            if (changed.Write(content, now))
            {
                var changes = content.ChangesSince(before, request.Quiet, now);
                outcome = outcome with { Changes = changes };
                db.Enqueue(changed.ToChanged(site.Value, changes, await audience.CurrentRevisionAsync(cancellationToken)), now);
            }
        }
        else
        {
            changed.Write(content, now);
            await ScheduleAsync(changed, publishAt, now, cancellationToken);
        }

        return await SaveAsync(changed, outcome, cancellationToken);
    }

    /// <summary>Announces a draft or a scheduled event now. Announcing it again is allowed and tells nobody.</summary>
    public async Task<EventOutcome> AnnounceAsync(Event announced, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (announced.State is EventState.Cancelled)
        {
            return new EventOutcome(null, Conflict: "The event was cancelled, and stays so: write another.");
        }

        if (announced.State is not EventState.Announced && announced.StartsAt <= now)
        {
            return new EventOutcome(null, new Errors { ["startsAt"] = [Begun] });
        }

        await ReleaseAsync(announced, now, cancellationToken);
        var outcome = await SaveAsync(announced, new EventOutcome(null), cancellationToken);

        // Somebody else announced it in the same moment: as good as twice.
        return outcome.Conflict is not null && await db.Events.FindAsync([announced.Id], cancellationToken) is { State: EventState.Announced } other
            ? new EventOutcome(other)
            : outcome;
    }

    /// <summary>Schedules a draft for a moment from now, so that it can be called off until then.</summary>
    public async Task<EventOutcome> AnnounceSoonAsync(Event announced, TimeSpan undo, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (announced.StartsAt <= now + undo)
        {
            return new EventOutcome(null, new Errors { ["startsAt"] = [Begun] });
        }

        if (announced.State is EventState.Announced or EventState.Cancelled)
        {
            return new EventOutcome(null, Conflict: "It was announced already.");
        }

        announced.Schedule(now + undo, now);
        return await SaveAsync(announced, new EventOutcome(null), cancellationToken);
    }

    /// <summary>Makes a scheduled event a draft again.</summary>
    public Task<EventOutcome> UnscheduleAsync(Event scheduled, CancellationToken cancellationToken)
    {
        if (scheduled.State is not (EventState.Draft or EventState.Scheduled))
        {
            return Task.FromResult(new EventOutcome(null, Conflict: "It was announced already: cancel it, if it doesn't take place."));
        }

        scheduled.Schedule(null, clock.GetUtcNow());
        return SaveAsync(scheduled, new EventOutcome(null), cancellationToken);
    }

    /// <summary>Calls an announced event off, and tells those who were told of it. Cancelling it again tells nobody.</summary>
    /// <param name="reason">For readers; may be empty.</param>
    public async Task<EventOutcome> CancelAsync(Event cancelled, string? reason, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var words = Feeds.PlainText.OneLine(reason);
        if (words.Length > Event.MaxReason)
        {
            return new EventOutcome(null, new Errors { ["reason"] = [FormattableString.Invariant($"It has {words.Length:N0} characters; at most {Event.MaxReason:N0} fit.")] });
        }

        if (cancelled.State is EventState.Draft or EventState.Scheduled || cancelled.IsOver(now))
        {
            return new EventOutcome(null, Conflict: cancelled.IsOver(now) ? "The event is over." : "The event hasn't been announced: delete it, or make it a draft.");
        }

        if (cancelled.Cancel(words, now))
        {
            db.Enqueue(cancelled.ToCancelled(site.Value), now);
        }

        var outcome = await SaveAsync(cancelled, new EventOutcome(null), cancellationToken);
        return outcome.Conflict is not null && await db.Events.FindAsync([cancelled.Id], cancellationToken) is { State: EventState.Cancelled } other
            ? new EventOutcome(other)
            : outcome;
    }

    /// <summary>Deletes an event that nobody was told of.</summary>
    public Task<EventOutcome> DeleteAsync(Event deleted, CancellationToken cancellationToken)
    {
        if (deleted.AnnouncedAt is not null)
        {
            return Task.FromResult(new EventOutcome(null, Conflict: "Its readers know of it: cancel it, if it doesn't take place."));
        }

        db.Events.Remove(deleted);
        return SaveAsync(deleted, new EventOutcome(null), cancellationToken);
    }

    private async Task ScheduleAsync(Event scheduled, DateTimeOffset? publishAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        scheduled.Schedule(publishAt, now);
        if (publishAt <= now)
        {
            await ReleaseAsync(scheduled, now, cancellationToken);
        }
    }

    private async Task ReleaseAsync(Event released, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var revision = await audience.CurrentRevisionAsync(cancellationToken);
        if (released.Announce(now))
        {
            db.Enqueue(released.ToAnnounced(site.Value, revision), now);
        }
    }

    private async Task<EventOutcome> SaveAsync(Event saved, EventOutcome outcome, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return outcome with { Event = saved };
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return new EventOutcome(null, Conflict: Moved);
        }
    }

    /// <summary>The content is null when the outcome says what is wrong.</summary>
    private async Task<(EventOutcome Outcome, EventContent? Content, DateTimeOffset? PublishAt)> ReadAsync(
        EventRequest request, Event? before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (errors, notes) = (new Errors(), new List<string>());
        var isAnnounced = before?.AnnouncedAt is not null;
        var publishAt = request.PublishTime(now, errors);
        var content = request.Read(site.Value, errors, notes);
        if (request.TidyLists() is { Count: > 0 and <= Posts.Post.MaxLists } lists)
        {
            if (await audience.UnknownAsync(lists, cancellationToken) is { } unknown)
            {
                errors.Say("lists", unknown);
            }

            if (isAnnounced && !before!.Lists.Order(StringComparer.Ordinal).SequenceEqual(lists))
            {
                errors.Say("lists", "An announced event keeps its lists, because their readers have been told: cancel it and announce another.");
            }
        }

        var regions = request.TidyRegions().Count > 0 ? await audience.RegionsAsync(cancellationToken) : [];
        if (KnownRegions.Unknown(regions, request.TidyRegions(), before?.Regions ?? []) is { } nowhere)
        {
            errors.Say("regions", nowhere);
        }

        if (content is not null)
        {
            content = content with { Regions = KnownRegions.Spelled(regions, content.Regions) };

            // One that is under way may still be changed, but not begin anew in the past.
            if (content.StartsAt <= now && !(isAnnounced && content.StartsAt == before!.StartsAt))
            {
                errors.Say("startsAt", "That has passed: give a start in the future.");
            }
            else if (content.EndsAt <= now)
            {
                errors.Say("endsAt", "That has passed: give an end in the future.");
            }

            if (!isAnnounced && publishAt > now && publishAt >= content.StartsAt)
            {
                errors.Say("publishAt", "The event has begun by then: announce it before it begins.");
            }

            if (request.Quiet && isAnnounced && content.ChangesSince(EventContent.Of(before!), quiet: true, now).Count > 0)
            {
                errors.Say("quiet", "Readers are always told of a change of time or place.");
            }
        }

        return errors.Count > 0 ? (new EventOutcome(null, errors) { Notes = notes }, null, null) : (new EventOutcome(null) { Notes = notes }, content, publishAt);
    }

    private Task<Event?> FindAsync(string? requestKey, CancellationToken cancellationToken) =>
        requestKey is null ? Task.FromResult<Event?>(null) : db.Events.SingleOrDefaultAsync(e => e.RequestKey == requestKey, cancellationToken);
}
