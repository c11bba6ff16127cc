using Alerts.Contracts;

namespace Alerts.Mailings.Layout;

/// <summary>A list that a mail's footer lets its reader leave alone.</summary>
public sealed record LeaveLink(string Name, string Slug)
{
    private const int Most = 20;

    /// <summary>For a mail of several lists, one each (twenty at most); for a mail of one none, since that is what <i>Unsubscribe</i> means there.</summary>
    public static IReadOnlyList<LeaveLink> Of(IReadOnlyCollection<AudienceList> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);

        return lists.Count < 2 ? [] : [.. lists.Take(Most).Select(l => new LeaveLink(l.Name, l.Slug))];
    }
}
