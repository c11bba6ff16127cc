namespace Alerts.Contracts;

/// <summary>A feed was read for the first time and its posts were released together; readers get them as one digest.</summary>
/// <remarks>
/// <para>From Publishing, in the transaction of the posts. To Digests, which waits until it has filed <see cref="Posts"/> posts of this backlog
/// and then writes one digest to those who had the lists immediately; daily and weekly readers find the posts in their next digest.</para>
/// <para>Arrives at least once, in no particular order: <see cref="BacklogId"/> is the fact.</para>
/// </remarks>
[TakenBy(Services.Digests)]
public sealed record BacklogPublished
{
    public required Guid BacklogId { get; init; }

    /// <summary>How many <see cref="PostPublished"/> carry this backlog's id; 1 to 1,000.</summary>
    public required int Posts { get; init; }

    /// <summary>The feed's title, for the subject and the heading.</summary>
    public required string Title { get; init; }

    /// <summary>Slugs of the lists.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    public required long AudienceRevision { get; init; }
}
