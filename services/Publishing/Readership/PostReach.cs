using Alerts.Contracts;
using Alerts.Publishing.Posts;
using Microsoft.EntityFrameworkCore;

namespace Alerts.Publishing.Readership;

/// <summary>Who would get a post, were it published now, and how long that takes.</summary>
/// <param name="Audience">By list, frequency and region.</param>
/// <param name="AtOnce">Mails that leave at once.</param>
/// <param name="Takes">How long sending those takes at the rate of the latest mailings (seconds). Null: nothing of the kind has been sent lately.</param>
/// <param name="Usual">How many mails such a post usually means: the median of the latest. Null: there were none.</param>
public sealed record PostReach(AudienceEstimate Audience, long AtOnce, double? Takes, long? Usual)
{
    /// <summary>Fewer than these are no reason to ask.</summary>
    private const long Few = 100;

    private const int Tenfold = 10;

    /// <summary>So many more than usual that an editor is asked whether she means it.</summary>
    public bool IsUnusual => AtOnce >= Few && Usual is { } usual && AtOnce >= usual * Tenfold;
}

/// <summary>Tells editors who gets a post before they publish it.</summary>
internal sealed class ReachEstimate(PublishingDb db, IAudience audience)
{
    private const int Latest = 20;

    /// <summary>Too small a mailing says nothing about speed.</summary>
    private const long Telling = 100;

    public async Task<PostReach> OfAsync(IReadOnlyCollection<string> lists, bool urgent, CancellationToken cancellationToken)
    {
        var counted = await audience.EstimateAsync(lists, cancellationToken);
        var atOnce = urgent ? counted.Urgent : counted.AtOnce;
        var latest = await db.PostDeliveries.AsNoTracking().Where(d => d.Recipients > 0 && d.LastAt != null).OrderByDescending(d => d.LastAt).Take(Latest).ToListAsync(cancellationToken);
        return new PostReach(counted, atOnce, Takes(atOnce, latest), latest.Count == 0 ? null : latest.Select(d => d.Recipients).Order().ElementAt(latest.Count / 2));
    }

    private static double? Takes(long mails, List<PostDelivery> latest)
    {
        var rates = latest.Where(d => d is { FirstAt: not null, LastAt: not null } && d.Accepted >= Telling && d.LastAt > d.FirstAt)
            .Select(d => d.Accepted / (d.LastAt!.Value - d.FirstAt!.Value).TotalSeconds).Order().ToList();
        return rates.Count == 0 ? null : mails / rates[rates.Count / 2];
    }
}
