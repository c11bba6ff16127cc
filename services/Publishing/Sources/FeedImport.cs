using Alerts.Contracts;
using Alerts.Publishing.Feeds;
using Alerts.Publishing.Posts;
using Alerts.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Alerts.Publishing.Sources;

/// <summary>
/// Turns the entries of a feed into posts, all of them in one transaction. What was read before changes nothing; an edited entry corrects its post without another mail;
/// the first reading of a feed for its lists is a backlog, of which readers hear together.
/// </summary>
public sealed class FeedImport(PublishingDb db, IAudience audience, FeedFetch fetch, TimeProvider clock, IOptions<AlertsOptions> site)
{
    /// <summary>Another reading of the same feed at the same moment makes this one begin anew, and then find nothing to do.</summary>
    private const int MaxAttempts = 4;

    /// <summary>Reads a feed from a web address or from a file on this machine, and publishes what is new. For those who may read any file here.</summary>
    /// <exception cref="FeedException">One line: there is no such list, or the feed can't be read. Nothing has changed.</exception>
    public async Task<FeedImported> ImportAsync(string fileOrAddress, IReadOnlyCollection<string> lists, CancellationToken cancellationToken)
    {
        lists = KnownLists.Tidy(lists);
        await RefuseUnknownAsync(lists, cancellationToken);
        if (Uri.TryCreate(fileOrAddress, UriKind.Absolute, out var address) && WebAddress.IsWeb(address))
        {
            var fetched = await fetch.FetchAsync(address, null, cancellationToken);
            return await ImportAsync(fetched.Feed!, new FeedOrigin { Address = address, Lists = lists }, cancellationToken);
        }

        var feed = await fetch.ReadFileAsync(fileOrAddress, cancellationToken);
        return await ImportAsync(feed, new FeedOrigin { FileName = Path.GetFileName(fileOrAddress), Lists = lists }, cancellationToken);
    }

