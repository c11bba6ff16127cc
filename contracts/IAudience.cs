namespace Alerts.Contracts;

/// <summary>How often a reader wants a list. Lower is faster; a reader gets a post by her fastest matching subscription.</summary>
public enum Frequency
{
    Immediate = 0,
    Daily = 1,
    Weekly = 2,
}

/// <summary>
/// Who reads: the one thing read across services. Subscriptions owns and writes the rows; this may be asked in any process.
/// </summary>
/// <remarks>
/// Each change to a subscription raises the revision by one and revisions commit in order, so a question <em>as of a revision</em> has the same answer however late
/// and often it is asked, and by whom. Every call is one short read; none holds a transaction open.
/// </remarks>
public interface IAudience
{
    /// <summary>The latest committed revision; 0 before the first change.</summary>
    Task<long> CurrentRevisionAsync(CancellationToken cancellationToken);

    /// <summary>The lists of these slugs that exist; unknown slugs are left out. At most 1,000 are returned. All lists when <paramref name="slugs"/> is null.</summary>
    Task<IReadOnlyList<AudienceList>> ListsAsync(IReadOnlyCollection<string>? slugs, CancellationToken cancellationToken);

    /// <summary>
    /// The next readers, by id, whose fastest subscription among <paramref name="lists"/> was <paramref name="frequency"/> at <paramref name="revision"/>.
    /// Those who may get no mail now come along with the reason, so that candidates can be counted.
    /// </summary>
    /// <param name="frequency">Null: whatever the frequency (urgent posts); then only those who allowed urgent posts at once, or have everything at once anyway.</param>
    /// <param name="after">The last id of the page before; <see cref="Guid.Empty"/> for the first.</param>
    /// <param name="size">1 to 500.</param>
    Task<IReadOnlyList<Candidate>> PageAsync(
        IReadOnlyCollection<string> lists, Frequency? frequency, long revision, Guid after, int size, CancellationToken cancellationToken);

    /// <summary>The regions that admins have set up, removed ones included, by slug: at most 5,000. See <see cref="RegionTree"/> for who is in which.</summary>
    Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The next readers, by id, who held one of <paramref name="lists"/> at <paramref name="revision"/>, whatever the frequency, allowed notices about events then, and were
    /// in one of the regions. The tree of regions is taken as it is now.
    /// </summary>
    /// <param name="regions">Slugs; empty: everywhere.</param>
    /// <param name="after">The last id of the page before; <see cref="Guid.Empty"/> for the first.</param>
    /// <param name="size">1 to 500. Fewer come only at the end.</param>
    Task<IReadOnlyList<Candidate>> NoticePageAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, Guid after, int size, CancellationToken cancellationToken);

    /// <summary>
    /// Readers whose subscriptions, regions, allowances or schedule changed after <paramref name="revision"/>, in order of (revision, id): what a digest needs to know when each is due.
    /// </summary>
    /// <param name="revision">With <paramref name="after"/>, the place reached: the revision and id of the last reader returned before.</param>
    /// <param name="size">1 to 2,000.</param>
    Task<IReadOnlyList<DigestReader>> ChangedAsync(long revision, Guid after, int size, CancellationToken cancellationToken);

    /// <summary>
    /// The subscriptions of these readers, past and present, that were held at or after <paramref name="sinceRevision"/>.
    /// </summary>
    /// <param name="subscribers">At most 500.</param>
    Task<IReadOnlyList<HeldSubscription>> HeldAsync(IReadOnlyCollection<Guid> subscribers, long sinceRevision, CancellationToken cancellationToken);

    /// <summary>
    /// How many readers hold one of <paramref name="lists"/> now, and how: quickly, for whoever is about to write to them. Lists are counted; what readers have in common
    /// is estimated from a sample where there are many. An answer may be some seconds old.
    /// </summary>
    Task<AudienceEstimate> EstimateAsync(IReadOnlyCollection<string> lists, CancellationToken cancellationToken);

    /// <summary>
    /// Asked just before mails leave: who of these still holds one of <paramref name="lists"/> now, may get mail, and at what address? Whoever isn't in the answer
    /// with an address gets nothing.
    /// </summary>
    /// <param name="lists">Empty for transactional mail: then being a known, unsuppressed subscriber is enough, confirmed or not.</param>
    /// <param name="subscribers">At most 500.</param>
    Task<IReadOnlyDictionary<Guid, Reachable>> StillWantedAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken);
}

