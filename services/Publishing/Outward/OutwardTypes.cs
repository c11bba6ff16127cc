namespace Alerts.Publishing.Outward;

/// <summary>What may have happened, each with the version of its shape.</summary>
public static class OutwardTypes
{
    public const string PostPublished = "post.published.v1";
    public const string PostCorrected = "post.corrected.v1";
    public const string PostWithdrawn = "post.withdrawn.v1";
    public const string EventAnnounced = "event.announced.v1";
    public const string EventChanged = "event.changed.v1";
    public const string EventCancelled = "event.cancelled.v1";

    /// <summary>Goes to one webhook only, to try it.</summary>
    public const string Test = "test.v1";

    /// <summary>What takers may choose from, with what it means.</summary>
    public static IReadOnlyList<(string Type, string Meaning)> All { get; } =
    [
        (PostPublished, "A post is published"),
        (PostCorrected, "A published post is corrected"),
        (PostWithdrawn, "A published post is withdrawn"),
        (EventAnnounced, "An event is announced"),
        (EventChanged, "An announced event is changed"),
        (EventCancelled, "An announced event is cancelled"),
    ];
}
