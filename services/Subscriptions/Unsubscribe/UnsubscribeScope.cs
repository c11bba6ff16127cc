using Alerts.Contracts;

namespace Alerts.Subscriptions.Unsubscribe;

/// <summary>
/// What an unsubscribe link ends, written in its token as <c>{kind}:{slug,slug,…}</c>: a digest's link her daily and weekly subscriptions to the lists it carries, any
/// other her subscriptions to its lists. <c>{kind}:*</c> stands for all lists, where their slugs would be too long for a link.
/// </summary>
/// <param name="Kind">One of <see cref="MailingKind"/>.</param>
/// <param name="Lists">Null: all lists.</param>
public sealed record UnsubscribeScope(string Kind, IReadOnlyCollection<string>? Lists)
{
    /// <summary>Null when the detail isn't one of an unsubscribe link.</summary>
    public static UnsubscribeScope? Read(string? detail) => detail?.Split(':', 2) switch
    {
        [{ Length: > 0 } kind, "*"] => new UnsubscribeScope(kind, null),
        [{ Length: > 0 } kind, { Length: > 0 } slugs] => new UnsubscribeScope(kind, slugs.Split(',', StringSplitOptions.RemoveEmptyEntries)),
        _ => null,
    };

    /// <summary>The part of it that is one list, which a link may name behind its token; null when the link doesn't speak of that list.</summary>
    public UnsubscribeScope? Only(string? list) => string.IsNullOrEmpty(list) ? this : Lists is null || Lists.Contains(list) ? this with { Lists = [list] } : null;

    public bool Covers(string list, Frequency frequency) =>
        (Lists is null || Lists.Contains(list)) && (Kind != MailingKind.Digest || frequency != Frequency.Immediate);
}
