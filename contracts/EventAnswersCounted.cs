namespace Alerts.Contracts;

/// <summary>Readers have answered whether they come; this is how the answers stand.</summary>
/// <remarks>
/// <para>From Notices, after answers, several of them in one. To Publishing, which shows the counts to editors and says "full" on the event's page.</para>
/// <para>Arrives at least once, in no particular order: the latest <see cref="CountedAt"/> wins.</para>
/// </remarks>
[TakenBy(Services.Publishing)]
public sealed record EventAnswersCounted
{
    public required Guid EventId { get; init; }

    public required int Coming { get; init; }

    public required int Maybe { get; init; }

    public required int NotComing { get; init; }

    public required DateTimeOffset CountedAt { get; init; }
}
