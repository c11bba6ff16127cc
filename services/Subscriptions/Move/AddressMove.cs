using System.Globalization;
using Alerts.ServiceDefaults.Links;

namespace Alerts.Subscriptions.Move;

/// <summary>A reader's wish to be written to elsewhere: it comes true when both addresses have said yes, so that neither a lost link nor a typing error takes her mail away.</summary>
/// <param name="Address">The new one, as she gave it.</param>
/// <param name="AskedAt">The links of an earlier wish no longer hold.</param>
/// <param name="Times">How often she has asked of late, this one included.</param>
public sealed record AddressMove(string Address, DateTimeOffset AskedAt, int Times, bool OldAgrees, bool NewAgrees)
{
    /// <summary>Then the links lapse, and she stays where she is.</summary>
    public static readonly TimeSpan Lapse = TimeSpan.FromDays(2);
}

/// <summary>What the link in one of the two mails says.</summary>
/// <param name="FromOld">It was sent to the address she has; false: to the one she wants.</param>
public sealed record MoveLink(Guid SubscriberId, bool FromOld, DateTimeOffset AskedAt)
{
    private const string Old = "old";
    private const string New = "new";

    public static string Path(LinkTokens tokens, Guid subscriber, bool fromOld, DateTimeOffset askedAt)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return "/move/" + tokens.Create(LinkPurpose.Move, subscriber, string.Create(CultureInfo.InvariantCulture, $"{(fromOld ? Old : New)}:{askedAt.UtcTicks}"));
    }

    /// <summary>Null when it isn't one of ours.</summary>
    public static MoveLink? Read(LinkTokens tokens, string? token)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return tokens.Read(token, LinkPurpose.Move) is { } link && link.Detail.Split(':') is [Old or New, var ticks] parts
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new MoveLink(link.SubscriberId, parts[0] == Old, new DateTimeOffset(at, TimeSpan.Zero))
            : null;
    }
}
