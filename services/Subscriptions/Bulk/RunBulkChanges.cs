using Alerts.ServiceDefaults.Database;
using Alerts.ServiceDefaults.Jobs;
using Alerts.Subscriptions.Audience;
using Alerts.Subscriptions.Consent;
using Alerts.Subscriptions.Subscribers;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Bulk;

/// <summary>Goes on with bulk changes, and with undoing them. Two at once do no harm: each page begins with the cursor, under the lock of the audience.</summary>
public sealed class RunBulkChanges(SubscriptionsDb db, TimeProvider clock) : IJob
{
    private const int PageSize = 500;
    private const int AtOnce = 100;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var due = await db.BulkChanges.AsNoTracking().Where(b => b.State == BulkState.Running || b.State == BulkState.Undoing).OrderBy(b => b.Id).Take(AtOnce).Select(b => b.Id).ToListAsync(cancellationToken);
        foreach (var id in due)
        {
            while (await GoOnAsync(id, cancellationToken))
            {
                db.ChangeTracker.Clear();
            }

            db.ChangeTracker.Clear();
        }

        var before = clock.GetUtcNow() - BulkChange.Kept;
        await db.BulkChanges.Where(b => b.CreatedAt < before && b.State != BulkState.Running && b.State != BulkState.Undoing).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>One page. False when there is no more, or it was stopped.</summary>
    private async Task<bool> GoOnAsync(Guid id, CancellationToken cancellationToken)
    {
        // The name of whoever decided it stands in the record of each reader.
        var by = await db.BulkChanges.Where(b => b.Id == id).Select(b => b.By).SingleAsync(cancellationToken);
        await using var change = await AudienceChange.BeginAsync(db, clock, new ConsentSource(ConsentMeans.Admin, by), cancellationToken);
        var bulk = await db.BulkChanges.AsNoTracking().SingleAsync(b => b.Id == id, cancellationToken);
        return bulk.State switch
        {
            BulkState.Running => await ChangeAsync(bulk, change, cancellationToken),
            BulkState.Undoing => await UndoAsync(bulk, change, cancellationToken),
            _ => false,
        };
    }

    private async Task<bool> ChangeAsync(BulkChange bulk, AudienceChange change, CancellationToken cancellationToken)
    {
        var page = await db.Matching(bulk.Filter()).Where(s => s.Id > bulk.After && s.CreatedAt <= bulk.CreatedAt && s.State != SubscriberState.Erased).OrderBy(s => s.Id).Take(PageSize)
            .Include(s => s.Subscriptions.Where(held => held.ToRev == Subscription.Held)).ToListAsync(cancellationToken);
        var leftIt = bulk.Action is BulkAction.Join or BulkAction.Move ? await WhoLeftAsync(bulk.List!, page, cancellationToken) : [];
        var touched = new List<BulkTouch>();
        if (bulk.Action == BulkAction.Erase)
        {
            await db.EraseAsync(page, change, cancellationToken);
        }

        foreach (var subscriber in page)
        {
            if (bulk.Action == BulkAction.Erase || Do(bulk, subscriber, leftIt, change))
            {
                touched.Add(new BulkTouch { ChangeId = bulk.Id, SubscriberId = subscriber.Id, Revision = change.Revision });
            }
        }

        var last = page.Count < PageSize;
        var after = page.Count > 0 ? page[^1].Id : bulk.After;
        await db.BulkChanges.Where(b => b.Id == bulk.Id).ExecuteUpdateAsync(
            set => set
                .SetProperty(b => b.After, after)
                .SetProperty(b => b.Seen, b => b.Seen + page.Count)
                .SetProperty(b => b.Changed, b => b.Changed + touched.Count)
                .SetProperty(b => b.KeptOut, b => b.KeptOut + page.Count - touched.Count)
                .SetProperty(b => b.State, last ? BulkState.Done : BulkState.Running),
            cancellationToken);
        if (bulk.Action != BulkAction.Erase)
        {
            await db.InsertManyAsync(touched, cancellationToken);
        }

        await change.CommitAsync(cancellationToken);
        return !last;
    }