/// <summary>A list as others see it.</summary>
/// <param name="InArchive">Whether what is published on it stands in the public archive and feeds, where it is public.</param>
/// <param name="SenderName">The name its mails come from; null: the common one.</param>
/// <param name="FourEyes">Whether a second member of the staff must look at urgent posts before they go out.</param>
public sealed record AudienceList(string Slug, string Name, string Description, bool Public, bool InArchive = true, string? SenderName = null, bool FourEyes = false)
{
    /// <summary>The sender's name of a mail for these lists: the one they share, else null.</summary>
    public static string? SharedSenderName(IReadOnlyCollection<AudienceList> lists) => lists.Select(l => l.SenderName).Distinct().Take(2).ToList() is [{ } name] ? name : null;
}

/// <summary>A reader a mailing concerns.</summary>
/// <param name="Excluded">Why she gets no mail now, one of <see cref="Exclusion"/>; null when she does.</param>
public sealed record Candidate(Guid SubscriberId, string? Name, string? Excluded);

/// <summary>When a reader has her digests. <see cref="Hour"/> (0–23) and <see cref="Weekday"/> are local to <see cref="Zone"/>.</summary>
/// <param name="Revision">The revision of the change that put her here.</param>
/// <param name="Zone">IANA zone id.</param>
/// <param name="Daily">She holds a daily subscription now.</param>
/// <param name="Weekly">She holds a weekly subscription now.</param>
/// <param name="HadDigest">She holds a daily or weekly subscription, or held one at or after the revision that was asked from.</param>
/// <param name="Regions">Slugs of the regions she is in; empty: anywhere. See <see cref="RegionTree"/>.</param>
/// <param name="PausedUntil">She wants no mail until then (UTC). Null: no pause.</param>
public sealed record DigestReader(Guid SubscriberId, long Revision, string Zone, int Hour, DayOfWeek Weekday, bool Daily, bool Weekly, bool HadDigest, IReadOnlyList<string> Regions, DateTimeOffset? PausedUntil = null);

/// <summary>A subscription held from <see cref="FromRevision"/> on and no more from <see cref="ToRevision"/> on (<see cref="long.MaxValue"/>: still held).</summary>
/// <param name="Urgent">Whether urgent posts reach her at once. Who doesn't allow it has them as often as everything else.</param>
public sealed record HeldSubscription(Guid SubscriberId, string List, Frequency Frequency, long FromRevision, long ToRevision, bool Urgent = true);

/// <summary>How many readers lists have, each counted once, by her fastest subscription.</summary>
/// <param name="Urgent">Whom an urgent post reaches at once.</param>
/// <param name="NoMail">Who holds a list and gets no mail now (see <see cref="Exclusion"/>); in none of the numbers before.</param>
/// <param name="ByList">Who holds each list, by slug, whether or not she gets mail now. Exact up to some tens of thousands, estimated beyond.</param>
/// <param name="ByRegion">The regions with the most of these readers, largest first.</param>
/// <param name="IsExact">Nothing was estimated.</param>
public sealed record AudienceEstimate(
    long AtOnce, long Daily, long Weekly, long Urgent, long NoMail, IReadOnlyDictionary<string, long> ByList, IReadOnlyList<RegionReaders> ByRegion, bool IsExact);

/// <summary>How many of the readers are in a region.</summary>
public sealed record RegionReaders(string Region, string Name, long Readers);

/// <summary>Where to reach a reader now, or why not.</summary>
/// <param name="Address">Null when she may get nothing; then <paramref name="Excluded"/> says why.</param>
/// <param name="Excluded">One of <see cref="Exclusion"/>.</param>
public sealed record Reachable(string? Address, string? Excluded);

/// <summary>Why a candidate gets no mail.</summary>
public static class Exclusion
{
    /// <summary>She left, or no longer holds any of the lists.</summary>
    public const string Unsubscribed = "unsubscribed";

    /// <summary>Her address bounced or she complained.</summary>
    public const string Suppressed = "suppressed";

    /// <summary>She asked for no mail until a date.</summary>
    public const string Paused = "paused";

    /// <summary>She is among the mailing's recipients already.</summary>
    public const string Twice = "twice";
}
