using Alerts.Contracts;
using Alerts.Tests.Unit.Mailings;
using Microsoft.Extensions.Time.Testing;

namespace Alerts.Tests.Unit.Digests.Histories;

/// <summary>What a <see cref="History"/> happens to: the rules alone, or the whole service.</summary>
internal interface IDigestsAtWork
{
    AudienceModel Audience { get; }

    FakeTimeProvider Clock { get; }

    Task TakeAsync(PostPublished published);

    Task TakeAsync(PostCorrected corrected);

    Task TakeAsync(PostWithdrawn withdrawn);

    /// <summary>Cuts what is due; with <paramref name="now"/> whatever is owed. Returns once it is done, however often the process ended on the way.</summary>
    Task SweepAsync(bool now, Random random);

    /// <summary>Who got which posts, in which version, since the last look.</summary>
    Task<List<(Guid Reader, IReadOnlyList<(int Number, int? Version)> Posts)>> NewMailsAsync();

    /// <summary>Forgets what nobody is owed any more. Returns the earliest revision that it may still ask for.</summary>
    Task<long> PurgeAsync();
}