    /// <summary>False when she is passed over.</summary>
    private static bool Do(BulkChange bulk, Subscriber subscriber, HashSet<Guid> leftIt, AudienceChange change)
    {
        if (subscriber.State != SubscriberState.Confirmed)
        {
            return false;
        }

        var list = bulk.List!;
        var holds = subscriber.Holds.FirstOrDefault(s => s.List == list);
        switch (bulk.Action)
        {
            case BulkAction.Join when holds is null && subscriber.SuppressedAt is null && !leftIt.Contains(subscriber.Id):
                subscriber.Hold(list, bulk.Frequency!.Value, change);
                return true;
            case BulkAction.Leave when holds is not null:
                subscriber.Leave(list, change);
                return true;
            case BulkAction.Frequency when holds is not null && holds.Frequency != bulk.Frequency:
                subscriber.Hold(list, bulk.Frequency!.Value, change);
                return true;
            case BulkAction.Move when !leftIt.Contains(subscriber.Id) && list != bulk.FoundByList && subscriber.Holds.FirstOrDefault(s => s.List == bulk.FoundByList) is { } from:
                var frequency = from.Frequency;
                subscriber.Leave(bulk.FoundByList!, change);
                if (holds is null)
                {
                    subscriber.Hold(list, frequency, change);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Who of these left the list of her own will, as her record says: nobody puts her back on it.</summary>
    private async Task<HashSet<Guid>> WhoLeftAsync(string list, List<Subscriber> page, CancellationToken cancellationToken)
    {
        var ids = page.Select(s => s.Id).ToList();
        ConsentMeans[] hers = [ConsentMeans.Form, ConsentMeans.Link, ConsentMeans.Preferences];
        return await db.Consents
            .Where(c => EF.Parameter(ids).Contains(c.SubscriberId) && c.What == ConsentEvent.Left && c.List == list && hers.Contains(c.Means))
            .Select(c => c.SubscriberId).ToHashSetAsync(cancellationToken);
    }

    /// <summary>A page of those it changed: what began then ends, and what ended then is held again, unless she has chosen otherwise since.</summary>
    private async Task<bool> UndoAsync(BulkChange bulk, AudienceChange change, CancellationToken cancellationToken)
    {
        var page = await db.BulkTouches.AsNoTracking().Where(t => t.ChangeId == bulk.Id).OrderBy(t => t.SubscriberId).Take(PageSize).ToListAsync(cancellationToken);
        var ids = page.Select(t => t.SubscriberId).ToList();
        var readers = await db.Subscribers.Where(s => EF.Parameter(ids).Contains(s.Id) && s.State == SubscriberState.Confirmed).Include(s => s.Subscriptions).ToDictionaryAsync(s => s.Id, cancellationToken);
        foreach (var touch in page)
        {
            if (readers.GetValueOrDefault(touch.SubscriberId) is { } reader)
            {
                Undo(reader, touch.Revision, change);
            }
        }

        var last = page.Count < PageSize;
        await db.BulkTouches.Where(t => t.ChangeId == bulk.Id && EF.Parameter(ids).Contains(t.SubscriberId)).ExecuteDeleteAsync(cancellationToken);
        if (last)
        {
            await db.BulkChanges.Where(b => b.Id == bulk.Id).ExecuteUpdateAsync(set => set.SetProperty(b => b.State, BulkState.Undone), cancellationToken);
        }

        await change.CommitAsync(cancellationToken);
        return !last;
    }

    private static void Undo(Subscriber reader, long revision, AudienceChange change)
    {
        var began = reader.Subscriptions.Where(s => s.FromRev == revision).ToList();
        var ended = reader.Subscriptions.Where(s => s.ToRev == revision).ToList();
        if (began.Any(s => !IsHeldSince(reader, s)) || ended.Any(was => began.All(s => s.List != was.List) && reader.Subscriptions.Any(s => s.List == was.List && s.FromRev > revision)))
        {
            return;
        }

        foreach (var list in began.Select(s => s.List).Except(ended.Select(s => s.List)).ToList())
        {
            reader.Leave(list, change);
        }

        foreach (var was in ended)
        {
            reader.Hold(was.List, was.Frequency, change);
        }
    }

    /// <summary>Whether she has held it without a break, and as often, though her regions or what she allows may have changed.</summary>
    private static bool IsHeldSince(Subscriber reader, Subscription begun)
    {
        var until = begun;
        while (until.ToRev != Subscription.Held)
        {
            if (reader.Subscriptions.FirstOrDefault(s => s.List == begun.List && s.FromRev == until.ToRev) is not { } next || next.Frequency != begun.Frequency)
            {
                return false;
            }

            until = next;
        }

        return true;
    }
}
