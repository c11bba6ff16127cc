using Alerts.Contracts;
using Alerts.Digests.Cuts;
using Alerts.Digests.Readers;
using Alerts.Tests.Unit.Mailings;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>The rules alone, on lists instead of tables: who is owed what (<see cref="Owed"/>), whose turn it is (<see cref="ReaderTurn"/>), when (<see cref="Due"/>, <see cref="Reader"/>).</summary>
internal sealed class RulesAtWork : IDigestsAtWork
{
    private readonly Dictionary<Guid, Reader> readers = [];
    private readonly Dictionary<Guid, Filed> known = [];
    private readonly List<Filed> filed = [];
    private readonly List<(Guid Reader, IReadOnlyList<(int Number, int? Version)> Posts)> mails = [];
    private long lastSeq;
    private long revision;
    private Guid after;
    private long stragglersSeq;
    private DateTimeOffset? followedAt;
    private DateTimeOffset? sweptAt;

    public AudienceModel Audience { get; } = new();

    public FakeTimeProvider Clock { get; } = new(Given.Now);

    public Task TakeAsync(PostPublished published)
    {
        var post = FindOrFile(published.PostId);
        if (post.Seq == 0)
        {
            post.Seq = ++lastSeq;
            post.Version = Math.Max(post.Version, published.Version);
            (post.Revision, post.Lists, post.Urgent) = (published.AudienceRevision, published.Lists, published.Urgent);
            filed.Add(post);
        }

        return Task.CompletedTask;
    }

    public Task TakeAsync(PostCorrected corrected)
    {
        var post = FindOrFile(corrected.PostId);
        post.Version = Math.Max(post.Version, corrected.Version);
        return Task.CompletedTask;
    }

    public Task TakeAsync(PostWithdrawn withdrawn)
    {
        FindOrFile(withdrawn.PostId).Withdrawn = true;
        return Task.CompletedTask;
    }

    public Task SweepAsync(bool now, Random random)
    {
        var time = Clock.GetUtcNow();
        if (sweptAt > time)
        {
            foreach (var reader in readers.Values.Where(r => r.DailyDueAt > time.AddDays(3) || r.WeeklyDueAt > time.AddDays(10)))
            {
                reader.Reschedule(time);
            }
        }

        sweptAt = time;
        Follow(time);
        FindStragglers(time);
        if (now)
        {
            Cut(CutCause.Now, time);
        }

        Cut(CutCause.Scheduled, time);
        return Task.CompletedTask;
    }

    public Task<List<(Guid Reader, IReadOnlyList<(int Number, int? Version)> Posts)>> NewMailsAsync()
    {
        var news = mails.ToList();
        mails.Clear();
        return Task.FromResult(news);
    }

    public Task<long> PurgeAsync()
    {
        var passed = readers.Values.Where(r => r.DueAt is not null).Select(r => Math.Min(r.DailyCursor, r.WeeklyCursor)).DefaultIfEmpty(0).Min();
        foreach (var post in filed.Where(p => p.Seq <= passed && p.Revision <= revision))
        {
            known.Remove(post.Id);
        }

        filed.RemoveAll(p => p.Seq <= passed && p.Revision <= revision);
        return Task.FromResult(filed.Select(p => p.Revision).Append(revision).Min());
    }

    private Filed FindOrFile(Guid id) => known.TryGetValue(id, out var post) ? post : known[id] = new Filed { Id = id };

    private void Follow(DateTimeOffset now)
    {
        var since = followedAt < now ? followedAt.Value : now;
        var start = filed.Find(p => p.Revision >= revision) is { } first ? first.Seq - 1 : lastSeq;
        foreach (var change in Audience.Changed(revision, after).ToList())
        {
            if (!readers.TryGetValue(change.SubscriberId, out var reader))
            {
                if (!change.Daily && !change.Weekly && !Audience.Rows(change.SubscriberId).Any(r => r.Frequency != Frequency.Immediate && r.ToRevision > revision))
                {
                    continue;
                }

                reader = new Reader
                {
                    SubscriberId = change.SubscriberId,
                    Zone = change.Zone,
                    Hour = change.Hour,
                    Weekday = change.Weekday,
                    Daily = change.Daily,
                    Weekly = change.Weekly,
                    Revision = change.Revision,
                    DailyCursor = start,
                    WeeklyCursor = start,
                };
                readers[change.SubscriberId] = reader;
            }

            reader.Follow(change, since, now);
            (revision, after) = (change.Revision, change.SubscriberId);
        }

        followedAt = now;
    }

    private void FindStragglers(DateTimeOffset now)
    {
        if (lastSeq > stragglersSeq && filed.Where(p => p.Seq > stragglersSeq).Select(p => (long?)p.Revision).Min() is { } earliest)
        {
            foreach (var reader in readers.Values.Where(r => r.DueAt is null && r.Revision > earliest))
            {
                reader.SetDue(reader.PausedUntil > now ? reader.PausedUntil : now, null);
            }
        }

        stragglersSeq = lastSeq;
    }

    private void Cut(CutCause cause, DateTimeOffset now)
    {
        var cut = new Cut { Id = Guid.Empty, Cause = cause, Serves = Served.Both, StartedAt = now, UpToSeq = lastSeq };
        foreach (var reader in readers.Values.Where(r => cause == CutCause.Now ? !(r.PausedUntil > now) : r.DueAt <= now))
        {
            var turn = ReaderTurn.Of(reader, cut, (zone, hour, weekday) => Due.Next(zone, hour, weekday, now));
            var posts = filed.Where(p => p.Seq > turn.After && !p.Withdrawn).Select(p => new OwedPost(p.Seq, p.Id, p.Version, p.Revision, p.Lists, p.Urgent)).ToList();
            var owed = Owed.To(Audience.Rows(reader.SubscriberId), posts, turn.Daily, turn.Weekly);
            if (owed.Posts.Count > 0 && !owed.Left)
            {
                mails.Add((reader.SubscriberId, [.. owed.Posts.Select(p => (Given.NumberOf(p.PostId), (int?)p.Version))]));
            }

            turn.Move.Make(reader, cut.UpToSeq);
        }
    }

    private sealed class Filed
    {
        public required Guid Id { get; init; }

        public long Seq { get; set; }

        public int Version { get; set; }

        public long Revision { get; set; }

        public IReadOnlyList<string> Lists { get; set; } = [];

        public bool Urgent { get; set; }

        public bool Withdrawn { get; set; }
    }
}
