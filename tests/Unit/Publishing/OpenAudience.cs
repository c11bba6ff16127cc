using Alerts.Contracts;

namespace Alerts.Tests.Unit.Publishing;

/// <summary>An audience with two public lists and two private ones, and nobody on them: who reads isn't the point here.</summary>
internal sealed class OpenAudience : IAudience
{
    private static readonly AudienceList[] Lists =
        [new("refugees", "Refugees", "News of refugees", true), new("releases", "Releases", "", true), new("staff", "Staff", "", false), new("alarm", "Alarm", "", false, FourEyes: true)];

    public long Revision { get; set; } = 7;

    /// <summary>What is said of any lists.</summary>
    public AudienceEstimate Estimate { get; set; } = new(0, 0, 0, 0, 0, new Dictionary<string, long>(), [], true);

    public Task<AudienceEstimate> EstimateAsync(IReadOnlyCollection<string> lists, CancellationToken cancellationToken) => Task.FromResult(Estimate);

    public Task<long> CurrentRevisionAsync(CancellationToken cancellationToken) => Task.FromResult(Revision);

    public Task<IReadOnlyList<AudienceList>> ListsAsync(IReadOnlyCollection<string>? slugs, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AudienceList>>([.. Lists.Where(list => slugs is null || slugs.Contains(list.Slug))]);

    public Task<IReadOnlyList<Candidate>> PageAsync(
        IReadOnlyCollection<string> lists, Frequency? frequency, long revision, Guid after, int size, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AudienceRegion>> RegionsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AudienceRegion>>([new("KR", "Korea", null), new("seoul", "Seoul", "KR"), new("US-NY", "New York", null)]);

    public Task<IReadOnlyList<Candidate>> NoticePageAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> regions, long revision, Guid after, int size, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<DigestReader>> ChangedAsync(long revision, Guid after, int size, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<HeldSubscription>> HeldAsync(IReadOnlyCollection<Guid> subscribers, long sinceRevision, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<Guid, Reachable>> StillWantedAsync(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<Guid> subscribers, CancellationToken cancellationToken) => throw new NotSupportedException();
}
