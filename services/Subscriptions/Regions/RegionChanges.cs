using Microsoft.EntityFrameworkCore;

namespace Alerts.Subscriptions.Regions;

/// <summary>What admins do with regions, on the page and through the API; problems were looked at before.</summary>
internal static class RegionChanges
{
    /// <summary>Adds a region, or brings back one that was removed. Null when there is one of this slug.</summary>
    public static async Task<Region?> AddRegionAsync(this SubscriptionsDb db, NewRegion wanted, CancellationToken cancellationToken)
    {
        var known = await KnownRegions.LoadAsync(db, cancellationToken);
        if (known.Find(wanted.Slug!) is { } there)
        {
            if (!there.Removed)
            {
                return null;
            }

            var back = await db.Regions.SingleAsync(r => r.Slug == there.Slug, cancellationToken);
            back.RemovedAt = null;
            await db.ChangeRegionAsync(back, wanted with { Parent = wanted.Parent ?? "" }, cancellationToken);
            return back;
        }

        var added = db.Regions.Add(new Region { Slug = wanted.Slug!, Name = wanted.Name!.Trim(), Parent = string.IsNullOrEmpty(wanted.Parent) ? null : known.Find(wanted.Parent)!.Slug });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return added.Entity;
        }
        catch (DbUpdateException)
        {
            // Two added it together; the key let one through. Anything else is no matter of ours.
            added.State = EntityState.Detached;
            if (await db.Regions.AnyAsync(r => r.Slug == wanted.Slug, cancellationToken))
            {
                return null;
            }

            throw;
        }
    }

    /// <summary>Changes what is given.</summary>
    public static async Task ChangeRegionAsync(this SubscriptionsDb db, Region region, NewRegion to, CancellationToken cancellationToken)
    {
        region.Name = to.Name?.Trim() ?? region.Name;
        region.Parent = to.Parent switch
        {
            null => region.Parent,
            "" => null,
            var parent => (await KnownRegions.LoadAsync(db, cancellationToken)).Find(parent)!.Slug,
        };
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>It can no longer be chosen. False when there is none of this slug.</summary>
    public static async Task<bool> RemoveRegionAsync(this SubscriptionsDb db, string slug, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await db.Regions.FindAsync([slug], cancellationToken) is not { } region)
        {
            return false;
        }

        region.RemovedAt ??= now;
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }
}