    /// <summary>Takes in a feed that has been read.</summary>
    /// <exception cref="FeedException">There is no such list. Nothing has changed.</exception>
    internal async Task<FeedImported> ImportAsync(Feed feed, FeedOrigin origin, CancellationToken cancellationToken)
    {
        await RefuseUnknownAsync(origin.Lists, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            db.ChangeTracker.Clear();
            try
            {
                var imported = await StageAsync(feed, origin, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                return imported;
            }
            catch (DbUpdateException) when (attempt < MaxAttempts)
            {
                // A unique index or a concurrency token: somebody else was faster. All of it was rolled back.
            }
        }
    }

    private async Task<FeedImported> StageAsync(Feed feed, FeedOrigin origin, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var known = await FindAsync(feed, origin, cancellationToken);
        var before = await KnownEntriesAsync(known, feed, cancellationToken);
        var added = OldestFirst(feed.Entries.Where(entry => !before.ContainsKey(entry.Key)));
        var isFirst = known is null && added.Count > 0;
        if (isFirst)
        {
            known = Remember(feed, origin, now);
        }

        known?.FoundAt(ImportedFeed.AddressOf(origin.Address));

        // Readers hear of a first reading together; of one post they hear as of any other.
        Guid? backlogId = isFirst && origin.Publish && added.Count > 1 ? Guid.CreateVersion7(now) : null;
        var revision = origin.Publish && added.Count > 0 ? await audience.CurrentRevisionAsync(cancellationToken) : 0;
        var posts = added.Select((entry, place) => Add(entry, known!.Id, place + 1, added.Count, backlogId, origin, revision, now)).ToList();
        if (backlogId is { } id)
        {
            db.Enqueue(new BacklogPublished { BacklogId = id, Posts = posts.Count, Title = feed.Title, Lists = posts[0].Lists, AudienceRevision = revision }, now);
        }

        var (updated, skipped) = await CorrectAsync(feed, before, now, cancellationToken);
        return new FeedImported
        {
            FeedId = known?.Id,
            Title = feed.Title,
            Imported = posts.Count,
            Updated = updated,
            Skipped = skipped,
            Unchanged = feed.Entries.Count - posts.Count - updated - skipped,
            BacklogId = backlogId,
            Notes = feed.Notes,
        };
    }

    /// <summary>The feed as it was read before, or null when this is the first time.</summary>
    private async Task<ImportedFeed?> FindAsync(Feed feed, FeedOrigin origin, CancellationToken cancellationToken)
    {
        if (origin.FeedId is { } id && await db.ImportedFeeds.FindAsync([id], cancellationToken) is { } followed)
        {
            return followed;
        }

        var lists = ImportedFeed.ListsOf(origin.Lists);
        var address = ImportedFeed.AddressOf(origin.Address);
        var identity = ImportedFeed.IdentityOf(feed, origin.Address, origin.FileName);
        return await db.ImportedFeeds.Where(f => f.Lists == lists && ((address != null && f.Address == address) || f.Identity == identity))
            .OrderByDescending(f => f.Address == address).FirstOrDefaultAsync(cancellationToken);
    }

    private ImportedFeed Remember(Feed feed, FeedOrigin origin, DateTimeOffset now)
    {
        var known = new ImportedFeed
        {
            Id = Guid.CreateVersion7(now),
            Identity = ImportedFeed.IdentityOf(feed, origin.Address, origin.FileName),
            Lists = ImportedFeed.ListsOf(origin.Lists),
            Title = feed.Title,
            FirstReadAt = now,
        };
        db.ImportedFeeds.Add(known);
        return known;
    }

    private async Task<Dictionary<string, KnownEntry>> KnownEntriesAsync(ImportedFeed? known, Feed feed, CancellationToken cancellationToken)
    {
        if (known is null)
        {
            return [];
        }

        List<string> keys = [.. feed.Entries.Select(entry => entry.Key)];
        return await db.Posts.AsNoTracking().Where(p => p.FeedId == known.Id && keys.Contains(p.EntryKey!))
            .Select(p => new KnownEntry(p.Id, p.EntryKey!, p.Fingerprint, p.State)).ToDictionaryAsync(entry => entry.Key, cancellationToken);
    }

    /// <summary>By date where all have one; else as the feed lists them, which is the newest first.</summary>
    private static List<FeedEntry> OldestFirst(IEnumerable<FeedEntry> newestFirst)
    {
        var entries = newestFirst.Reverse().ToList();
        return entries.TrueForAll(entry => DateOf(entry) is not null) ? [.. entries.OrderBy(DateOf)] : entries;
    }

    private static DateTimeOffset? DateOf(FeedEntry entry) => entry.Published ?? entry.Updated;

    private Post Add(FeedEntry entry, Guid feedId, int ordinal, int count, Guid? backlogId, FeedOrigin origin, long revision, DateTimeOffset now)
    {
        var post = new Post
        {
            // A millisecond apart, so that lists by id show them in their order too.
            Id = Guid.CreateVersion7(now.AddMilliseconds(ordinal - count)),
            CreatedAt = now,
            FeedId = feedId,
            EntryKey = entry.Key,
            DatedAt = DateOf(entry),
            Ordinal = ordinal,
            BacklogId = backlogId,
        };
        post.Write(PostContent.Of(entry), now);
        post.Tag(entry.Tags);
        post.Address(origin.Lists.Order(StringComparer.Ordinal), urgent: false);
        post.ReadAs(entry.Fingerprint);
        db.Posts.Add(post);
        if (origin.Publish && post.Publish(now, revision))
        {
            db.Enqueue(post.ToPublished(site.Value), now);
        }

        return post;
    }

    /// <summary>Brings the posts of edited entries up to date.</summary>
    private async Task<(int Updated, int Skipped)> CorrectAsync(Feed feed, Dictionary<string, KnownEntry> before, DateTimeOffset now, CancellationToken cancellationToken)
    {
        int updated = 0, skipped = 0;
        foreach (var entry in feed.Entries)
        {
            if (!before.TryGetValue(entry.Key, out var known) || known.Fingerprint == entry.Fingerprint)
            {
                continue;
            }

            if (known.State is PostState.Withdrawn || await db.Posts.FindAsync([known.PostId], cancellationToken) is not { } post)
            {
                skipped++;
                continue;
            }

            post.ReadAs(entry.Fingerprint);
            post.Tag(entry.Tags);
            if (post.Write(PostContent.Of(entry), now))
            {
                updated++;
                if (post.State is PostState.Published)
                {
                    db.Enqueue(post.ToCorrected(site.Value, mail: false), now);
                }
            }
        }

        return (updated, skipped);
    }

    private async Task RefuseUnknownAsync(IReadOnlyCollection<string> lists, CancellationToken cancellationToken)
    {
        if (lists.Count == 0)
        {
            throw new FeedException("Name the list whose readers get the posts.");
        }

        if (await audience.UnknownAsync(lists, cancellationToken) is { } unknown)
        {
            throw new FeedException(unknown);
        }
    }

    private sealed record KnownEntry(Guid PostId, string Key, string? Fingerprint, PostState State);
}
